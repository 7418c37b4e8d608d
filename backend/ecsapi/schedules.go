package ecsapi

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// madeFor begins the description of a schedule that an app made.
const madeFor = "ecs-tui:app="

// scheduling are the operations of EventBridge Scheduler, for schedules that
// start tasks.
func (h *Handler) scheduling() map[string]operation {
	return map[string]operation{
		"CreateSchedule":      typed(h.createSchedule),
		"UpdateSchedule":      typed(h.updateSchedule),
		"GetSchedule":         typed(h.getSchedule),
		"DeleteSchedule":      typed(h.deleteSchedule),
		"ListSchedules":       typed(h.listSchedules),
		"CreateScheduleGroup": typed(h.createScheduleGroup),
	}
}

type scheduleInput struct {
	Name        string
	GroupName   string
	Description string
	Expression  string `json:"ScheduleExpression"`
	Timezone    string `json:"ScheduleExpressionTimezone"`
	State       string
	Window      *struct{ Mode string } `json:"FlexibleTimeWindow"`
	Target      *struct {
		Arn     string
		RoleArn string
		Input   string
		ECS     *struct {
			TaskDefinitionArn string
			TaskCount         int
		} `json:"EcsParameters"`
	}
	NamePrefix string
	NextToken  string
	MaxResults count
}

func badSchedule(format string, args ...any) error {
	return failf(http.StatusBadRequest, "ValidationException", format, args...)
}

// schedulingError gives a backend's error the type that EventBridge Scheduler has
// for it.
func schedulingError(err error) error {
	switch backend.KindOf(err) {
	case backend.Invalid, backend.Conflict, backend.Unsupported:
		return badSchedule("%s", message(err))
	case backend.NotFound:
		return failf(http.StatusNotFound, "ResourceNotFoundException", "%s", message(err))
	}
	return err
}

// scheduleGroup is the group of all schedules of a cluster: backends know no
// groups, and names within a cluster.
func scheduleGroup(cluster string) string { return "ecs-tui-" + cluster }

// findSchedule finds a schedule by group and name. A group that is not a
// cluster's is that of whoever has a schedule of the name.
func (h *Handler) findSchedule(ctx context.Context, group, name string) (backend.Schedule, error) {
	for cluster, err := range backend.All(ctx, h.b.ListClusters) {
		if err != nil {
			return backend.Schedule{}, err
		}
		cluster = backend.ShortName(cluster)
		if _, isCluster := strings.CutPrefix(group, scheduleGroup("")); isCluster && group != scheduleGroup(cluster) {
			continue
		}
		for s, err := range h.schedulesOf(ctx, cluster) {
			if err != nil {
				return backend.Schedule{}, schedulingError(err)
			}
			if s.Name == name {
				return s, nil
			}
		}
	}
	return backend.Schedule{}, failf(http.StatusNotFound, "ResourceNotFoundException", "Schedule %s does not exist.", backend.Clean(name))
}

func (h *Handler) schedulesOf(ctx context.Context, cluster string) func(func(backend.Schedule, error) bool) {
	return backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return h.b.ListSchedules(ctx, cluster, p)
	})
}

func (h *Handler) createSchedule(ctx context.Context, in *scheduleInput) (any, error) {
	spec, cluster, err := in.spec()
	if err != nil {
		return nil, err
	}
	if _, err := h.findSchedule(ctx, scheduleGroup(cluster), in.Name); err == nil {
		return nil, failf(http.StatusConflict, "ConflictException", "Schedule %s already exists.", backend.Clean(in.Name))
	}
	return h.putSchedule(ctx, cluster, spec)
}

func (h *Handler) updateSchedule(ctx context.Context, in *scheduleInput) (any, error) {
	spec, cluster, err := in.spec()
	if err != nil {
		return nil, err
	}
	if _, err := h.findSchedule(ctx, scheduleGroup(cluster), in.Name); err != nil {
		return nil, err
	}
	return h.putSchedule(ctx, cluster, spec)
}

func (h *Handler) putSchedule(ctx context.Context, cluster string, spec backend.ScheduleSpec) (any, error) {
	s, err := h.b.PutSchedule(ctx, cluster, spec)
	if err != nil {
		return nil, schedulingError(err)
	}
	place, err := h.place(ctx)
	return obj{"ScheduleArn": place.scheduleARN(s)}, err
}

