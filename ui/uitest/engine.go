package uitest

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Fault is what is wrong with the way to the backend. The zero value is nothing.
type Fault struct {
	Hang bool          // calls give no answer until they are given up
	Err  error         // calls fail with this
	Slow time.Duration // calls take so long
}

// Hanging is an engine that takes calls and never answers.
func Hanging() Fault { return Fault{Hang: true} }

// Stopped is an engine that is not there.
func Stopped() Fault {
	return Fault{Err: &backend.Error{
		Op: "Connect", Kind: backend.Unreachable, Resource: "unix:///var/run/docker.sock",
		Err: context.DeadlineExceeded, Remedy: "start the engine: sudo systemctl start docker",
	}}
}

// Engine stands between the program and the demo, and can be broken. Reading
// passes through it, and what takes long; other changes go straight to the demo.
type Engine struct {
	backend.Backend

	mu    sync.Mutex
	fault Fault
}

// Break sets what is wrong; the zero value mends it.
func (e *Engine) Break(f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = f
}

func (e *Engine) pass(ctx context.Context) error {
	e.mu.Lock()
	f := e.fault
	e.mu.Unlock()
	if f.Hang {
		<-ctx.Done()
		return &backend.Error{Op: "Connect", Kind: backend.KindOf(ctx.Err()), Err: ctx.Err()}
	}
	if f.Slow > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(f.Slow):
		}
	}
	return f.Err
}

// Notify passes the demo's notifications on.
func (e *Engine) Notify(ctx context.Context, fn func()) {
	e.Backend.(backend.Notifier).Notify(ctx, fn)
}

// call is a call that goes through.
func call[T any](ctx context.Context, e *Engine, do func() (T, error)) (T, error) {
	if err := e.pass(ctx); err != nil {
		var none T
		return none, err
	}
	return do()
}

// stream is a stream that breaks as soon as something is wrong.
func stream[T any](ctx context.Context, e *Engine, from iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := e.pass(ctx); err != nil {
			yield(none, err)
			return
		}
		for v, err := range from {
			if broken := e.pass(ctx); broken != nil {
				yield(none, broken)
				return
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

type (
	page  = backend.Page[string]
	token = backend.PageRequest
)

// The reads of the contract.

// Info says where the backend is.
func (e *Engine) Info(ctx context.Context) (backend.Info, error) {
	return call(ctx, e, func() (backend.Info, error) { return e.Backend.Info(ctx) })
}

// ListClusters lists clusters.
func (e *Engine) ListClusters(ctx context.Context, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListClusters(ctx, p) })
}

// DescribeClusters describes clusters.
func (e *Engine) DescribeClusters(ctx context.Context, arns []string) ([]backend.Cluster, error) {
	return call(ctx, e, func() ([]backend.Cluster, error) { return e.Backend.DescribeClusters(ctx, arns) })
}

// ListServices lists services.
func (e *Engine) ListServices(ctx context.Context, cluster string, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListServices(ctx, cluster, p) })
}

// DescribeServices describes services.
func (e *Engine) DescribeServices(ctx context.Context, cluster string, names []string) ([]backend.Service, error) {
	return call(ctx, e, func() ([]backend.Service, error) { return e.Backend.DescribeServices(ctx, cluster, names) })
}

// ListTasks lists tasks.
func (e *Engine) ListTasks(ctx context.Context, q backend.TaskQuery, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListTasks(ctx, q, p) })
}

// DescribeTasks describes tasks.
func (e *Engine) DescribeTasks(ctx context.Context, cluster string, arns []string) ([]backend.Task, error) {
	return call(ctx, e, func() ([]backend.Task, error) { return e.Backend.DescribeTasks(ctx, cluster, arns) })
}

// ListFamilies lists families.
func (e *Engine) ListFamilies(ctx context.Context, status string, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListFamilies(ctx, status, p) })
}

// ListTaskDefinitions lists revisions.
func (e *Engine) ListTaskDefinitions(ctx context.Context, family, status string, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListTaskDefinitions(ctx, family, status, p) })
}

// DescribeTaskDefinition describes a revision.
func (e *Engine) DescribeTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	return call(ctx, e, func() (backend.TaskDefinition, error) { return e.Backend.DescribeTaskDefinition(ctx, ref) })
}

// ListServiceDeployments lists deployments.
func (e *Engine) ListServiceDeployments(ctx context.Context, cluster, service string, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListServiceDeployments(ctx, cluster, service, p) })
}

// DescribeServiceDeployments describes deployments.
func (e *Engine) DescribeServiceDeployments(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
	return call(ctx, e, func() ([]backend.ServiceDeployment, error) { return e.Backend.DescribeServiceDeployments(ctx, arns) })
}

