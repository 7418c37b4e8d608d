package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// readTimeout bounds one reading of a rollout.
const readTimeout = 15 * time.Second

// reader reads everything about one rollout.
type reader struct {
	b                Watcher
	cluster, service string
	want             string    // ARN or id of the deployment, "" until it is known
	id               string    // "ecs-svc/…"
	settles          time.Time // when a change was made that began no deployment, else zero
	stopped          map[string]backend.Task
	definitions      map[string]backend.TaskDefinition
}

// read gives the state of the rollout at one moment. The deployment is read
// before the tasks, so that what is read after its end is complete.
func (r *reader) read(ctx context.Context) (RolloutProgress, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var p RolloutProgress
	var known bool
	var err error
	if r.settles.IsZero() && strings.HasPrefix(r.want, "arn:") {
		if p.Deployment, known, err = r.byARN(ctx); err != nil {
			return p, err
		}
	}
	all, err := r.b.DescribeServices(ctx, r.cluster, []string{r.service})
	if err != nil {
		return p, err
	}
	if len(all) == 0 {
		return p, backend.Errorf("DescribeServices", backend.NotFound, r.service, "the service is gone")
	}
	p.Service = all[0]
	switch {
	case !r.settles.IsZero():
		p.Deployment = settling(p.Service)
	case !known:
		if p.Deployment, err = r.find(ctx, p.Service); err != nil {
			return p, err
		}
	}
	p.Tasks, err = r.tasks(ctx, p.Deployment)
	return p, err
}

func (r *reader) byARN(ctx context.Context) (backend.ServiceDeployment, bool, error) {
	all, err := r.b.DescribeServiceDeployments(ctx, []string{r.want})
	if err != nil || len(all) == 0 {
		return backend.ServiceDeployment{}, false, err
	}
	r.id = all[0].ID
	return all[0], true, nil
}

// find looks for the service deployment of the id that is followed. Where the
// backend has none (yet), it is made up from the service's own deployments.
func (r *reader) find(ctx context.Context, s backend.Service) (backend.ServiceDeployment, error) {
	if r.id == "" && strings.HasPrefix(r.want, "ecs-svc/") {
		r.id = r.want
	}
	if r.id == "" {
		if d, ok := s.Primary(); ok {
			r.id = d.ID
		}
	}
	if s.Current != "" && !strings.HasPrefix(r.want, "arn:") {
		all, err := r.b.DescribeServiceDeployments(ctx, []string{s.Current})
		if err != nil {
			return backend.ServiceDeployment{}, err
		}
		i := slices.IndexFunc(s.Deployments, func(d backend.Deployment) bool { return d.ID == r.id })
		if len(all) > 0 && i >= 0 && isOf(all[0], s.Deployments[i]) {
			r.want = all[0].ARN
			return all[0], nil
		}
	}
	return synthetic(s, r.id), nil
}

