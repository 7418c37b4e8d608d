package scheduler

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

var errStillWanted = errors.New("the service still wants tasks")

// event adds one line to the service's history, newest first, in ECS's wording.
// Its id is derived from the service and a running number, so that it is the
// same wherever it is computed.
func (r *Record) event(now time.Time, text string) {
	r.EventSeq++
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s/%d/%d", r.Cluster, r.Name, r.CreatedAt.UnixNano(), r.EventSeq)
	a := h.Sum64()
	fmt.Fprintf(h, "/2")
	b := h.Sum64()
	e := backend.Event{
		ID: fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff),
		At: now, Message: backend.Clean("(service " + r.Name + ") " + text),
	}
	r.Events = append([]backend.Event{e}, r.Events...)
	if len(r.Events) > maxEvents {
		r.Events = r.Events[:maxEvents]
	}
}

// startedEvent and stoppedEvent name the tasks as ECS does.
func (r *Record) startedEvent(now time.Time, tasks []backend.Task) {
	if len(tasks) > 0 {
		r.event(now, fmt.Sprintf("has started %d tasks: %s.", len(tasks), taskList(tasks)))
	}
}

func (r *Record) stoppedEvent(now time.Time, tasks []backend.Task) {
	if len(tasks) > 0 {
		r.event(now, fmt.Sprintf("has stopped %d running tasks: %s.", len(tasks), taskList(tasks)))
	}
}

func taskList(tasks []backend.Task) string {
	var b strings.Builder
	for i, t := range tasks {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("(task " + t.ID() + ")")
	}
	return b.String()
}
