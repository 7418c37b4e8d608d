package aws

import (
	"fmt"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// standing is what a service's document says that it stands on, in
// CreateService's shape.
type standing struct {
	Role       string `json:"role"`
	LaunchType string `json:"launchType"`
	Providers  []struct {
		Name string `json:"capacityProvider"`
	} `json:"capacityProviderStrategy"`
	Network struct {
		VPC struct {
			Subnets  []string `json:"subnets"`
			Groups   []string `json:"securityGroups"`
			PublicIP string   `json:"assignPublicIp"`
		} `json:"awsvpcConfiguration"`
	} `json:"networkConfiguration"`
	Balancers []struct {
		Group     string `json:"targetGroupArn"`
		Container string `json:"containerName"`
		Port      int    `json:"containerPort"`
		Advanced  *struct {
			Alternate string `json:"alternateTargetGroupArn"`
			Role      string `json:"roleArn"`
		} `json:"advancedConfiguration"`
	} `json:"loadBalancers"`
	Volumes []struct {
		EBS *struct {
			Role string `json:"roleArn"`
		} `json:"managedEBSVolume"`
	} `json:"volumeConfigurations"`
	Connect struct {
		Services []struct {
			TLS struct {
				Role string `json:"roleArn"`
			} `json:"tls"`
		} `json:"services"`
	} `json:"serviceConnectConfiguration"`
	Lattice []struct {
		Role string `json:"roleArn"`
	} `json:"vpcLatticeConfigurations"`
	Config struct {
		Hooks []struct {
			Role string `json:"roleArn"`
		} `json:"lifecycleHooks"`
	} `json:"deploymentConfiguration"`
}

// standingOn reads a service's document; what can't be read stands on nothing.
func standingOn(spec *backend.ServiceSpec) standing {
	var s standing
	if spec == nil || len(spec.Document) == 0 || spec.Document.Decode(&s) != nil {
		return standing{}
	}
	return s
}

// fargate says whether the tasks run on Fargate: as far as the documents tell.
func (i *inspection) fargate() bool {
	if slices.Contains(i.req.TaskDefinition.Requires, "FARGATE") || i.on.LaunchType == "FARGATE" {
		return true
	}
	for _, p := range i.on.Providers {
		if p.Name == "FARGATE" || p.Name == "FARGATE_SPOT" {
			return true
		}
	}
	return false
}

// containerStanding is what a container definition stands on besides what the
// contract's own type has of it.
type containerStanding struct {
	Repository struct {
		Parameter string `json:"credentialsParameter"`
	} `json:"repositoryCredentials"`
	Log struct {
		Secrets []backend.Secret `json:"secretOptions"`
	} `json:"logConfiguration"`
}

// container reads what the nth container definition stands on.
func (i *inspection) container(n int) containerStanding {
	var doc struct {
		Containers []containerStanding `json:"containerDefinitions"`
	}
	if i.req.TaskDefinition.Document.Decode(&doc) != nil || n >= len(doc.Containers) {
		return containerStanding{}
	}
	return doc.Containers[n]
}

// field is the path of a field of the nth container definition.
func field(n int, format string, args ...any) string {
	return fmt.Sprintf("containerDefinitions[%d].", n) + fmt.Sprintf(format, args...)
}