// synthetic reads a rollout's state from DescribeServices' deployments, for
// services that have no service deployments.
func synthetic(s backend.Service, id string) backend.ServiceDeployment {
	d := backend.ServiceDeployment{ID: id, Service: s.Name, Cluster: s.Cluster, Status: backend.InProgress}
	primary, _ := s.Primary()
	i := slices.IndexFunc(s.Deployments, func(e backend.Deployment) bool { return e.ID == id })
	if i < 0 {
		d.Status, d.Reason = backend.Stopped, "another deployment took its place"
		return d
	}
	mine := s.Deployments[i]
	d.CreatedAt, d.StartedAt, d.Reason = mine.CreatedAt, mine.CreatedAt, mine.RolloutReason
	d.Target = backend.Revision{
		TaskDefinition: mine.TaskDefinition, Desired: mine.Desired,
		Pending: mine.Pending, Running: mine.Running, Failed: mine.Failed,
	}
	for _, e := range s.Deployments {
		if e.ID != id {
			d.Source = append(d.Source, backend.Revision{
				TaskDefinition: e.TaskDefinition, Desired: e.Desired, Pending: e.Pending, Running: e.Running, Failed: e.Failed,
			})
		}
	}
	newer := primary.ID != id && primary.CreatedAt.After(mine.CreatedAt)
	switch {
	case newer && !rollsBack(mine, primary):
		d.Status, d.Reason = backend.Stopped, "a newer deployment took its place"
	case mine.Rollout == backend.RolloutCompleted:
		d.Status, d.FinishedAt = backend.Successful, mine.UpdatedAt
	case mine.Rollout == backend.RolloutFailed && primary.ID == id:
		d.Status, d.FinishedAt = backend.Stopped, mine.UpdatedAt
	case primary.ID != id && primary.Rollout == backend.RolloutCompleted:
		d.Status, d.RollbackTo, d.FinishedAt = backend.RollbackSuccessful, primary.TaskDefinition, primary.UpdatedAt
	case primary.ID != id:
		d.Status, d.RollbackTo = backend.RollbackInProgress, primary.TaskDefinition
	}
	return d
}

// rollsBack says whether primary is there because mine failed.
func rollsBack(mine, primary backend.Deployment) bool {
	return mine.Rollout == backend.RolloutFailed &&
		strings.Contains(strings.ToLower(primary.RolloutReason+mine.RolloutReason), "rolling back")
}

// tasks are the service's live tasks and those of this rollout that stopped.
// A stopped task does not change any more and is read once.
func (r *reader) tasks(ctx context.Context, d backend.ServiceDeployment) ([]backend.Task, error) {
	var ask, kept []string
	for _, stopped := range []bool{false, true} {
		q := backend.TaskQuery{Cluster: r.cluster, Service: backend.ShortName(r.service), Stopped: stopped}
		list := func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return r.b.ListTasks(ctx, q, p)
		}
		for arn, err := range backend.All(ctx, list) {
			if err != nil {
				return nil, err
			}
			if _, ok := r.stopped[arn]; ok {
				kept = append(kept, arn)
			} else if !slices.Contains(ask, arn) {
				ask = append(ask, arn)
			}
		}
	}
	var out []backend.Task
	for batch := range slices.Chunk(ask, 100) {
		got, err := r.b.DescribeTasks(ctx, r.cluster, batch)
		if err != nil {
			return nil, err
		}
		for _, t := range got {
			if t.LastStatus == backend.TaskStopped {
				r.stopped[t.ARN] = t
				kept = append(kept, t.ARN)
				continue
			}
			out = append(out, t)
		}
	}
	for _, arn := range kept {
		if t := r.stopped[arn]; t.StoppedAt.Before(r.settles) {
			continue
		} else if ofRollout(t, d) || !t.StoppedAt.IsZero() && !t.StoppedAt.Before(d.CreatedAt) && !d.CreatedAt.IsZero() {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b backend.Task) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ARN, b.ARN)
	})
	return out, nil
}

// ofRollout says whether t was started by the deployment d.
func ofRollout(t backend.Task, d backend.ServiceDeployment) bool {
	if t.StartedBy != "" && d.ID != "" {
		return t.StartedBy == d.ID
	}
	return d.Target.TaskDefinition != "" && t.TaskDefinition == d.Target.TaskDefinition && !t.CreatedAt.Before(d.CreatedAt)
}

// definition reads a task definition once; without it a diagnosis is only less
// concrete.
func (r *reader) definition(ctx context.Context, ref string) backend.TaskDefinition {
	if td, ok := r.definitions[ref]; ok || ref == "" {
		return td
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	td, err := r.b.DescribeTaskDefinition(ctx, ref)
	if err != nil {
		return backend.TaskDefinition{}
	}
	if r.definitions == nil {
		r.definitions = map[string]backend.TaskDefinition{}
	}
	r.definitions[ref] = td
	return td
}
