package aws

import (
	"cmp"
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logGroup is a group of a region, and whether ECS is to make it.
type logGroup struct {
	region, name string
	made         bool
}

// logGroups asks for the log groups that containers write to.
func (i *inspection) logGroups() {
	var named placesOf[logGroup]
	for n, c := range i.req.TaskDefinition.Containers {
		log := c.LogConfiguration
		if log == nil || log.LogDriver != "awslogs" {
			continue
		}
		o := log.Options
		if missing := i.missingOption(o); missing != "" {
			i.ask(func(context.Context) (v verdict) {
				v.problem(field(n, "logConfiguration.options"), `set "`+missing+`"`, "the log driver awslogs needs the option %s", missing)
				return v
			})
		}
		if group := o["awslogs-group"]; group != "" {
			named.add(logGroup{cmp.Or(o["awslogs-region"], i.region), group, o["awslogs-create-group"] == "true"},
				field(n, "logConfiguration.options.awslogs-group"))
		}
	}
	for _, g := range named.order {
		i.ask(func(ctx context.Context) verdict { return i.logGroup(ctx, g, named.paths[g]) })
	}
}

// missingOption is an option that the log driver can't do without ("Send Amazon
// ECS logs to CloudWatch" in ECS's developer guide); "" where it has all.
func (i *inspection) missingOption(o map[string]string) string {
	switch {
	case o["awslogs-group"] == "":
		return "awslogs-group"
	case !i.fargate(): // a container instance knows its region
		return ""
	case o["awslogs-region"] == "":
		return "awslogs-region"
	case o["awslogs-stream-prefix"] == "":
		return "awslogs-stream-prefix"
	}
	return ""
}

func (i *inspection) logGroup(ctx context.Context, g logGroup, paths []string) (v verdict) {
	describe := func(c *cloudwatchlogs.Client, ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput, opts ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
		return c.DescribeLogGroups(ctx, in, append(opts, func(o *cloudwatchlogs.Options) { o.Region = g.region })...)
	}
	// Groups come sorted by name: the one whose name is the prefix is the first.
	in := &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &g.name}
	out, err := sdkCall(ctx, i.b, "DescribeLogGroups", g.name, func(c *clients) *cloudwatchlogs.Client { return c.logs }, in, describe)
	if err != nil {
		v.unknown(paths[0], "the log group "+g.name, "logs:DescribeLogGroups", err)
		return v
	}
	for _, found := range out.LogGroups {
		if awssdk.ToString(found.LogGroupName) == g.name {
			return v
		}
	}
	for _, path := range paths {
		if g.made {
			v.add(backend.Note, path, "the execution role, or that of the container instance, needs logs:CreateLogGroup for it",
				"the log group %s does not exist yet: the first task makes it", g.name)
			continue
		}
		v.problem(path, "create it: aws logs create-log-group --region "+g.region+" --log-group-name "+g.name+`; or set "awslogs-create-group": "true"`,
			"region %s has no log group %s: tasks can't start", g.region, g.name)
	}
	return v
}
