package scheduler

import (
	"cmp"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// tally counts the tasks of one deployment.
type tally struct{ pending, running, healthy int }

// tallies counts live tasks by deployment id. As in ECS, a task that was asked
// to stop counts as running for as long as its status says so.
func (r *Record) tallies(tasks []backend.Task) map[string]tally {
	all := map[string]tally{}
	for _, t := range tasks {
		n := all[t.StartedBy]
		switch t.LastStatus {
		case backend.Provisioning, backend.TaskPending, backend.Activating:
			n.pending++
		case backend.Running:
			n.running++
			if !going(t) && r.isHealthy(t) {
				n.healthy++
			}
		}
		all[t.StartedBy] = n
	}
	return all
}

// isHealthy judges for display: without a clock it trusts the mark that the
// last pass left.
func (r *Record) isHealthy(t backend.Task) bool {
	if c := checked(t); c != "" {
		return c == backend.Healthy
	}
	return r.Seen[t.ID()].Healthy
}

// Service is the service as DescribeServices gives it. tasks are as for
// [Record.Reconcile].
func (r *Record) Service(tasks []backend.Task) backend.Service {
	counts := r.tallies(tasks)
	s := backend.Service{
		ARN: r.ARN(), Name: r.Name, Cluster: r.Cluster, Status: r.Status,
		TaskDefinition: r.TaskDefinition, LaunchType: r.launchType(), Desired: r.Desired,
		Config: r.Spec.Config, GracePeriod: r.Spec.GracePeriod,
		Events: slices.Clone(r.Events), CreatedAt: r.CreatedAt,
	}
	for _, n := range counts {
		s.Running += n.running
		s.Pending += n.pending
	}
	if !r.Strategies {
		s.Config.Controller = "" // whatever the document says, it is this one that deploys
	}
	if len(r.Deployments) > 0 && s.Foreign() == "" {
		s.Current = r.current().ARN
	}
	for _, status := range []string{backend.DeploymentPrimary, backend.DeploymentActive} {
		for _, d := range r.Deployments {
			if d.Status == status {
				s.Deployments = append(s.Deployments, r.deployment(d, counts[d.ID]))
			}
		}
	}
	s.Document = r.serviceDocument(s)
	s.Tags = backend.TagsOf(r.Spec.Document)
	return s
}

// defaultLaunchType is ECS's.
const defaultLaunchType = "EC2"

// launchType is what the service was created with.
func (r *Record) launchType() string {
	var d struct {
		LaunchType string `json:"launchType"`
	}
	if err := r.Spec.Document.Decode(&d); err != nil || d.LaunchType == "" {
		return defaultLaunchType
	}
	return backend.Clean(d.LaunchType)
}

// current is the deployment to look at: the one that is being rolled back or
// rolled out, else the newest.
func (r *Record) current() *Deployment {
	if d := r.rollingBack(); d != nil {
		return d
	}
	return r.Deployments[0]
}

func (r *Record) deployment(d *Deployment, n tally) backend.Deployment {
	return backend.Deployment{
		ID: d.ID, Status: d.Status, Rollout: d.Rollout, RolloutReason: backend.Clean(d.RolloutReason),
		TaskDefinition: d.TaskDefinition, Desired: r.desiredOf(d),
		Pending: n.pending, Running: n.running, Failed: d.Failed,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

func (r *Record) desiredOf(d *Deployment) int {
	if d.Status == backend.DeploymentPrimary || d == r.blue(r.primary()) {
		return r.Desired
	}
	return 0
}

// ServiceDeployments lists the ARNs of the rollouts, newest first. ECS keeps
// none of a service that another controller deploys.
func (r *Record) ServiceDeployments() []string {
	if r.Strategies && r.Spec.Foreign() != "" {
		return nil
	}
	arns := make([]string, len(r.Deployments))
	for i, d := range r.Deployments {
		arns[i] = d.ARN
	}
	return arns
}

// ServiceDeployment is one rollout as DescribeServiceDeployments gives it.
func (r *Record) ServiceDeployment(arn string, tasks []backend.Task) (backend.ServiceDeployment, bool) {
	i := slices.IndexFunc(r.Deployments, func(d *Deployment) bool { return d.ARN == arn })
	if i < 0 {
		return backend.ServiceDeployment{}, false
	}
	d, counts := r.Deployments[i], r.tallies(tasks)
	out := backend.ServiceDeployment{
		ARN: d.ARN, Service: r.Name, Cluster: r.Cluster, ID: d.ID, Status: d.Result,
		Strategy: cmp.Or(d.Strategy, backend.Rolling), Stage: d.Stage, Alarms: r.alarms(d), Hooks: slices.Clone(d.Hooks),
		Reason: backend.Clean(d.Reason), RollbackReason: backend.Clean(d.RollbackReason),
		CreatedAt: d.CreatedAt, StartedAt: d.StartedAt, FinishedAt: d.FinishedAt,
		Breaker: &backend.Breaker{
			Failures: d.Strikes, Threshold: threshold(r.Spec.Config.Breaker, r.Desired), Status: d.Breaker,
		},
	}
	if to := r.byID(d.RollbackTo); to != nil {
		out.RollbackTo = to.TaskDefinition
	}
	out.Target = r.revision(d, counts[d.ID])
	for _, s := range d.Source {
		from := backend.Revision{ARN: s.ARN, TaskDefinition: s.TaskDefinition}
		if old := r.byID(s.Deployment); old != nil {
			from = r.revision(old, counts[old.ID])
		}
		out.Source = append(out.Source, from)
	}
	d.share(&out)
	return out, true
}

// share says how traffic is shared between the revisions of a deployment that
// shifts it.
func (d *Deployment) share(out *backend.ServiceDeployment) {
	if d.Stage == "" {
		return
	}
	out.Target.Traffic = &backend.Traffic{Production: d.Weight, Test: d.TestWeight}
	for i := range out.Source {
		out.Source[i].Traffic = &backend.Traffic{}
		if d.Source[i].Deployment == d.Blue {
			out.Source[i].Traffic.Production = 100 - d.Weight
		}
	}
}

func (r *Record) revision(d *Deployment, n tally) backend.Revision {
	return backend.Revision{
		ARN: d.Target, TaskDefinition: d.TaskDefinition, Images: slices.Clone(d.Images),
		Desired: r.desiredOf(d), Pending: n.pending, Running: n.running, Healthy: n.healthy, Failed: d.Failed,
	}
}
