// Package backend is the contract between the program and the places where
// containers run. It holds ECS's own words as Go types, the small interfaces
// that a place implements, and the errors that they all speak.
//
// You are at the bottom of the house: everything imports this package and this
// package imports the standard library only. No I/O may happen here, and
// nothing here may know which backend it is talking about.
//
// Three rules hold for every implementation, and backendtest checks them:
//
//   - Text that comes from outside (names, tags, reasons, events, log lines,
//     error texts) has passed through [Clean] or [CleanLog] before it is
//     returned, so that no screen has to think about control sequences.
//   - Every error that leaves a backend is an [*Error]; its Kind decides what
//     the user is advised to do.
//   - Every call honours its context: cancelling it ends the work, also in the
//     middle of a stream, and leaves nothing running behind.
package backend

import (
	"context"
	"iter"
)

// Backend is a place where containers run, with all its abilities. Consumers
// take the narrow interfaces below instead; only cmd, which composes backends,
// and the conformance suite need the whole.
type Backend interface {
	Describer
	ClusterReader
	ServiceReader
	TaskReader
	TaskDefinitionReader
	DeploymentReader
	Releaser
	Runner
	Builder
	Registry
	Images
	Repositories
	Logs
	Metrics
	Shell
	Verifier
	TargetReader
	ScalingReader
	Scaler
	Tagger
	Schedules
	CapacityReader
	DiscoveryReader
	AddressReader

	// Close releases connections and background work. What runs keeps running.
	Close() error
}

// Describer tells what a backend is and what it can do.
type Describer interface {
	// Info says where this backend is. It may take a call; the UI draws its
	// first frame without it.
	Info(ctx context.Context) (Info, error)

	// Unsupported returns why this backend cannot do c, as a sentence fit for
	// the screen, or "" when it can. It never does I/O.
	Unsupported(c Capability) string
}

// Info is what the header of every screen shows about a backend.
type Info struct {
	Backend  string // "docker", "aws" or "demo"
	Account  string // 12 digits on AWS, the engine's name on Docker
	Profile  string // AWS only
	Region   string // AWS only; "local" elsewhere
	Endpoint string // engine socket or API endpoint, for doctor
	Version  string // engine version
	Platform string // what images must be built for, e.g. "linux/amd64"
	Cluster  string // the default cluster's name
}

// Capability names something that not every backend can do.
type Capability string

// The capabilities that differ between backends.
const (
	CanBuild      Capability = "build"
	CanPush       Capability = "push" // also: whether images must be pushed at all
	CanShell      Capability = "shell"
	CanMetrics    Capability = "metrics"
	CanLogs       Capability = "logs"
	CanPruneImage Capability = "prune images"
	CanTagImage   Capability = "tag images"
	CanShift      Capability = "shift traffic" // BLUE_GREEN, LINEAR and CANARY
	CanBalance    Capability = "load balancers"
	CanAutoscale  Capability = "autoscaling"
	CanDiscover   Capability = "service discovery"
	CanSchedule   Capability = "schedules"
	// CanRepositories is about the registry's own side: its repositories, scans
	// and the pruning of one of them.
	CanRepositories Capability = "repositories"
	CanWrite        Capability = "write" // refused by the read-only wrapper
)

// PageRequest asks for one page of a list. The zero value asks for the first
// page at the backend's own size.
type PageRequest struct {
	Token string
	Size  int
}

// Page is one page of a list; Next is empty on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// All walks a paged list to its end. It stops at the first error, which it
// yields with the zero T.
func All[T any](ctx context.Context, list func(context.Context, PageRequest) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var req PageRequest
		for {
			page, err := list(ctx, req)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			req.Token = page.Next
		}
	}
}

// ClusterReader reads clusters. Lists give ARNs at once; details are described
// in batches of at most 100, for the rows that are on screen.
type ClusterReader interface {
	ListClusters(ctx context.Context, p PageRequest) (Page[string], error)
	DescribeClusters(ctx context.Context, arns []string) ([]Cluster, error)
}