// spec reads what is to be made; cluster is where its tasks run.
func (in *scheduleInput) spec() (spec backend.ScheduleSpec, cluster string, err error) {
	t := in.Target
	switch {
	case t == nil || t.Arn == "" || t.RoleArn == "":
		return spec, "", badSchedule("Target with Arn and RoleArn must be specified.")
	case in.Window == nil || in.Window.Mode == "":
		return spec, "", badSchedule("FlexibleTimeWindow must be specified.")
	case in.Window.Mode != "OFF":
		return spec, "", badSchedule("this endpoint runs schedules at their time: FlexibleTimeWindow must be OFF.")
	case t.ECS == nil || t.ECS.TaskDefinitionArn == "":
		return spec, "", badSchedule("this endpoint has schedules that start tasks: EcsParameters must be specified.")
	}
	kind, parts, ok := backend.SplitARN(t.Arn)
	if !ok || kind != "cluster" || len(parts) != 1 {
		return spec, "", badSchedule("%s is not the ARN of a cluster.", backend.Clean(t.Arn))
	}
	spec = backend.ScheduleSpec{
		Name: in.Name, Expression: in.Expression, Timezone: in.Timezone, Enabled: in.State != "DISABLED",
		TaskDefinition: t.ECS.TaskDefinitionArn, Count: t.ECS.TaskCount, Role: backend.Clean(t.RoleArn),
	}
	spec.App, _ = strings.CutPrefix(in.Description, madeFor)
	if spec.App == in.Description {
		spec.App = ""
	}
	if t.Input == "" {
		return spec, parts[0], nil
	}
	var input struct {
		Containers []containerOverride `json:"containerOverrides"`
	}
	if err := json.Unmarshal([]byte(t.Input), &input); err != nil {
		return spec, "", badSchedule("Target.Input is no JSON: %v", err)
	}
	spec.Overrides, err = containerOverrides(input.Containers)
	return spec, parts[0], err
}

func (h *Handler) getSchedule(ctx context.Context, in *scheduleInput) (any, error) {
	s, err := h.findSchedule(ctx, cmp.Or(in.GroupName, "default"), in.Name)
	if err != nil {
		return nil, err
	}
	place, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	o := scheduleShape(place, s)
	o["ScheduleExpression"], o["ScheduleExpressionTimezone"] = s.Expression, cmp.Or(s.Timezone, "UTC")
	o["FlexibleTimeWindow"] = obj{"Mode": "OFF"}
	if s.App != "" {
		o["Description"] = madeFor + s.App
	}
	target := obj{
		"Arn": place.arn("ecs", "cluster/"+s.Cluster), "RoleArn": cmp.Or(s.Role, "arn:aws:iam::"+place.account+":role/none"),
		"EcsParameters": obj{
			"TaskDefinitionArn": s.TaskDefinition, "TaskCount": max(s.Count, 1), "Group": backend.ScheduleGroup(s.Name),
		},
	}
	if len(s.Overrides) > 0 {
		input, err := json.Marshal(obj{"containerOverrides": overrideShapes(s.Overrides)})
		if err != nil {
			return nil, err
		}
		target["Input"] = string(input)
	}
	o["Target"] = target
	return o, nil
}

// scheduleShape is what a list tells of a schedule.
func scheduleShape(place place, s backend.Schedule) obj {
	state := "DISABLED"
	if s.Enabled {
		state = "ENABLED"
	}
	return obj{
		"Arn": place.scheduleARN(s), "Name": s.Name, "GroupName": scheduleGroup(s.Cluster), "State": state,
	}.put("CreationDate", s.Since).put("LastModificationDate", s.Since)
}

func (p place) scheduleARN(s backend.Schedule) string {
	return p.arn("scheduler", "schedule/"+scheduleGroup(s.Cluster)+"/"+s.Name)
}

func (h *Handler) deleteSchedule(ctx context.Context, in *scheduleInput) (any, error) {
	s, err := h.findSchedule(ctx, cmp.Or(in.GroupName, "default"), in.Name)
	if err != nil {
		return nil, err
	}
	return obj{}, schedulingErrorOrNil(h.b.DeleteSchedule(ctx, s.Cluster, s.Name))
}

func schedulingErrorOrNil(err error) error {
	if err == nil {
		return nil
	}
	return schedulingError(err)
}

// listSchedules gives the schedules of all clusters.
func (h *Handler) listSchedules(ctx context.Context, in *scheduleInput) (any, error) {
	place, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	all := []obj{}
	for cluster, err := range backend.All(ctx, h.b.ListClusters) {
		if err != nil {
			return nil, err
		}
		cluster = backend.ShortName(cluster)
		if in.GroupName != "" && in.GroupName != scheduleGroup(cluster) {
			continue
		}
		for s, err := range h.schedulesOf(ctx, cluster) {
			if err != nil {
				return nil, schedulingError(err)
			}
			if strings.HasPrefix(s.Name, in.NamePrefix) && (in.State == "" || (in.State == "ENABLED") == s.Enabled) {
				o := scheduleShape(place, s)
				o["Target"] = obj{"Arn": place.arn("ecs", "cluster/"+s.Cluster)}
				all = append(all, o)
			}
		}
	}
	some, next, err := cut("ListSchedules/"+in.GroupName, in.NextToken, all, int(in.MaxResults), mostPage)
	if err != nil {
		return nil, badSchedule("%s", message(err))
	}
	return obj{"Schedules": some}.put("NextToken", next), nil
}

func (h *Handler) createScheduleGroup(ctx context.Context, in *scheduleInput) (any, error) {
	place, err := h.place(ctx)
	return obj{"ScheduleGroupArn": place.arn("scheduler", "schedule-group/"+in.Name)}, err
}
