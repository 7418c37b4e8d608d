package screen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

var errServiceGone = errors.New("the service is gone")

// Sizes of the overview: the charts stand beside each other from chartsWide
// cells on, events come where there is room for eventsLeast lines of them.
const (
	chartsWide  = 110
	chartHigh   = 16
	chartLeast  = 3
	eventsLeast = 4
)

// View draws the tabs, and under them the one that is open.
func (d *ServiceDetail) View(w, h int) string {
	return d.tabs.Line(w) + "\n" + d.tab(w, h-1)
}

func (d *ServiceDetail) tab(w, h int) string {
	switch d.tabs.Active() {
	case tabTargets:
		return d.able(backend.CanBalance, w, h, d.targetsTab)
	case tabScaling:
		return d.able(backend.CanAutoscale, w, h, d.scalingTab)
	case tabDiscovery:
		return d.able(backend.CanDiscover, w, h, d.discoveryTab)
	default:
		return d.service.page(d.env, "the service", w, h, d.overview)
	}
}

// able draws what the backend has, or says why it has not.
func (d *ServiceDetail) able(c backend.Capability, w, h int, draw func(w, h int) string) string {
	if why := d.env.Backend.Unsupported(c); why != "" {
		return message(d.env.Theme, upperFirst(why)+".", "", w, h)
	}
	return draw(w, h)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// rowFoot tells of the row under a table's cursor what its columns have no room
// for.
func (d *ServiceDetail) rowFoot(w, h int, tell string) []string {
	if h < footFrom || tell == "" {
		return nil
	}
	return footOf(d.env.Theme, tell, w)
}

// ofRow is text about the row under a table's cursor, "" without one.
func ofRow[T any](t *widget.Table[T], text func(T) string) string {
	r, ok := t.Cursor()
	if !ok {
		return ""
	}
	return text(r)
}

func (d *ServiceDetail) overview(w, h int) string {
	lines := factLines(d.env.Theme, d.facts(), w)
	if room := max(2, h-2*chartLeast); len(lines) > room {
		lines = lines[:room]
	}
	left := h - len(lines)
	if left > 2*chartLeast+2 {
		lines = append(lines, "")
		left--
	}
	charts := d.charts(w, left)
	lines = append(lines, charts...)
	if left = h - len(lines); left >= eventsLeast {
		lines = append(lines, d.events(w, left)...)
	}
	return widget.Fill(lines, w, h)
}

// facts are the service in a few lines, what matters most first: in a small
// window the last ones are left out.
func (d *ServiceDetail) facts() [][2]string {
	s, th := d.service.value, d.env.Theme
	status, word := ServiceState(s, d.extra.Deployment)
	state := fmt.Sprintf("%s · %d of %s run", word, s.Running, widget.Plural(s.Desired, "task", "tasks"))
	if s.Pending > 0 {
		state += fmt.Sprintf(", %d pending", s.Pending)
	}
	rows := [][2]string{{"state", statusLine(th, status, state)}}
	rows = append(rows, [2]string{"runs", strings.Join(parts(serviceRevision(s), serviceImage(s, &d.extra), d.launchedBy(s)), " · ")})
	if why := s.Foreign(); why != "" {
		rows = append(rows, [2]string{"deployment", why})
	} else if dep := d.extra.Deployment; dep != nil {
		cell := lastDeployment(d.env, s, dep)
		text := cell.Text
		if cell.Status != theme.None {
			text = statusLine(th, cell.Status, text)
		}
		rows = append(rows, [2]string{"deployment", text})
	}
	if line, ok := d.targetsLine(); ok {
		rows = append(rows, [2]string{"targets", line})
	}
	if line, ok := d.scalingLine(); ok {
		rows = append(rows, [2]string{"scaling", line})
	}
	return rows
}

// statusLine is a sign in its colour, and text.
func statusLine(th *theme.Theme, s theme.Status, text string) string {
	return th.Mark(s) + " " + text
}

// parts leaves out what is not known.
func parts(all ...string) []string {
	var out []string
	for _, p := range all {
		if p != "" && p != "–" {
			out = append(out, p)
		}
	}
	return out
}

// onEngine says whether tasks run on the local engine, whatever their documents
// ask for.
func onEngine(env *Env) bool { return env.Info.Backend == "docker" }

// launchedOn is a launch type as it is shown: ECS's, but for the local engine,
// which gives EC2 to whoever reads its documents as ECS's.
func launchedOn(env *Env, launchType string) string {
	if onEngine(env) {
		return "Docker"
	}
	return launchType
}

// launchedBy is what the service's tasks run on: its launch type, the engine, or the
// strategy of its capacity providers.
func (d *ServiceDetail) launchedBy(s backend.Service) string {
	var doc struct {
		Strategy []struct {
			Provider string `json:"capacityProvider"`
			Weight   int    `json:"weight"`
			Base     int    `json:"base"`
		} `json:"capacityProviderStrategy"`
	}
	if s.Document.Decode(&doc) != nil || len(doc.Strategy) == 0 || onEngine(d.env) {
		return launchedOn(d.env, s.LaunchType)
	}
	var out []string
	for _, p := range doc.Strategy {
		text := backend.Clean(p.Provider)
		if len(doc.Strategy) > 1 {
			text += fmt.Sprintf(" (weight %d)", p.Weight)
		}
		if p.Base > 0 {
			text += fmt.Sprintf(" (at least %d)", p.Base)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// charts draws CPU and memory in h lines, beside each other where there is room.
func (d *ServiceDetail) charts(w, h int) []string {
	cpu, memory := d.chart("CPU", d.history.value.CPU), d.chart("Memory", d.history.value.Memory)
	if u := d.extra.Usage; u != nil {
		cpu.Title += "  " + widget.Percent(u.CPU) + " of a core"
		memory.Title += "  " + widget.Size(u.Memory)
		if u.MemoryLimit > 0 {
			memory.Title += " of " + widget.Size(u.MemoryLimit)
		}
	}
	th := d.env.Theme
	if w >= chartsWide {
		n := min(h, chartHigh)
		half := (w - 2) / 2
		left, right := strings.Split(cpu.View(th, half, n), "\n"), strings.Split(memory.View(th, half, n), "\n")
		for i := range left {
			left[i] = widget.Pad(left[i], half) + "  " + right[i]
		}
		return left
	}
	one := min(h/2, chartHigh)
	if one < chartLeast {
		return strings.Split(cpu.View(th, w, h), "\n")
	}
	return append(strings.Split(cpu.View(th, w, one), "\n"), strings.Split(memory.View(th, w, min(h-one, chartHigh)), "\n")...)
}

func (d *ServiceDetail) chart(title string, points []backend.UsagePoint) widget.Chart {
	span := spans[d.span].span
	now := d.env.Clock.Now()
	c := widget.Chart{Title: title, From: now.Add(-span), To: now, Period: backend.HistoryPeriod(span), Unit: " %", Top: 10}
	switch h := &d.history; {
	case !h.loaded && h.err != nil:
		c.Empty = oneLine(h.err)
	case !h.loaded:
		c.Empty = "reading …"
	default:
		c.Empty = "Nothing was measured in this time."
	}
	for _, p := range points {
		c.Points = append(c.Points, widget.ChartPoint{At: p.At, Value: p.Average, Peak: p.Maximum})
	}
	c.Notes = chartNotes(points)
	return c
}

// chartNotes sum a chart up, from long to short.
func chartNotes(points []backend.UsagePoint) []string {
	if len(points) == 0 {
		return nil
	}
	var sum, most float64
	for _, p := range points {
		sum += p.Average
		most = max(most, p.Maximum, p.Average)
	}
	now := widget.Percent(points[len(points)-1].Average) + " now"
	average, peak := widget.Percent(sum/float64(len(points)))+" on average", widget.Percent(most)+" at most"
	return []string{
		"of what is reserved: " + now + ", " + average + ", " + peak,
		now + ", " + average + ", " + peak, now + ", " + peak, now,
	}
}

// events are the newest ones that fit, newest first.
func (d *ServiceDetail) events(w, h int) []string {
	th := d.env.Theme
	lines := []string{"", " " + th.Paint(theme.Title, "Events")}
	for _, e := range d.service.value.Events {
		if len(lines) >= h {
			break
		}
		lines = append(lines, " "+th.Paint(theme.Faint, widget.PadLeft(widget.Ago(d.env.Clock.Now(), e.At), 11))+"  "+e.Message)
	}
	return lines
}
