package ecsapi_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// TestCLIAccount looks at an account with the AWS command line: what this
// program asks before a deploy, in the protocols of IAM, Secrets Manager, Systems
// Manager and EC2.
func TestCLIAccount(t *testing.T) {
	t.Parallel()
	const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
	c := openCLIWith(t, &ecsapi.Account{
		Roles:          []ecsapi.Role{{Name: "exec", Trust: ecsapi.Trusting("ecs-tasks.amazonaws.com")}},
		Secrets:        []ecsapi.Secret{{ARN: secret, Name: "db", Deleted: true}},
		Parameters:     []string{"/a", "/b"},
		LogGroups:      []string{"/ecs/own"},
		Subnets:        []ecsapi.Subnet{{ID: "subnet-1", VPC: "vpc-1", Public: true, Free: 7}, {ID: "subnet-2", VPC: "vpc-1"}},
		SecurityGroups: []ecsapi.SecurityGroup{{ID: "sg-1", Name: "web", VPC: "vpc-1"}, {ID: "sg-2", VPC: "vpc-1"}},
	})
	var role struct {
		Role struct {
			Arn                      string
			CreateDate               any
			AssumeRolePolicyDocument struct {
				Statement []struct{ Action string }
			}
		}
	}
	c.get(&role, "iam", "get-role", "--role-name", "exec")
	if r := role.Role; r.Arn != "arn:aws:iam::123456789012:role/exec" || r.CreateDate == nil || len(r.AssumeRolePolicyDocument.Statement) != 1 ||
		r.AssumeRolePolicyDocument.Statement[0].Action != "sts:AssumeRole" {
		c.Errorf("%+v", role)
	}
	if _, failure := c.run("iam", "get-role", "--role-name", "nobody"); !strings.Contains(failure, "NoSuchEntity") {
		c.Errorf("nobody: %s", failure)
	}
	var described struct {
		Name               string
		DeletedDate        any
		VersionIdsToStages map[string][]string
	}
	c.get(&described, "secretsmanager", "describe-secret", "--secret-id", strings.TrimSuffix(secret, "-AbCdEf"))
	if described.Name != "db" || described.DeletedDate == nil || len(described.VersionIdsToStages) != 1 {
		c.Errorf("%+v", described)
	}
	var parameters struct{ Parameters []struct{ Name string } }
	c.get(&parameters, "ssm", "describe-parameters", "--parameter-filters", "Key=Name,Option=Equals,Values=/b,/c")
	if p := parameters.Parameters; len(p) != 1 || p[0].Name != "/b" {
		c.Errorf("%+v", parameters)
	}
	var groups struct {
		LogGroups []struct{ LogGroupName string }
	}
	c.get(&groups, "logs", "describe-log-groups", "--log-group-name-prefix", "/ecs/own")
	if g := groups.LogGroups; len(g) != 1 || g[0].LogGroupName != "/ecs/own" {
		c.Errorf("%+v", groups)
	}
	var subnets struct {
		Subnets []struct {
			SubnetID                string
			VpcID                   string
			MapPublicIPOnLaunch     bool
			AvailableIPAddressCount int
		}
	}
	c.get(&subnets, "ec2", "describe-subnets", "--filters", "Name=subnet-id,Values=subnet-1,subnet-9")
	if s := subnets.Subnets; len(s) != 1 || s[0].SubnetID != "subnet-1" || s[0].VpcID != "vpc-1" || !s[0].MapPublicIPOnLaunch || s[0].AvailableIPAddressCount != 7 {
		c.Errorf("%+v", subnets)
	}
	var firewalls struct {
		SecurityGroups []struct{ GroupID, GroupName string }
	}
	c.get(&firewalls, "ec2", "describe-security-groups")
	if g := firewalls.SecurityGroups; len(g) != 2 || g[0].GroupName != "web" {
		c.Errorf("%+v", firewalls)
	}
	if _, failure := c.run("ec2", "describe-subnets", "--filters", "Name=colour,Values=red"); !strings.Contains(failure, "InvalidParameterValue") {
		c.Errorf("a filter that there is none of: %s", failure)
	}
}
