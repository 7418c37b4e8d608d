package aws

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

func schedulers(c *clients) *scheduler.Client { return c.scheduler }

const (
	// groupPrefix begins the group that schedules of a cluster are made in, since
	// EventBridge Scheduler knows names within a group only.
	groupPrefix  = "ecs-tui-"
	longestGroup = 64
	// madeFor begins the description of a schedule that an app made: a schedule
	// itself has no tags.
	madeFor = "ecs-tui:app="
	// lateStart is how long EventBridge Scheduler tries to start the tasks of one
	// run; left alone it tries for a day, long after anybody expects it.
	lateStart = 3600
)

// groupOf is the schedule group of a cluster.
func groupOf(cluster string) string {
	name := groupPrefix + cluster
	if len(name) <= longestGroup {
		return name
	}
	sum := sha256.Sum256([]byte(cluster))
	return name[:longestGroup-9] + "-" + hex.EncodeToString(sum[:4])
}

// scheduleID takes a schedule's ARN, or its name in a cluster's group, apart:
// "arn:aws:scheduler:eu-west-1:123456789012:schedule/GROUP/NAME".
func (b *Backend) scheduleID(cluster, ref string) (group, name string) {
	if f := strings.Split(ref, "/"); len(f) == 3 && strings.HasPrefix(ref, "arn:") {
		return f[1], f[2]
	}
	return groupOf(backend.ShortName(b.cluster(cluster))), ref
}

// ListSchedules gives the schedules of all groups whose target is the cluster.
// What starts tasks in another way (a universal target, a rule of EventBridge) is
// not among them.
func (b *Backend) ListSchedules(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
	const op = "ListSchedules"
	var page backend.Page[backend.Schedule]
	cluster = backend.ShortName(b.cluster(cluster))
	in := &scheduler.ListSchedulesInput{}
	in.NextToken, in.MaxResults = paging(p)
	found, err := sdkCall(ctx, b, op, cluster, schedulers, in, (*scheduler.Client).ListSchedules)
	if err != nil {
		return page, err
	}
	families := map[string][]backend.Task{}
	for _, s := range found.Schedules {
		if s.Target == nil || !targetsCluster(s.Target.Arn, cluster) {
			continue
		}
		got, err := b.getSchedule(ctx, op, awssdk.ToString(s.GroupName), awssdk.ToString(s.Name))
		if backend.KindOf(err) == backend.NotFound {
			continue // gone meanwhile
		}
		if err != nil {
			return page, err
		}
		schedule := scheduleOf(got, cluster)
		if err := b.readRun(ctx, &schedule, families); err != nil {
			return page, err
		}
		page.Items = append(page.Items, schedule)
	}
	page.Next = awssdk.ToString(found.NextToken)
	return page, nil
}

func targetsCluster(arn *string, cluster string) bool {
	kind, parts, ok := backend.SplitARN(awssdk.ToString(arn))
	return ok && kind == "cluster" && len(parts) == 1 && parts[0] == cluster
}

// readRun finds the last run of a schedule among the tasks of its family, which
// are read once: ECS knows those that stopped within the hour.
func (b *Backend) readRun(ctx context.Context, s *backend.Schedule, families map[string][]backend.Task) error {
	family, _, _ := strings.Cut(backend.ShortName(s.TaskDefinition), ":")
	tasks, known := families[family]
	for _, stopped := range []bool{false, true} {
		if known {
			break
		}
		page, err := b.ListTasks(ctx, backend.TaskQuery{Cluster: s.Cluster, Family: family, Stopped: stopped}, backend.PageRequest{})
		if err != nil || len(page.Items) == 0 {
			if err != nil && backend.KindOf(err) != backend.NotFound {
				return err
			}
			continue
		}
		some, err := b.DescribeTasks(ctx, s.Cluster, page.Items)
		if err != nil {
			return err
		}
		tasks = append(tasks, some...)
	}
	families[family] = tasks
	s.Last = backend.RunOf(s.Name, tasks)
	return nil
}

