package deploy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Remover is what [PlanRemoval] and [Remove] work on.
type Remover interface {
	backend.Describer
	RevisionPruner
	backend.ScalingReader
	backend.Scaler
	backend.Schedules
	backend.Images
	backend.Repositories
}

// RemovalRequest says whose things are removed.
type RemovalRequest struct {
	App     string // "" for what the service's revision says
	Cluster string
	Service string // "" for an app without one
	Family  string // of its task definition; "" for that of the service
	// Repositories are those that the app's images go to.
	Repositories []string
	KeepImages   bool
}

// RemovalKind is what sort of thing is removed, in the order in which it goes.
type RemovalKind string

// The kinds.
const (
	RemoveService    RemovalKind = "service"
	RemoveSchedule   RemovalKind = "schedule"
	RemoveScaling    RemovalKind = "scalable target"
	RemoveRevision   RemovalKind = "revision"
	RemoveImage      RemovalKind = "image"
	RemoveRepository RemovalKind = "repository"
	keepLogGroup     RemovalKind = "log group"
)

// RemovalItem is one thing in a plan. Note says more of one that goes, Why the
// reason of one that stays.
type RemovalItem struct {
	Kind      RemovalKind
	Name      string
	Note, Why string

	arn    string
	active bool // a revision that is to be deregistered
}

// Removal is what an app has made, what of it goes and what stays, before
// anything is touched. Running it again after one that was cut off plans what is
// left.
type Removal struct {
	Request        RemovalRequest
	Service        *backend.Service // nil: it is gone, or there never was one
	Going, Staying []RemovalItem

	uses  Uses              // of the family's revisions
	needs map[string]string // revisions that stay, by the images that they name
}

// PlanRemoval finds what an app has made: its service with the tasks, its
// schedules, the scalable target, the revisions that it registered, and its
// images. What others use, or made, stays. It reads every service of every
// cluster for that.
func PlanRemoval(ctx context.Context, b Remover, req RemovalRequest) (*Removal, error) {
	p := &Removal{Request: req}
	if err := p.readService(ctx, b); err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, Remover) error{p.readSchedules, p.readScaling, p.readRevisions, p.readImages, p.readLogs} {
		if err := read(ctx, b); err != nil {
			return nil, err
		}
	}
	if len(p.Going) == 0 {
		e := backend.Errorf("DeleteService", backend.NotFound, backend.Clean(req.Service+req.App), "there is nothing of it in cluster %s", backend.Clean(req.Cluster))
		e.Remedy = "ecs-tui status lists the services"
		return nil, e
	}
	return p, nil
}

func (p *Removal) goes(i RemovalItem)  { p.Going = append(p.Going, i) }
func (p *Removal) stays(i RemovalItem) { p.Staying = append(p.Staying, i) }

// readService finds the service, and by its revision the family and the app.
func (p *Removal) readService(ctx context.Context, b Remover) error {
	if p.Request.Service == "" {
		return nil
	}
	found, err := b.DescribeServices(ctx, p.Request.Cluster, []string{p.Request.Service})
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return err
	}
	p.Service = activeService(found)
	if p.Service == nil {
		return nil
	}
	note := "with its " + countOf(p.Service.Running, "task")
	if p.Service.Status == "DRAINING" {
		note = "it is being deleted already"
	}
	p.goes(RemovalItem{Kind: RemoveService, Name: p.Service.Name, Note: note, arn: p.Service.ARN})
	family := familyOf(backend.ShortName(p.Service.TaskDefinition))
	if p.Request.Family == "" {
		p.Request.Family = family
	}
	td, err := b.DescribeTaskDefinition(ctx, p.Service.TaskDefinition)
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return err
	}
	if p.Request.App == "" && err == nil {
		p.Request.App = OriginOf(td).App
	}
	return nil
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// madeBy says in whose hands something is that does not go.
func madeBy(app string) string {
	if app == "" {
		return "not made by ecs-tui for an app"
	}
	return "made by app " + app
}

