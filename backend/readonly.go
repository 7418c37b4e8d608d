package backend

import (
	"context"
	"errors"
	"iter"
	"strings"
)

// ReadOnly returns b with every write refused here, in the backend, so that no
// key, command or bug above can get one out. Reads pass through.
func ReadOnly(b Backend) Backend {
	if n, ok := b.(Notifier); ok {
		return readOnlyNotifier{readOnly{b}, n}
	}
	return readOnly{b}
}

type readOnly struct{ Backend }

// readOnlyNotifier passes on the notifications of a backend that has them.
type readOnlyNotifier struct {
	readOnly
	Notifier
}

var errReadOnly = errors.New("this session is read-only")

func refuse(op, resource string) error {
	return &Error{Op: op, Kind: Denied, Resource: resource, Err: errReadOnly, Remedy: "start without --read-only to change things"}
}

func refuseStream[T any](op, resource string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, refuse(op, resource))
	}
}

func (r readOnly) Unsupported(c Capability) string {
	switch c {
	case CanWrite, CanBuild, CanPush, CanShell, CanPruneImage, CanTagImage:
		return errReadOnly.Error()
	}
	return r.Backend.Unsupported(c)
}

// Background passes on how many calls a metered backend has to spare.
func (r readOnly) Background() float64 {
	if m, ok := r.Backend.(Metered); ok {
		return m.Background()
	}
	return 0
}

// Throttled passes on the sign of a backend that has it.
func (r readOnly) Throttled() bool {
	t, ok := r.Backend.(Throttler)
	return ok && t.Throttled()
}

func (r readOnly) RegisterTaskDefinition(context.Context, Document) (TaskDefinition, error) {
	return TaskDefinition{}, refuse("RegisterTaskDefinition", "")
}

func (r readOnly) DeregisterTaskDefinition(_ context.Context, ref string) (TaskDefinition, error) {
	return TaskDefinition{}, refuse("DeregisterTaskDefinition", ref)
}

func (r readOnly) DeleteTaskDefinitions(_ context.Context, refs []string) ([]TaskDefinition, error) {
	return nil, refuse("DeleteTaskDefinitions", strings.Join(refs, ", "))
}

func (r readOnly) CreateService(_ context.Context, _ string, spec ServiceSpec) (Service, error) {
	return Service{}, refuse("CreateService", spec.Name)
}

func (r readOnly) UpdateService(_ context.Context, _, service string, _ ServiceChange) (Service, error) {
	return Service{}, refuse("UpdateService", service)
}

func (r readOnly) DeleteService(_ context.Context, _, service string, _ bool) (Service, error) {
	return Service{}, refuse("DeleteService", service)
}

func (r readOnly) StopServiceDeployment(_ context.Context, arn string) (ServiceDeployment, error) {
	return ServiceDeployment{}, refuse("StopServiceDeployment", arn)
}

func (r readOnly) ContinueServiceDeployment(_ context.Context, arn, _ string, _ HookAction) (ServiceDeployment, error) {
	return ServiceDeployment{}, refuse("ContinueServiceDeployment", arn)
}

func (r readOnly) RunTask(_ context.Context, req RunTaskRequest) ([]Task, error) {
	return nil, refuse("RunTask", req.TaskDefinition)
}

func (r readOnly) StopTask(_ context.Context, _, task, _ string) (Task, error) {
	return Task{}, refuse("StopTask", task)
}

func (r readOnly) Build(_ context.Context, req BuildRequest) iter.Seq2[BuildEvent, error] {
	return refuseStream[BuildEvent]("Build", req.Context)
}

func (r readOnly) Push(_ context.Context, req PushRequest) iter.Seq2[PushEvent, error] {
	return refuseStream[PushEvent]("Push", req.Repository)
}

func (r readOnly) TagImage(_ context.Context, ref, _ string) error {
	return refuse("TagImage", ref)
}

func (r readOnly) RemoveImage(_ context.Context, ref string) error {
	return refuse("RemoveImage", ref)
}

func (r readOnly) PruneImages(context.Context, Prune) (Prune, error) {
	return Prune{}, refuse("PruneImages", "")
}

func (r readOnly) ChangeScaling(_ context.Context, _, service string, _ ScalingChange) (Scaling, error) {
	return Scaling{}, refuse("RegisterScalableTarget", service)
}

func (r readOnly) TagResource(_ context.Context, arn string, _ map[string]string) error {
	return refuse("TagResource", arn)
}

func (r readOnly) UntagResource(_ context.Context, arn string, _ []string) error {
	return refuse("UntagResource", arn)
}

func (r readOnly) PutSchedule(_ context.Context, _ string, spec ScheduleSpec) (Schedule, error) {
	return Schedule{}, refuse("PutSchedule", spec.Name)
}

func (r readOnly) EnableSchedule(_ context.Context, _, name string, _ bool) (Schedule, error) {
	return Schedule{}, refuse("EnableSchedule", name)
}

func (r readOnly) DeleteSchedule(_ context.Context, _, name string) error {
	return refuse("DeleteSchedule", name)
}

func (r readOnly) CreateRepository(_ context.Context, spec RepositorySpec) (Repository, error) {
	return Repository{}, refuse("CreateRepository", spec.Name)
}

func (r readOnly) DeleteRepository(_ context.Context, name string) error {
	return refuse("DeleteRepository", name)
}

func (r readOnly) RemoveScaling(_ context.Context, _, service string) error {
	return refuse("DeregisterScalableTarget", service)
}

func (r readOnly) StartScan(_ context.Context, ref string) error {
	return refuse("StartImageScan", ref)
}

func (r readOnly) Shell(_ context.Context, req ShellRequest) (int, error) {
	return 0, refuse("ExecuteCommand", req.Task)
}