// gotSchedule is a schedule on the wire, with the answer as it came.
type gotSchedule struct {
	*scheduler.GetScheduleOutput
	body []byte
}

func (b *Backend) getSchedule(ctx context.Context, op, group, name string) (gotSchedule, error) {
	out, body, err := sdkSend(ctx, b, op, name, schedulers, &scheduler.GetScheduleInput{GroupName: &group, Name: &name}, (*scheduler.Client).GetSchedule)
	if backend.KindOf(err) == backend.NotFound {
		err = &backend.Error{Op: op, Kind: backend.NotFound, Resource: backend.Clean(name), Err: backend.ErrNoSchedule}
	}
	return gotSchedule{out, body}, err
}

// scheduleOf reads a schedule off the wire.
func scheduleOf(got gotSchedule, cluster string) backend.Schedule {
	s := backend.Schedule{Cluster: cluster, Document: documentOf(got.body), ARN: cleanPtr(got.Arn), Since: awssdk.ToTime(got.CreationDate)}
	s.Name, s.Expression, s.Enabled = cleanPtr(got.Name), cleanPtr(got.ScheduleExpression), got.State != types.ScheduleStateDisabled
	if s.Timezone = cleanPtr(got.ScheduleExpressionTimezone); s.Timezone == "UTC" {
		s.Timezone = ""
	}
	if app, ours := strings.CutPrefix(cleanPtr(got.Description), madeFor); ours {
		s.App = app
	}
	if t := got.Target; t != nil {
		s.Role, s.Count = cleanPtr(t.RoleArn), 1
		if e := t.EcsParameters; e != nil {
			s.TaskDefinition, s.Count = cleanPtr(e.TaskDefinitionArn), max(1, int(awssdk.ToInt32(e.TaskCount)))
		}
		s.Overrides = overridesOf(awssdk.ToString(t.Input))
	}
	return s
}

// overridesOf reads what a schedule's input changes of the task.
func overridesOf(input string) []backend.ContainerOverride {
	var doc struct {
		Containers []struct {
			Name        string
			Command     []string
			Environment []backend.KeyValue
		} `json:"containerOverrides"`
	}
	if input == "" || json.Unmarshal([]byte(input), &doc) != nil {
		return nil
	}
	var out []backend.ContainerOverride
	for _, c := range doc.Containers {
		o := backend.ContainerOverride{Name: backend.Clean(c.Name)}
		for _, word := range c.Command {
			o.Command = append(o.Command, backend.Clean(word))
		}
		for _, kv := range c.Environment {
			if o.Environment == nil {
				o.Environment = map[string]string{}
			}
			o.Environment[backend.Clean(kv.Name)] = backend.Clean(kv.Value)
		}
		out = append(out, o)
	}
	return out
}

// errNoRole says what a schedule on AWS can't be without.
var errNoRole = errors.New("EventBridge Scheduler needs a role that starts the tasks, and none is named")

// roleRemedy is what such a role must be.
const roleRemedy = "name it: scheduleRole of the environment, or --role. Its trust policy names scheduler.amazonaws.com, its own policy allows ecs:RunTask, and iam:PassRole on the task's roles"

