package docker

import (
	"bytes"
	"strings"

	"github.com/moby/buildkit/client"
	digest "github.com/opencontainers/go-digest"

	"github.com/ecs-tui/ecs-tui/backend"
)

// maxBuildLine bounds a line of a step that never ends it.
const maxBuildLine = 64 << 10

// progress turns BuildKit's status messages into events: it adds up what the
// parts of a step have done, and puts the pieces of log lines together.
type progress struct {
	steps map[digest.Digest]*step
	order []digest.Digest // of steps with unfinished lines, as they came
	// failed is the name of the step that went wrong by itself: when one does,
	// those beside it are cancelled.
	failed string
}

type step struct {
	event   backend.BuildVertex
	parts   map[string]*client.VertexStatus
	partial []byte
}

func newProgress() *progress { return &progress{steps: map[digest.Digest]*step{}} }

func (p *progress) step(id digest.Digest) *step {
	s, ok := p.steps[id]
	if !ok {
		s = &step{event: backend.BuildVertex{ID: string(id)}}
		p.steps[id] = s
		p.order = append(p.order, id)
	}
	return s
}

func (p *progress) events(st *client.SolveStatus) []backend.BuildEvent {
	var out []backend.BuildEvent
	for _, v := range st.Vertexes {
		s := p.step(v.Digest)
		s.event.Name = backend.Clean(v.Name)
		s.event.Cached = v.Cached
		s.event.Err = backend.Clean(v.Error)
		if v.Error != "" && !strings.Contains(v.Error, "context canceled") {
			p.failed = s.event.Name
		}
		if v.Started != nil {
			s.event.Started = *v.Started
		}
		if v.Completed != nil {
			s.event.Completed = *v.Completed
			out = append(out, s.flush()...)
		}
		out = append(out, s.event)
	}
	for _, part := range st.Statuses {
		s := p.step(part.Vertex)
		if s.add(part) {
			out = append(out, s.event)
		}
	}
	for _, log := range st.Logs {
		out = append(out, p.step(log.Vertex).lines(log.Data)...)
	}
	for _, w := range st.Warnings {
		out = append(out, warning(w))
	}
	return out
}

// rest is what steps wrote without ending the line.
func (p *progress) rest() []backend.BuildEvent {
	var out []backend.BuildEvent
	for _, id := range p.order {
		out = append(out, p.steps[id].flush()...)
	}
	return out
}

// add sums the parts of a step up; it says whether the sum has moved.
func (s *step) add(part *client.VertexStatus) bool {
	if s.parts == nil {
		s.parts = map[string]*client.VertexStatus{}
	}
	s.parts[part.ID] = part
	current, total := int64(0), int64(0)
	for _, p := range s.parts {
		current += p.Current
		total += p.Total
	}
	moved := current != s.event.Current || total != s.event.Total
	s.event.Current, s.event.Total = current, total
	return moved && s.event.Name != ""
}

// lines cuts what a step wrote into lines. A carriage return overwrites the
// line, as progress bars do.
func (s *step) lines(data []byte) []backend.BuildEvent {
	var out []backend.BuildEvent
	for len(data) > 0 {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		if room := maxBuildLine - len(s.partial); len(line) > room {
			line, rest, ended = data[:room], data[room:], true
		}
		s.partial = append(s.partial, line...)
		data = rest
		if ended {
			out = append(out, s.flushLine())
		}
	}
	return out
}

func (s *step) flush() []backend.BuildEvent {
	if len(s.partial) == 0 {
		return nil
	}
	return []backend.BuildEvent{s.flushLine()}
}

func (s *step) flushLine() backend.BuildEvent {
	line := bytes.TrimRight(s.partial, "\r")
	if i := bytes.LastIndexByte(line, '\r'); i >= 0 {
		line = line[i+1:]
	}
	event := backend.BuildLog{Vertex: s.event.ID, Text: backend.CleanLog(string(line))}
	s.partial = s.partial[:0]
	return event
}

func warning(w *client.VertexWarning) backend.BuildEvent {
	out := backend.BuildWarning{Text: backend.Clean(string(w.Short))}
	if w.SourceInfo != nil {
		out.File = backend.Clean(w.SourceInfo.Filename)
	}
	if len(w.Range) > 0 && w.Range[0].Start != nil {
		out.Line = int(w.Range[0].Start.Line)
	}
	return out
}