func (p *Removal) readSchedules(ctx context.Context, b Remover) error {
	if b.Unsupported(backend.CanSchedule) != "" {
		return nil
	}
	for s, err := range backend.All(ctx, func(ctx context.Context, q backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return b.ListSchedules(ctx, p.Request.Cluster, q)
	}) {
		if kind := backend.KindOf(err); kind == backend.Denied || kind == backend.NotFound {
			return nil // what nobody may look at was not made by who may not
		}
		if err != nil {
			return err
		}
		switch {
		case p.Request.App != "" && s.App == p.Request.App:
			p.goes(RemovalItem{Kind: RemoveSchedule, Name: s.Name, Note: DescribeSchedule(s.ScheduleSpec), arn: s.ARN})
		case familyOf(backend.ShortName(s.TaskDefinition)) == p.Request.Family:
			p.stays(RemovalItem{Kind: RemoveSchedule, Name: s.Name, Why: madeBy(s.App)})
		}
	}
	return nil
}

func (p *Removal) readScaling(ctx context.Context, b Remover) error {
	if p.Request.Service == "" || b.Unsupported(backend.CanAutoscale) != "" {
		return nil
	}
	now, err := b.DescribeScaling(ctx, p.Request.Cluster, p.Request.Service)
	if kind := backend.KindOf(err); kind == backend.NotFound || kind == backend.Denied {
		return nil
	}
	if err == nil && now.Registered {
		note := fmt.Sprintf("%d to %d tasks", now.Min, now.Max)
		if len(now.Policies) > 0 {
			note += ", with its policies"
		}
		p.goes(RemovalItem{Kind: RemoveScaling, Name: p.Request.Service, Note: note})
	}
	return err
}

// readRevisions finds the revisions that the app registered and that nobody else
// needs.
func (p *Removal) readRevisions(ctx context.Context, b Remover) error {
	if p.Request.Family == "" {
		return nil
	}
	var err error
	if p.uses, err = allUses(ctx, b, p.Request.Family); err != nil {
		return err
	}
	for _, status := range []string{backend.ActiveDefinition, backend.InactiveDefinition} {
		for arn, err := range backend.All(ctx, func(ctx context.Context, q backend.PageRequest) (backend.Page[string], error) {
			return b.ListTaskDefinitions(ctx, p.Request.Family, status, q)
		}) {
			if err != nil {
				return err
			}
			td, err := b.DescribeTaskDefinition(ctx, arn)
			if err != nil {
				return err
			}
			item := RemovalItem{Kind: RemoveRevision, Name: td.Ref(), Note: "deregistered, then deleted", arn: arn, active: status == backend.ActiveDefinition}
			if !item.active {
				item.Note = "inactive already; deleted"
			}
			switch others := p.others(p.uses[td.Ref()]); {
			case p.Request.App == "" || OriginOf(td).App != p.Request.App:
				item.Why = madeBy(OriginOf(td).App)
			case len(others) > 0:
				item.Why = "used by " + DescribeUses(others)
			}
			if item.Why == "" {
				p.goes(item)
				continue
			}
			p.stays(item)
			for _, c := range td.Containers {
				if p.needs == nil {
					p.needs = map[string]string{}
				}
				p.needs[c.Image] = td.Ref()
			}
		}
	}
	return nil
}

// others are the uses that do not go themselves.
func (p *Removal) others(uses []RevisionUse) []RevisionUse {
	cluster := backend.ShortName(p.Request.Cluster)
	return slices.DeleteFunc(slices.Clone(uses), func(u RevisionUse) bool {
		if u.Cluster != cluster {
			return false
		}
		return u.Service != "" && u.Service == p.Request.Service ||
			u.Schedule != "" && slices.ContainsFunc(p.Going, func(i RemovalItem) bool { return i.Kind == RemoveSchedule && i.Name == u.Schedule })
	})
}

// readLogs names the log groups that the containers write to: none was made here.
func (p *Removal) readLogs(ctx context.Context, b Remover) error {
	if p.Service == nil || b.Unsupported(backend.CanPush) != "" { // an engine keeps logs with its containers
		return nil
	}
	td, err := b.DescribeTaskDefinition(ctx, p.Service.TaskDefinition)
	if err != nil {
		return nil //nolint:nilerr // it is a remark only
	}
	var doc struct {
		Containers []struct {
			Log struct{ Options map[string]string } `json:"logConfiguration"`
		} `json:"containerDefinitions"`
	}
	if td.Document.Decode(&doc) != nil {
		return nil
	}
	for _, c := range doc.Containers {
		name := backend.Clean(c.Log.Options["awslogs-group"])
		if name != "" && !slices.ContainsFunc(p.Staying, func(i RemovalItem) bool { return i.Kind == keepLogGroup && i.Name == name }) {
			p.stays(RemovalItem{Kind: keepLogGroup, Name: name, Why: "its lines stay; ecs-tui makes no log groups"})
		}
	}
	return nil
}