// PutSchedule makes a schedule in the cluster's group, or replaces it. Its tasks
// run on the network and launch type of the service that they are like.
func (b *Backend) PutSchedule(ctx context.Context, cluster string, spec backend.ScheduleSpec) (backend.Schedule, error) {
	const op = "PutSchedule"
	td, err := b.DescribeTaskDefinition(ctx, spec.TaskDefinition)
	if err != nil {
		return backend.Schedule{}, named(err, op, spec.TaskDefinition)
	}
	if err := backend.CheckSchedule(op, spec, td); err != nil {
		return backend.Schedule{}, err
	}
	if spec.Role == "" {
		return backend.Schedule{}, &backend.Error{Op: op, Kind: backend.Invalid, Resource: spec.Name, Err: errNoRole, Remedy: roleRemedy}
	}
	found, err := b.DescribeClusters(ctx, []string{b.cluster(cluster)})
	if err != nil {
		return backend.Schedule{}, named(err, op, spec.Name)
	}
	if len(found) == 0 {
		return backend.Schedule{}, backend.Errorf(op, backend.NotFound, backend.Clean(b.cluster(cluster)), "the cluster does not exist")
	}
	target, err := b.scheduleTarget(ctx, found[0], spec, td)
	if err != nil {
		return backend.Schedule{}, named(err, op, spec.Name)
	}
	group, name := b.scheduleID(cluster, spec.Name)
	if err := b.writeSchedule(ctx, op, group, spec, target); err != nil {
		return backend.Schedule{}, roleAdvice(err)
	}
	got, err := b.getSchedule(ctx, op, group, name)
	if err != nil {
		return backend.Schedule{}, err
	}
	return scheduleOf(got, found[0].Name), nil
}

// scheduleTarget is what a schedule starts.
func (b *Backend) scheduleTarget(ctx context.Context, cluster backend.Cluster, spec backend.ScheduleSpec, td backend.TaskDefinition) (*types.Target, error) {
	place, err := b.placement(ctx, cluster.Name, backend.RunTaskRequest{Like: spec.Like, Place: spec.Place}, td)
	if err != nil {
		return nil, err
	}
	arn, group := backend.UnpinnedDefinition(spec.TaskDefinition, td.ARN), backend.ScheduleGroup(spec.Name)
	count := int32(max(spec.Count, 1)) //nolint:gosec // 1 to 10
	ecs := &types.EcsParameters{TaskDefinitionArn: &arn, TaskCount: &count, Group: &group}
	if err := placeSchedule(ecs, place); err != nil {
		return nil, err
	}
	t := &types.Target{
		Arn: &cluster.ARN, RoleArn: &spec.Role, EcsParameters: ecs,
		RetryPolicy: &types.RetryPolicy{MaximumEventAgeInSeconds: awssdk.Int32(lateStart)},
	}
	if len(spec.Overrides) > 0 {
		input, err := json.Marshal(map[string]any{"containerOverrides": overrides(spec.Overrides)})
		if err != nil {
			return nil, err
		}
		t.Input = awssdk.String(string(input))
	}
	return t, nil
}

