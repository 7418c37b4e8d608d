package ecsapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Account is what an account has beside ECS, as far as services stand on it.
// Whoever serves a backend fills it in; nothing changes it while it is served.
// Without one, the services that it is read with are not there.
type Account struct {
	Roles          []Role
	Secrets        []Secret
	Parameters     []string // names, of Systems Manager
	LogGroups      []string // besides those that task definitions name
	Subnets        []Subnet
	SecurityGroups []SecurityGroup
	TargetGroups   []backend.TargetGroup // besides those that services name
}

// Role is a role of IAM. Trust is its trust policy, as JSON.
type Role struct{ Name, Trust string }

// Secret is a secret of Secrets Manager. Its value is not kept.
type Secret struct {
	ARN, Name string
	Stages    map[string][]string // by version; nil is one version that is AWSCURRENT
	Deleted   bool                // it waits for the end of its recovery window
}

// Subnet is a part of a VPC's network.
type Subnet struct {
	ID, VPC string
	Public  bool // what starts in it gets a public address by itself
	Free    int  // addresses
}

// SecurityGroup is a firewall of a VPC.
type SecurityGroup struct{ ID, Name, VPC string }

// Trusting is a trust policy that lets a service of AWS assume the role:
// "ecs-tasks.amazonaws.com".
func Trusting(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`
}

// beside are the services that an account is read with.
func (h *Handler) beside(a *Account) map[string]map[string]operation {
	if a == nil {
		return nil
	}
	return map[string]map[string]operation{
		serviceIAM: {"GetRole": typed(func(ctx context.Context, in *roleInput) (any, error) { return h.getRole(ctx, a, in) })},
		serviceSM:  {"DescribeSecret": typed(a.describeSecret)},
		serviceSSM: {"DescribeParameters": typed(a.describeParameters)},
		serviceEC2: {"DescribeSubnets": typed(a.describeSubnets), "DescribeSecurityGroups": typed(a.describeSecurityGroups)},
	}
}

type roleInput struct {
	Name string `json:"RoleName"`
}

func (h *Handler) getRole(ctx context.Context, a *Account, in *roleInput) (any, error) {
	for _, r := range a.Roles {
		if r.Name == in.Name {
			p, err := h.place(ctx)
			if err != nil {
				return nil, err
			}
			return obj{"Role": obj{
				"RoleName": r.Name, "Path": "/", "RoleId": "AROA" + strings.ToUpper(r.Name), "CreateDate": stamp(h.clock.Now()),
				"Arn": "arn:aws:iam::" + p.account + ":role/" + r.Name, "AssumeRolePolicyDocument": url.QueryEscape(r.Trust),
			}}, nil
		}
	}
	return nil, failf(http.StatusNotFound, "NoSuchEntity", "The role with name %s cannot be found.", backend.Clean(in.Name))
}

func (a *Account) describeSecret(_ context.Context, in *struct {
	ID string `json:"SecretId"`
},
) (any, error) {
	for _, s := range a.Secrets {
		// An ARN may be given without the six characters that AWS adds to the name.
		partial := len(s.ARN) == len(in.ID)+len("-AbCdEf") && strings.HasPrefix(s.ARN, in.ID+"-")
		if in.ID != s.ARN && in.ID != s.Name && !partial {
			continue
		}
		stages := obj{"11111111-1111-4111-8111-111111111111": []string{"AWSCURRENT"}}
		if s.Stages != nil {
			stages = obj{}
			for id, labels := range s.Stages {
				stages[id] = labels
			}
		}
		out := obj{"ARN": s.ARN, "Name": s.Name, "VersionIdsToStages": stages}
		if s.Deleted {
			out["DeletedDate"] = 1772452800
		}
		return out, nil
	}
	return nil, failf(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

func (a *Account) describeParameters(_ context.Context, in *struct {
	Filters []struct {
		Key, Option string
		Values      []string
	} `json:"ParameterFilters"`
},
) (any, error) {
	out := []any{}
	for _, name := range a.Parameters {
		wanted := true
		for _, f := range in.Filters {
			if f.Key != "Name" || f.Option != "" && f.Option != "Equals" {
				return nil, failf(http.StatusBadRequest, "InvalidFilterKey", "The specified key isn't valid.")
			}
			wanted = wanted && slices.Contains(f.Values, name)
		}
		if wanted {
			out = append(out, obj{"Name": name, "Type": "SecureString", "Version": 1})
		}
	}
	return obj{"Parameters": out}, nil
}

// ec2Filters are the filters of a describe call of EC2.
type ec2Filters struct {
	Filters []struct {
		Name  string   `json:"Name"`
		Value []string `json:"Value"`
	} `json:"Filter"`
}

// by gives the values of the one filter that is known.
func (f *ec2Filters) by(name string) (wanted func(id string) bool, err error) {
	for _, filter := range f.Filters {
		if filter.Name != name {
			return nil, failf(http.StatusBadRequest, "InvalidParameterValue", "The filter '%s' is invalid", backend.Clean(filter.Name))
		}
	}
	return func(id string) bool {
		return len(f.Filters) == 0 || slices.Contains(f.Filters[0].Value, id)
	}, nil
}

func (a *Account) describeSubnets(_ context.Context, in *ec2Filters) (any, error) {
	wanted, err := in.by("subnet-id")
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, s := range a.Subnets {
		if wanted(s.ID) {
			out = append(out, obj{
				"subnetId": s.ID, "vpcId": s.VPC, "state": "available", "mapPublicIpOnLaunch": s.Public, "availableIpAddressCount": s.Free,
			})
		}
	}
	return obj{"subnetSet": out}, nil
}

func (a *Account) describeSecurityGroups(_ context.Context, in *ec2Filters) (any, error) {
	wanted, err := in.by("group-id")
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, g := range a.SecurityGroups {
		if wanted(g.ID) {
			out = append(out, obj{"groupId": g.ID, "groupName": g.Name, "vpcId": g.VPC})
		}
	}
	return obj{"securityGroupInfo": out}, nil
}
