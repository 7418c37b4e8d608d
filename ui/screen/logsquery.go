package screen

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logTarget is whose log a screen shows: all tasks of a service, or some
// tasks, and all their containers or one.
type logTarget struct {
	Cluster   string
	Service   string   // all its tasks, also later ones
	Tasks     []string // ARNs; used when Service is empty
	Container string
}

// logRange is one of the choices on the keys 0 to 6.
type logRange struct {
	Key   string
	Label string
	Span  time.Duration // 0 is everything
}

// logRanges are the choices of "since", by their key.
func logRanges() []logRange {
	return []logRange{
		{"0", "all", 0},
		{"1", "1 min", time.Minute},
		{"2", "5 min", 5 * time.Minute},
		{"3", "15 min", 15 * time.Minute},
		{"4", "1 h", time.Hour},
		{"5", "6 h", 6 * time.Hour},
		{"6", "24 h", 24 * time.Hour},
	}
}

// logsTail bounds what is read of the past for the screen; the whole log is
// what ctrl+s saves.
const logsTail = 5000

// query is what the backend is asked for.
func (t logTarget) query(r logRange, follow bool, now time.Time) backend.LogQuery {
	q := backend.LogQuery{
		Cluster: t.Cluster, Service: t.Service, Tasks: t.Tasks, Container: t.Container,
		Follow: follow, Tail: logsTail,
	}
	if r.Span > 0 {
		q.Since = now.Add(-r.Span)
	}
	return q
}

// whole is the query for saving: everything there is, and an end.
func (t logTarget) whole(r logRange, now time.Time) backend.LogQuery {
	q := t.query(r, false, now)
	q.Tail = 0
	return q
}

// name is the target as breadcrumbs and file names write it.
func (t logTarget) name() string {
	name := t.Service
	switch {
	case name != "":
	case len(t.Tasks) == 1:
		name = backend.ShortID(t.Tasks[0])
	case len(t.Tasks) > 1:
		name = fmt.Sprintf("%d tasks", len(t.Tasks))
	default:
		name = "logs"
	}
	if t.Container != "" {
		name += "/" + t.Container
	}
	return name
}

// previousTask gives the task that stopped last before the ones that are
// shown: of the same service or, for single tasks, of the same group. When the
// shown task has stopped itself, the one before it is meant.
func previousTask(stopped []backend.Task, shown []string) (backend.Task, bool) {
	before := time.Time{}
	for _, t := range stopped {
		if slices.Contains(shown, t.ARN) && (before.IsZero() || t.StoppedAt.Before(before)) {
			before = t.StoppedAt
		}
	}
	older := slices.DeleteFunc(slices.Clone(stopped), func(t backend.Task) bool {
		return slices.Contains(shown, t.ARN) || (!before.IsZero() && !t.StoppedAt.Before(before))
	})
	if len(older) == 0 {
		return backend.Task{}, false
	}
	return slices.MaxFunc(older, func(a, b backend.Task) int {
		return cmp.Or(a.StoppedAt.Compare(b.StoppedAt), cmp.Compare(a.ARN, b.ARN))
	}), true
}