// ServiceReader reads services. DescribeServices takes names or ARNs, at most
// 10 on ECS: implementations split what is longer. A service that does not
// exist is left out of the answer, not an error.
type ServiceReader interface {
	ListServices(ctx context.Context, cluster string, p PageRequest) (Page[string], error)
	DescribeServices(ctx context.Context, cluster string, services []string) ([]Service, error)
}

// TaskReader reads tasks, running ones and, for at least an hour, stopped ones.
type TaskReader interface {
	ListTasks(ctx context.Context, q TaskQuery, p PageRequest) (Page[string], error)
	DescribeTasks(ctx context.Context, cluster string, arns []string) ([]Task, error)
}

// TaskDefinitionReader reads task definitions. A ref is an ARN,
// "family:revision", or "family" for its newest ACTIVE revision.
type TaskDefinitionReader interface {
	// ListFamilies gives the names of families, sorted: with
	// [ActiveDefinition] those that have an ACTIVE revision, with
	// [InactiveDefinition] those that have none any more, with [AnyDefinition]
	// both.
	ListFamilies(ctx context.Context, status string, p PageRequest) (Page[string], error)
	// ListTaskDefinitions gives the ARNs of a family's revisions of one status,
	// newest first. A family that does not exist has none.
	ListTaskDefinitions(ctx context.Context, family, status string, p PageRequest) (Page[string], error)
	DescribeTaskDefinition(ctx context.Context, ref string) (TaskDefinition, error)
}

// DeploymentReader reads service deployments, newest first.
type DeploymentReader interface {
	ListServiceDeployments(ctx context.Context, cluster, service string, p PageRequest) (Page[string], error)
	DescribeServiceDeployments(ctx context.Context, arns []string) ([]ServiceDeployment, error)
}

// Releaser changes task definitions and services.
type Releaser interface {
	// RegisterTaskDefinition validates and stores doc as the next revision of
	// its family, with every field kept, also those that this program does not
	// know. Kind Invalid names the field.
	RegisterTaskDefinition(ctx context.Context, doc Document) (TaskDefinition, error)
	// DeregisterTaskDefinition makes a revision INACTIVE: what runs it goes on,
	// nothing new starts from it.
	DeregisterTaskDefinition(ctx context.Context, ref string) (TaskDefinition, error)
	// DeleteTaskDefinitions deletes INACTIVE revisions for good, at most 10 a
	// call on ECS: implementations split what is longer. One that a service or a
	// task needs stays as DELETE_IN_PROGRESS until it doesn't. A number is never
	// given twice. What was deleted comes back also where some could not be: the
	// error is that of the first, of Kind Conflict for one that is ACTIVE.
	DeleteTaskDefinitions(ctx context.Context, refs []string) ([]TaskDefinition, error)

	CreateService(ctx context.Context, cluster string, spec ServiceSpec) (Service, error)
	UpdateService(ctx context.Context, cluster, service string, change ServiceChange) (Service, error)
	// DeleteService scales to zero when force is set, then removes the service.
	// Without force, Kind Conflict is returned while tasks are wanted.
	DeleteService(ctx context.Context, cluster, service string, force bool) (Service, error)
	// StopServiceDeployment ends a deployment that is in progress by rolling
	// back to the newest completed one. Kind Conflict when there is nothing to
	// stop, or nothing to go back to.
	StopServiceDeployment(ctx context.Context, arn string) (ServiceDeployment, error)
	// ContinueServiceDeployment answers the hook that a deployment is paused
	// at: it goes on to the next stage, or back. Kind Conflict when the hook
	// does not wait for an answer (any more), Invalid for another action.
	ContinueServiceDeployment(ctx context.Context, arn, hook string, action HookAction) (ServiceDeployment, error)
}

// Runner starts and stops single tasks.
type Runner interface {
	RunTask(ctx context.Context, req RunTaskRequest) ([]Task, error)
	// StopTask asks a task to stop; a service replaces it.
	StopTask(ctx context.Context, cluster, task, reason string) (Task, error)
}

// Builder builds images. The stream ends after a [BuildDone] or an error;
// cancelling ctx kills the build, also a RUN that is in the middle.
type Builder interface {
	Build(ctx context.Context, req BuildRequest) iter.Seq2[BuildEvent, error]
}