// RemoveImage removes an image.
func (e *Engine) RemoveImage(ctx context.Context, ref string) error {
	_, err := call(ctx, e, func() (struct{}, error) { return struct{}{}, e.Backend.RemoveImage(ctx, ref) })
	return err
}

// ListImages lists images.
func (e *Engine) ListImages(ctx context.Context, p token) (backend.Page[backend.Image], error) {
	return call(ctx, e, func() (backend.Page[backend.Image], error) { return e.Backend.ListImages(ctx, p) })
}

// DescribeImage describes an image.
func (e *Engine) DescribeImage(ctx context.Context, ref string) (backend.ImageDetail, error) {
	return call(ctx, e, func() (backend.ImageDetail, error) { return e.Backend.DescribeImage(ctx, ref) })
}

// ListRepositories lists repositories.
func (e *Engine) ListRepositories(ctx context.Context, p token) (backend.Page[backend.Repository], error) {
	return call(ctx, e, func() (backend.Page[backend.Repository], error) { return e.Backend.ListRepositories(ctx, p) })
}

// RepositoryContents counts what is in a repository.
func (e *Engine) RepositoryContents(ctx context.Context, name string) (backend.RepositoryContents, error) {
	return call(ctx, e, func() (backend.RepositoryContents, error) { return e.Backend.RepositoryContents(ctx, name) })
}

// ListRepositoryImages lists the images of a repository.
func (e *Engine) ListRepositoryImages(ctx context.Context, name string, p token) (backend.Page[backend.Image], error) {
	return call(ctx, e, func() (backend.Page[backend.Image], error) { return e.Backend.ListRepositoryImages(ctx, name, p) })
}

// ScanFindings lists what a scan found.
func (e *Engine) ScanFindings(ctx context.Context, ref string, p token) (backend.Page[backend.ScanFinding], error) {
	return call(ctx, e, func() (backend.Page[backend.ScanFinding], error) { return e.Backend.ScanFindings(ctx, ref, p) })
}

// PlanRepositoryPrune plans.
func (e *Engine) PlanRepositoryPrune(ctx context.Context, name string, keep int) (backend.Prune, error) {
	return call(ctx, e, func() (backend.Prune, error) { return e.Backend.PlanRepositoryPrune(ctx, name, keep) })
}

// Logs streams logs.
func (e *Engine) Logs(ctx context.Context, q backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return stream(ctx, e, e.Backend.Logs(ctx, q))
}

// Usage streams what tasks use.
func (e *Engine) Usage(ctx context.Context, cluster string, tasks []string) iter.Seq2[[]backend.Usage, error] {
	return stream(ctx, e, e.Backend.Usage(ctx, cluster, tasks))
}

// ServiceHistory reads what a service used.
func (e *Engine) ServiceHistory(ctx context.Context, cluster, service string, q backend.HistoryQuery) (backend.UsageHistory, error) {
	return call(ctx, e, func() (backend.UsageHistory, error) { return e.Backend.ServiceHistory(ctx, cluster, service, q) })
}

// DescribeTargetGroups reads target groups.
func (e *Engine) DescribeTargetGroups(ctx context.Context, arns []string) ([]backend.TargetGroup, error) {
	return call(ctx, e, func() ([]backend.TargetGroup, error) { return e.Backend.DescribeTargetGroups(ctx, arns) })
}

// DescribeScaling reads how a service is scaled.
func (e *Engine) DescribeScaling(ctx context.Context, cluster, service string) (backend.Scaling, error) {
	return call(ctx, e, func() (backend.Scaling, error) { return e.Backend.DescribeScaling(ctx, cluster, service) })
}

// DescribeDiscovery reads what a service is found as.
func (e *Engine) DescribeDiscovery(ctx context.Context, q backend.DiscoveryQuery) ([]backend.Discovery, error) {
	return call(ctx, e, func() ([]backend.Discovery, error) { return e.Backend.DescribeDiscovery(ctx, q) })
}

// ListContainerInstances lists machines.
func (e *Engine) ListContainerInstances(ctx context.Context, cluster string, p token) (page, error) {
	return call(ctx, e, func() (page, error) { return e.Backend.ListContainerInstances(ctx, cluster, p) })
}

// DescribeContainerInstances describes machines.
func (e *Engine) DescribeContainerInstances(ctx context.Context, cluster string, arns []string) ([]backend.ContainerInstance, error) {
	return call(ctx, e, func() ([]backend.ContainerInstance, error) {
		return e.Backend.DescribeContainerInstances(ctx, cluster, arns)
	})
}

// DescribeCapacity reads the capacity providers of a cluster.
func (e *Engine) DescribeCapacity(ctx context.Context, cluster string) (backend.Capacity, error) {
	return call(ctx, e, func() (backend.Capacity, error) { return e.Backend.DescribeCapacity(ctx, cluster) })
}
