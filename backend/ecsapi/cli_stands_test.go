package ecsapi_test

import (
	"fmt"
	"testing"
)

// TestCLIStands asks with the AWS command line what a service stands on, each
// part in its own service's protocol.
func TestCLIStands(t *testing.T) {
	t.Parallel()
	c := openCLI(t)
	const group = "arn:aws:elasticloadbalancing:local:123456789012:targetgroup/cli/0123456789abcdef"
	const entry = "arn:aws:servicediscovery:local:123456789012:service/srv-cli0123456789"
	var made struct{ Service cliService }
	c.get(&made, "ecs", "create-service", "--cluster", "demo", "--service-name", "cli", "--task-definition", "bulk:1", "--desired-count", "1",
		"--load-balancers", "targetGroupArn="+group+",containerName=bulk,containerPort=8080", "--service-registries", "registryArn="+entry)
	steady(t, c.w.ecs(), "demo", "cli")

	var groups struct {
		TargetGroups []struct {
			TargetGroupName string
			Matcher         struct{ HTTPCode string }
		}
	}
	c.get(&groups, "elbv2", "describe-target-groups", "--target-group-arns", group)
	if g := groups.TargetGroups; len(g) != 1 || g[0].TargetGroupName != "cli" || g[0].Matcher.HTTPCode != "200" {
		c.Errorf("%+v", groups)
	}
	eventually(t, "healthy", func() (bool, string) {
		var health struct {
			TargetHealthDescriptions []struct {
				Target       struct{ ID string }
				TargetHealth struct{ State string }
			}
		}
		c.get(&health, "elbv2", "describe-target-health", "--target-group-arn", group)
		h := health.TargetHealthDescriptions
		return len(h) == 1 && h[0].Target.ID != "" && h[0].TargetHealth.State == "healthy", fmt.Sprintf("%+v", health)
	})

	scalable := []string{"--service-namespace", "ecs", "--resource-id", "service/demo/cli", "--scalable-dimension", "ecs:service:DesiredCount"}
	// Command lines as old as Debian 12's print no answer.
	if _, failure := c.run(append([]string{
		"application-autoscaling", "register-scalable-target", "--min-capacity", "1", "--max-capacity", "4",
		"--suspended-state", "DynamicScalingInSuspended=true",
	}, scalable...)...); failure != "" {
		c.Error(failure)
	}
	var targets struct {
		ScalableTargets []struct {
			ResourceID     string
			MaxCapacity    int
			CreationTime   any
			SuspendedState struct{ DynamicScalingInSuspended, DynamicScalingOutSuspended bool }
		}
	}
	c.get(&targets, "application-autoscaling", "describe-scalable-targets", "--service-namespace", "ecs")
	if s := targets.ScalableTargets; len(s) != 1 || s[0].ResourceID != "service/demo/cli" || s[0].MaxCapacity != 4 || s[0].CreationTime == nil ||
		!s[0].SuspendedState.DynamicScalingInSuspended || s[0].SuspendedState.DynamicScalingOutSuspended {
		c.Errorf("%+v", targets)
	}

	var instances struct {
		Instances []struct {
			ID         string
			Attributes map[string]string
		}
	}
	c.get(&instances, "servicediscovery", "list-instances", "--service-id", "srv-cli0123456789")
	if i := instances.Instances; len(i) != 1 || i[0].Attributes["AWS_INSTANCE_IPV4"] == "" {
		c.Errorf("%+v", instances)
	}

	var machines struct{ ContainerInstanceArns []string }
	c.get(&machines, "ecs", "list-container-instances", "--cluster", "demo", "--status", "ACTIVE")
	if len(machines.ContainerInstanceArns) == 0 {
		c.Fatalf("%+v", machines)
	}
	var described struct {
		ContainerInstances []struct {
			RemainingResources []struct {
				Name         string
				IntegerValue int
			}
			RegisteredAt any
		}
	}
	c.get(&described, "ecs", "describe-container-instances", "--cluster", "demo", "--container-instances", machines.ContainerInstanceArns[0])
	if d := described.ContainerInstances; len(d) != 1 || d[0].RegisteredAt == nil || len(d[0].RemainingResources) < 3 {
		c.Errorf("%+v", described)
	}
}
