package screen

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// pushFold is the push of one image: its layers in the order they were first
// seen.
type pushFold struct {
	Layers  []backend.PushLayer
	Notices []string
	Done    *backend.PushDone
}

func (p *pushFold) apply(ev backend.PushEvent) {
	switch ev := ev.(type) {
	case backend.PushLayer:
		for i := range p.Layers {
			if p.Layers[i].ID == ev.ID {
				p.Layers[i] = keepTotal(p.Layers[i], ev)
				return
			}
		}
		p.Layers = append(p.Layers, ev)
	case backend.PushNotice:
		p.Notices = append(p.Notices, ev.Text)
	case backend.PushDone:
		p.Done = &ev
	}
}

// keepTotal keeps a layer's size when the last message about it ("Pushed") no
// longer tells it.
func keepTotal(was, now backend.PushLayer) backend.PushLayer {
	if now.Total == 0 {
		now.Total = was.Total
		if layerDone(now.Status) {
			now.Current = was.Total
		} else if now.Current == 0 {
			now.Current = was.Current
		}
	}
	return now
}

// counts says how many layers there are, how many are through, and how many
// of those were there already.
func (p *pushFold) counts() (total, done, there int) {
	for _, l := range p.Layers {
		total++
		if layerDone(l.Status) {
			done++
		}
		if layerThere(l.Status) {
			there++
		}
	}
	return total, done, there
}

// bytes sums what is known of the sizes. A registry's own numbers may run over
// a layer's total; they are cut there.
func (p *pushFold) bytes() (current, total int64) {
	for _, l := range p.Layers {
		total += l.Total
		if layerDone(l.Status) {
			current += l.Total
		} else {
			current += min(l.Current, l.Total)
		}
	}
	return current, total
}

func layerThere(status string) bool {
	s := strings.ToLower(status)
	return strings.Contains(s, "already exists") || strings.Contains(s, "mounted from")
}

func layerDone(status string) bool {
	return layerThere(status) || strings.EqualFold(status, "pushed")
}
