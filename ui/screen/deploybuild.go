package screen

import (
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// buildFold is the build of one image: its vertexes in the order they were
// first seen, and its whole log, bounded.
type buildFold struct {
	Vertexes []vertexFold
	Log      []buildLine // oldest first, at most buildLinesKept
	Dropped  int         // lines that fell off the front of Log
	Warnings []backend.BuildWarning
	Notices  []string
	Done     *backend.BuildDone

	index map[string]int
}

// vertexFold is one step of a build.
type vertexFold struct {
	backend.BuildVertex
	Tail []string // the last lines it wrote, at most vertexTailKept
}

// buildLine is one line of the full build log.
type buildLine struct{ Vertex, Text string }

const (
	buildLinesKept = 20_000
	vertexTailKept = 8
)

func (b *buildFold) apply(ev backend.BuildEvent) {
	switch ev := ev.(type) {
	case backend.BuildVertex:
		v := b.vertex(ev.ID)
		was := v.BuildVertex
		v.BuildVertex = ev
		if was.Name == "" || was.Completed.IsZero() != ev.Completed.IsZero() {
			b.mark(was, ev)
		}
	case backend.BuildLog:
		v := b.vertex(ev.Vertex)
		v.Tail = append(v.Tail, ev.Text)
		if n := len(v.Tail) - vertexTailKept; n > 0 {
			v.Tail = append(v.Tail[:0], v.Tail[n:]...)
		}
		b.write(ev.Vertex, "  "+ev.Text)
	case backend.BuildWarning:
		b.Warnings = append(b.Warnings, ev)
		b.write("", "warning: "+warningText(ev))
	case backend.BuildNotice:
		b.Notices = append(b.Notices, ev.Text)
		b.write("", ev.Text)
	case backend.BuildDone:
		b.Done = &ev
	}
}

// vertex finds a vertex or appends it. The pointer is good until the next call.
func (b *buildFold) vertex(id string) *vertexFold {
	if i, ok := b.index[id]; ok {
		return &b.Vertexes[i]
	}
	if b.index == nil {
		b.index = map[string]int{}
	}
	b.index[id] = len(b.Vertexes)
	b.Vertexes = append(b.Vertexes, vertexFold{BuildVertex: backend.BuildVertex{ID: id}})
	return &b.Vertexes[len(b.Vertexes)-1]
}

// mark writes a vertex's start and end into the full log, so that the log
// reads as a build log does anywhere.
func (b *buildFold) mark(was, now backend.BuildVertex) {
	if was.Name == "" && now.Name != "" {
		b.write(now.ID, now.Name)
	}
	switch {
	case now.Completed.IsZero():
	case now.Err != "":
		b.write(now.ID, "  failed: "+now.Err)
	case now.Cached:
		b.write(now.ID, "  cached")
	default:
		b.write(now.ID, fmt.Sprintf("  done in %.1f s", vertexTime(now, now.Completed).Seconds()))
	}
}

func (b *buildFold) write(vertex, text string) {
	b.Log = append(b.Log, buildLine{Vertex: vertex, Text: text})
	if len(b.Log) > buildLinesKept+buildLinesKept/8 {
		n := len(b.Log) - buildLinesKept
		b.Dropped += n
		b.Log = append(b.Log[:0:0], b.Log[n:]...)
	}
}

// counts says how many vertexes there are, how many of them are done and how
// many came from the cache.
func (b *buildFold) counts() (total, done, cached int) {
	for _, v := range b.Vertexes {
		if v.Name == "" {
			continue
		}
		total++
		if !v.Completed.IsZero() || v.Cached {
			done++
		}
		if v.Cached {
			cached++
		}
	}
	return total, done, cached
}

// active gives the vertexes worth a line of their own: those that run and
// those that failed.
func (b *buildFold) active() []vertexFold {
	var out []vertexFold
	for _, v := range b.Vertexes {
		running := !v.Started.IsZero() && v.Completed.IsZero() && !v.Cached
		if v.Name != "" && (running || v.Err != "") {
			out = append(out, v)
		}
	}
	return out
}

// finished gives the vertexes that are done, in their order.
func (b *buildFold) finished() []vertexFold {
	var out []vertexFold
	for _, v := range b.Vertexes {
		if v.Name != "" && v.Err == "" && (!v.Completed.IsZero() || v.Cached) {
			out = append(out, v)
		}
	}
	return out
}

// vertexTime is how long a vertex has been running, or ran.
func vertexTime(v backend.BuildVertex, now time.Time) time.Duration {
	if v.Started.IsZero() {
		return 0
	}
	if !v.Completed.IsZero() {
		now = v.Completed
	}
	return max(now.Sub(v.Started), 0)
}

func warningText(w backend.BuildWarning) string {
	switch {
	case w.File != "" && w.Line > 0:
		return fmt.Sprintf("%s:%d: %s", w.File, w.Line, w.Text)
	case w.File != "":
		return w.File + ": " + w.Text
	default:
		return w.Text
	}
}