// placeSchedule takes network and capacity from what RunTask would be sent.
func placeSchedule(ecs *types.EcsParameters, place map[string]any) error {
	raw, err := json.Marshal(place)
	if err != nil {
		return err
	}
	var doc struct {
		LaunchType      string
		PlatformVersion string
		Network         struct {
			VPC *struct {
				Subnets, SecurityGroups []string
				AssignPublicIP          string `json:"assignPublicIp"`
			} `json:"awsvpcConfiguration"`
		} `json:"networkConfiguration"`
		Strategy []struct {
			CapacityProvider string
			Weight, Base     int32
		} `json:"capacityProviderStrategy"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	ecs.LaunchType = types.LaunchType(doc.LaunchType)
	if doc.PlatformVersion != "" {
		ecs.PlatformVersion = &doc.PlatformVersion
	}
	if vpc := doc.Network.VPC; vpc != nil {
		ecs.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: vpc.Subnets, SecurityGroups: vpc.SecurityGroups, AssignPublicIp: types.AssignPublicIp(vpc.AssignPublicIP),
		}}
	}
	for _, s := range doc.Strategy {
		ecs.CapacityProviderStrategy = append(ecs.CapacityProviderStrategy, types.CapacityProviderStrategyItem{
			CapacityProvider: &s.CapacityProvider, Weight: s.Weight, Base: s.Base,
		})
	}
	return nil
}

func scheduleState(on bool) types.ScheduleState {
	if on {
		return types.ScheduleStateEnabled
	}
	return types.ScheduleStateDisabled
}

// writeSchedule makes a schedule, and its group before it where there is none, or
// replaces the one that exists.
func (b *Backend) writeSchedule(ctx context.Context, op, group string, spec backend.ScheduleSpec, target *types.Target) error {
	zone, exactly := cmp.Or(spec.Timezone, "UTC"), &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}
	description := ""
	if spec.App != "" {
		description = madeFor + spec.App
	}
	update := &scheduler.UpdateScheduleInput{
		GroupName: &group, Name: &spec.Name, ScheduleExpression: &spec.Expression, ScheduleExpressionTimezone: &zone,
		FlexibleTimeWindow: exactly, Target: target, Description: &description, State: scheduleState(spec.Enabled),
	}
	_, err := sdkCall(ctx, b, op, spec.Name, schedulers, update, (*scheduler.Client).UpdateSchedule)
	if backend.KindOf(err) != backend.NotFound {
		return err
	}
	_, err = sdkCall(ctx, b, op, group, schedulers, &scheduler.CreateScheduleGroupInput{Name: &group}, (*scheduler.Client).CreateScheduleGroup)
	if err != nil && backend.KindOf(err) != backend.Conflict {
		return err
	}
	_, err = sdkCall(ctx, b, op, spec.Name, schedulers, &scheduler.CreateScheduleInput{
		GroupName: &group, Name: &spec.Name, ScheduleExpression: &spec.Expression, ScheduleExpressionTimezone: &zone,
		FlexibleTimeWindow: exactly, Target: target, Description: &description, State: scheduleState(spec.Enabled),
	}, (*scheduler.Client).CreateSchedule)
	return err
}

// roleAdvice tells what to do where the role is not one that can be assumed.
func roleAdvice(err error) error {
	var e *backend.Error
	if !errors.As(err, &e) || e.Kind != backend.Invalid || e.Err == nil || !strings.Contains(strings.ToLower(e.Err.Error()), "role") {
		return err
	}
	out := *e
	out.Remedy = "look at the role: its trust policy names scheduler.amazonaws.com, its own policy allows ecs:RunTask, and iam:PassRole on the task's roles"
	return &out
}

// EnableSchedule writes the schedule back as it is, but for its state: there is
// no call for that alone.
func (b *Backend) EnableSchedule(ctx context.Context, cluster, ref string, on bool) (backend.Schedule, error) {
	const op = "EnableSchedule"
	group, name := b.scheduleID(cluster, ref)
	got, err := b.getSchedule(ctx, op, group, name)
	if err != nil {
		return backend.Schedule{}, err
	}
	if (got.State != types.ScheduleStateDisabled) != on {
		_, err = sdkCall(ctx, b, op, name, schedulers, &scheduler.UpdateScheduleInput{
			GroupName: &group, Name: &name, ScheduleExpression: got.ScheduleExpression, ScheduleExpressionTimezone: got.ScheduleExpressionTimezone,
			FlexibleTimeWindow: got.FlexibleTimeWindow, Target: got.Target, Description: got.Description, State: scheduleState(on),
			StartDate: got.StartDate, EndDate: got.EndDate, KmsKeyArn: got.KmsKeyArn, ActionAfterCompletion: got.ActionAfterCompletion,
		}, (*scheduler.Client).UpdateSchedule)
		if err != nil {
			return backend.Schedule{}, err
		}
		if got, err = b.getSchedule(ctx, op, group, name); err != nil {
			return backend.Schedule{}, err
		}
	}
	return scheduleOf(got, backend.ShortName(b.cluster(cluster))), nil
}

// DeleteSchedule removes a schedule; its group stays.
func (b *Backend) DeleteSchedule(ctx context.Context, cluster, ref string) error {
	const op = "DeleteSchedule"
	group, name := b.scheduleID(cluster, ref)
	_, err := sdkCall(ctx, b, op, name, schedulers, &scheduler.DeleteScheduleInput{GroupName: &group, Name: &name}, (*scheduler.Client).DeleteSchedule)
	if backend.KindOf(err) == backend.NotFound {
		return &backend.Error{Op: op, Kind: backend.NotFound, Resource: backend.Clean(name), Err: backend.ErrNoSchedule}
	}
	return err
}