// Registry puts images where the backend's tasks pull them from. The stream
// ends after a [PushDone] or an error.
type Registry interface {
	Push(ctx context.Context, req PushRequest) iter.Seq2[PushEvent, error]
}

// Images manages the images that a backend's tasks run from.
type Images interface {
	ListImages(ctx context.Context, p PageRequest) (Page[Image], error)
	DescribeImage(ctx context.Context, ref string) (ImageDetail, error)
	TagImage(ctx context.Context, ref, tag string) error
	// RemoveImage removes one tag, or an image by its id. Kind Conflict while a
	// container or a service's current task definition uses it.
	RemoveImage(ctx context.Context, ref string) error
	// PlanPrune says what PruneImages would remove; it removes nothing.
	PlanPrune(ctx context.Context) (Prune, error)
	// PruneImages removes the images of a plan, except those used since.
	PruneImages(ctx context.Context, p Prune) (Prune, error)
}

// Logs reads what containers wrote.
type Logs interface {
	// Logs streams lines in batches, merged in time order. It ends when all
	// that q asks for was read; with Follow it goes on, over task
	// replacements, until ctx is cancelled.
	Logs(ctx context.Context, q LogQuery) iter.Seq2[LogBatch, error]
}

// Metrics measures running tasks, and knows what services used before.
type Metrics interface {
	// Usage streams one batch of samples about every two seconds for the given
	// tasks, until ctx is cancelled.
	Usage(ctx context.Context, cluster string, tasks []string) iter.Seq2[[]Usage, error]
	// ServiceHistory gives what a service used in the past. It may be asked
	// often: what is the newest is kept.
	ServiceHistory(ctx context.Context, cluster, service string, q HistoryQuery) (UsageHistory, error)
}

// Shell runs a command inside a container, on the caller's streams.
type Shell interface {
	// Shell returns the command's exit code once it ends; -1 where the backend
	// is not told.
	Shell(ctx context.Context, req ShellRequest) (int, error)
}

// Verifier checks a task definition and a service against what this backend
// can honour, without changing anything.
type Verifier interface {
	Verify(ctx context.Context, req VerifyRequest) ([]Finding, error)
}

// TargetReader reads the target groups that services are registered with, and
// how healthy their targets are: [TargetGroupARNs] of a service. Kind NotFound
// names a group that does not exist. What is the newest is kept for some seconds.
type TargetReader interface {
	DescribeTargetGroups(ctx context.Context, arns []string) ([]TargetGroup, error)
}

// ScalingReader reads how a service's desired count is looked after.
type ScalingReader interface {
	DescribeScaling(ctx context.Context, cluster, service string) (Scaling, error)
}

// Scaler changes it.
type Scaler interface {
	// ChangeScaling registers the service for autoscaling where it is not. Kind
	// Invalid is what [CheckScaling] finds.
	ChangeScaling(ctx context.Context, cluster, service string, change ScalingChange) (Scaling, error)
	// RemoveScaling deregisters the service, its policies with it. One that is not
	// registered, or does not exist, is no error.
	RemoveScaling(ctx context.Context, cluster, service string) error
}

// CapacityReader reads the machines of a cluster, and where they come from.
// DescribeContainerInstances takes ARNs, at most 100 on ECS: implementations
// split what is longer. An instance that does not exist is left out.
type CapacityReader interface {
	ListContainerInstances(ctx context.Context, cluster string, p PageRequest) (Page[string], error)
	DescribeContainerInstances(ctx context.Context, cluster string, arns []string) ([]ContainerInstance, error)
	DescribeCapacity(ctx context.Context, cluster string) (Capacity, error)
}

// DiscoveryReader reads what a service is registered as in service discovery;
// nothing where it is not. Kind NotFound names an entry that does not exist.
type DiscoveryReader interface {
	DescribeDiscovery(ctx context.Context, q DiscoveryQuery) ([]Discovery, error)
}

// Notifier is implemented by backends that know when something changed, so
// that a watch reads at once instead of at its next poll. A notification
// carries nothing: it may be merged with others, but the last change is never
// lost.
type Notifier interface {
	// Notify calls fn after changes until ctx ends. fn must not block.
	Notify(ctx context.Context, fn func())
}