// RemovalProgress is how far [Remove] is. Kept are those that could not go, since
// they are used by now.
type RemovalProgress struct {
	Item        RemovalItem // that was worked on last
	Done, Total int
	Kept        []RemovalItem
}

// Left are the items of a plan that still have to go after a progress.
func (p *Removal) Left(at RemovalProgress) []RemovalItem {
	return p.Going[min(at.Done+len(at.Kept), len(p.Going)):]
}

// removeWait bounds how long a service may take to be gone.
const removeWait = 15 * time.Minute

// errStillThere is a service whose tasks do not stop.
var errStillThere = errors.New("its tasks are still stopping")

// Remove carries a plan out: the service first, and what it used once it is gone.
// Whoever stops iterating, or cancels ctx, ends it between two calls; a new plan
// goes on from there.
func Remove(ctx context.Context, b Remover, p *Removal, opts Options) iter.Seq2[RemovalProgress, error] {
	return func(yield func(RemovalProgress, error) bool) {
		opts = opts.defaults()
		at := RemovalProgress{Total: len(p.Going)}
		for _, item := range p.Going {
			at.Item = item
			if !yield(at, nil) {
				return
			}
			if err := ctx.Err(); err != nil {
				yield(at, &backend.Error{Op: "Delete", Kind: backend.Cancelled, Resource: item.Name, Err: err})
				return
			}
			err := p.remove(ctx, b, item, opts)
			switch kind := backend.KindOf(err); {
			case err == nil, kind == backend.NotFound: // somebody else was faster
				at.Done++
			case kind == backend.Conflict && item.Kind != RemoveService:
				item.Why = message(err)
				at.Kept = append(at.Kept, item)
			default:
				yield(at, err)
				return
			}
		}
		yield(at, nil)
	}
}

// message is the cause of an error in one line.
func message(err error) string {
	var e *backend.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

// remove removes one item.
func (p *Removal) remove(ctx context.Context, b Remover, item RemovalItem, opts Options) error {
	call, cancel := committed(ctx)
	defer cancel()
	switch item.Kind {
	case RemoveService:
		if _, err := b.DeleteService(call, p.Request.Cluster, item.Name, true); err != nil && backend.KindOf(err) != backend.Conflict {
			return err
		}
		return waitGone(ctx, b, p.Request.Cluster, item.Name, opts)
	case RemoveSchedule:
		return b.DeleteSchedule(call, p.Request.Cluster, item.arn)
	case RemoveScaling:
		return b.RemoveScaling(call, p.Request.Cluster, item.Name)
	case RemoveRevision:
		if item.active {
			if _, err := b.DeregisterTaskDefinition(call, item.arn); err != nil {
				return err
			}
		}
		_, err := b.DeleteTaskDefinitions(call, []string{item.arn})
		return err
	case RemoveImage:
		return removeImage(ctx, b, item.Name, opts)
	case RemoveRepository:
		return b.DeleteRepository(call, item.Name)
	case keepLogGroup:
	}
	return nil
}

// imageTries is how often an image is tried that containers of the service, which
// are being removed, still need.
const imageTries = 10

func removeImage(ctx context.Context, b backend.Images, ref string, opts Options) error {
	for try := 1; ; try++ {
		err := b.RemoveImage(ctx, ref)
		if backend.KindOf(err) != backend.Conflict || try == imageTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-opts.Clock.After(opts.Interval):
		}
	}
}

// waitGone waits until a service is gone, its tasks with it.
func waitGone(ctx context.Context, b backend.ServiceReader, cluster, service string, opts Options) error {
	for deadline := opts.Clock.Now().Add(removeWait); ; {
		found, err := b.DescribeServices(ctx, cluster, []string{service})
		if backend.KindOf(err) == backend.NotFound || err == nil && activeService(found) == nil {
			return nil
		}
		if err != nil && backend.KindOf(err) != backend.Throttled && backend.KindOf(err) != backend.Unreachable {
			return err
		}
		if opts.Clock.Now().After(deadline) {
			return &backend.Error{Op: "DeleteService", Kind: backend.Unreachable, Resource: service, Err: errStillThere, Remedy: "delete again once they have stopped: what is left goes then"}
		}
		select {
		case <-ctx.Done():
			return &backend.Error{Op: "DeleteService", Kind: backend.Cancelled, Resource: service, Err: ctx.Err()}
		case <-opts.Clock.After(opts.Interval):
		}
	}
}
