package widget_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	. "github.com/ecs-tui/ecs-tui/ui/widget"
)

type viewer interface{ View(w, h int) string }

// viewFunc makes a viewer of a function that draws.
type viewFunc func(w, h int) string

func (f viewFunc) View(w, h int) string { return f(w, h) }

func key(s string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "space": {Code: tea.KeySpace, Text: " "},
		"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	}
	if k, ok := special[s]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(s)[0], Text: s}
}

type svc struct {
	name, state, rev string
	cpu              float64
	status           theme.Status
}

func svcColumns() []Column[svc] {
	return []Column[svc]{
		{Title: "SERVICE", Min: 8, Flex: 2, Cell: func(s svc) Cell { return Cell{Text: s.name, Status: s.status} }, Less: func(a, b svc) bool { return a.name < b.name }},
		{Title: "STATE", Cell: func(s svc) Cell { return Cell{Text: s.state, Style: s.status.Token()} }},
		{Title: "REVISION", Priority: 1, Cell: func(s svc) Cell { return Cell{Text: s.rev, Style: theme.Muted} }},
		{Title: "CPU", Align: Right, Min: 7, Priority: 3, Cell: func(s svc) Cell { return Cell{Text: Percent(s.cpu)} }, Less: func(a, b svc) bool { return a.cpu < b.cpu }},
		{Title: "NOTE", Flex: 1, Max: 40, Priority: 2, Cell: func(s svc) Cell { return Cell{Text: "日本語 note of " + s.name, Style: theme.Muted} }},
	}
}

func services(n int) []svc {
	out := make([]svc, n)
	states := []theme.Status{theme.Steady, theme.InMotion, theme.Failure, theme.Idle, theme.Warning}
	for i := range out {
		st := states[i%len(states)]
		out[i] = svc{fmt.Sprintf("service-%04d-😀é", i), []string{"steady", "rolling", "rolled back", "paused", "stalled"}[i%5], fmt.Sprintf("web:%d", i), float64(i%97) / 3, st}
	}
	return out
}

func svcTable(th *theme.Theme, n int) *Table[svc] {
	t := NewTable(th, svcColumns(), func(s svc) string { return s.name })
	t.SetRows(services(n))
	return t
}

var t0 = time.Date(2026, 11, 24, 12, 3, 40, 0, time.Local)

func logEntries(n int) []LogEntry {
	texts := []string{
		"GET /health 200 1ms",
		`{"time":"2026-11-24T12:03:41Z","level":"error","msg":"upstream timed out","after":"2s","tries":3,"peer":{"host":"db","port":5432}}`,
		"\x1b[32mgreen \x1b[1mand bold\x1b[0m then plain, and then a line that is much longer than any pane that a sweep draws, so that it wraps: " + strings.Repeat("0123456789 ", 20),
		"日本語のログ行 with 😀 wide runes e\u0301 and zero\u200bwidth " + strings.Repeat("漢字", 50),
		"\x1b[31mnever closed " + strings.Repeat("x", 150),
		"",
	}
	out := make([]LogEntry, n)
	for i := range out {
		out[i] = LogEntry{
			At: t0.Add(time.Duration(i) * 100 * time.Millisecond), Source: []string{"3fa9c1", "b07d22", "91c3e0"}[i%3],
			Container: []string{"web", "sidecar"}[i%2], Stderr: i%4 == 0, Text: texts[i%len(texts)],
		}
	}
	return out
}

func logPane(th *theme.Theme, n int) *LogPane {
	p := NewLogPane(th)
	p.SetClock(func() time.Time { return t0.Add(time.Minute) })
	p.Append(logEntries(n), 0, false)
	p.Append(nil, 1204, false)
	p.Notice("task 3fa9c1 was replaced by b07d22")
	p.Append(logEntries(3), 0, false)
	return p
}

func paletteItems() []Item {
	return []Item{
		{ID: "deploy", Title: "deploy", Key: "D", Group: "Service", Detail: "build, push, register, update, watch"},
		{ID: "rollback", Title: "roll back", Key: "R", Group: "Service", Disabled: "there is no earlier deployment to go back to"},
		{ID: "scale", Title: "scale", Key: "S", Group: "Service"},
		{ID: "logs", Title: "logs", Key: "l", Group: "Look", Detail: "of all tasks, merged"},
		{ID: "images", Title: "images", Key: "i", Group: "Look"},
		{ID: "wide", Title: "日本語 のとても長い題名 " + strings.Repeat("長い", 30), Key: "ctrl+s", Group: "Look", Status: theme.Warning},
	}
}

func stepList() []Step {
	return []Step{
		{Name: "build", Subject: "web", State: StepDone, Elapsed: 12400 * time.Millisecond, Summary: "18 steps, 15 cached", Result: "image 9f3c1ab"},
		{Name: "push", Subject: "shop/web", State: StepSkipped, Summary: "the engine has it already"},
		{Name: "register", Subject: "web:15", State: StepDone, Elapsed: 300 * time.Millisecond},
		{Name: "update", Subject: "web", State: StepRunning, Elapsed: 400 * time.Millisecond, Body: []string{"one", "two", strings.Repeat("three 漢字 ", 40)}},
		{Name: "rollout", State: StepWaiting},
	}
}

const yamlDoc = `# what runs
family: web
containerDefinitions:
  - name: web
    image: "shop/web@sha256:77e0a1"
    essential: true
    memory: 256   # MiB
    command: ["serve", "--port", "8080"]
    environment: []
`

// states are the widgets in their main states; the sweep and the goldens draw
// the same ones.
func states(th *theme.Theme) map[string]viewer {
	empty := NewTable(th, svcColumns(), func(s svc) string { return s.name })
	empty.SetEmpty("No services in this cluster.", "D deploys the app of this folder")
	loading := NewTable(th, svcColumns(), func(s svc) string { return s.name })
	empty.SetRows(nil)
	filtered := svcTable(th, 200)
	filtered.Filter("service !0001 9")
	filtered.Key(key("space"))
	filtered.Key(key("o"))
	nothing := svcTable(th, 5)
	nothing.Filter("zzz")

	searched := logPane(th, 200)
	must(searched.Search("timed|200"))
	searched.Key(key("N"))
	still := logPane(th, 200)
	still.Key(key("pgup"))
	still.Append(logEntries(30), 0, false)
	cutLines := logPane(th, 50)
	cutLines.SetWrap(false)
	cutLines.SetTime(LogAge)
	cutLines.Key(key("right"))
	small := NewLogPane(th)
	small.SetLimits(10, 1<<20)
	small.Append(logEntries(100), 0, false)
	small.Key(key("g"))

	typed := NewConfirm(th, Question{Title: "Delete service", Target: "arn:aws:ecs:eu-west-1:123456789012:service/prod/shop-web", Body: []string{"Its 3 tasks are stopped. This can't be undone."}, Verb: "delete", Danger: true, Typed: "shop-web"})
	typed.Update(key("s"))
	palette := NewPalette(th, "Commands", paletteItems())
	found := NewPalette(th, "Commands", paletteItems())
	found.Update(key("l"))
	found.Update(key("o"))
	form := NewForm(th, "Scale web", []string{"3 tasks are wanted now."}, "scale", []Field{
		{Key: "count", Label: "Tasks", Kind: NumberField, Value: "3", Max: 100, Hint: "0 stops all of them", Required: true},
		{Key: "mode", Label: "How", Kind: ChoiceField, Value: "rolling", Choices: []string{"rolling", "at once"}},
		{Key: "why", Label: "Reason", Hint: "kept with the event"},
	})
	form.Update(key("x"))
	form.Update(key("enter"))
	doc := NewDoc(th)
	doc.SetText(YAML, strings.Repeat(yamlDoc, 12))
	must(nil, doc.Search("memory"))
	json := NewDoc(th)
	json.SetText(JSON, "{\n  \"family\": \"web\",\n  \"cpu\": 256,\n  \"ok\": true,\n  \"list\": [1, \"二\", null]\n}")
	changes := []Change{
		{Group: "task definition", Path: "containerDefinitions[0].memory", Old: "256", New: "512"},
		{Group: "task definition", Path: "containerDefinitions[0].environment[LOG_LEVEL]", New: "debug"},
		{Group: "service", Path: "healthCheckGracePeriodSeconds", Old: "30"},
		{Group: "service", Path: "placement", Old: strings.Repeat("a very long value ", 9), New: strings.Repeat("漢字", 60)},
	}
	tabs := NewTabs(th, "tasks", "events", "deployments", "metrics")
	tabs.Key(key("2"))
	chart := Chart{Title: "CPU", Notes: []string{"23 % now · 61 % at most", "61 %"}, From: t0, To: t0.Add(3 * time.Hour), Period: time.Minute, Unit: " %", Points: chartPoints()}
	return map[string]viewer{
		"chart": viewFunc(func(w, h int) string { return chart.View(th, w, h) }),
		"chart-empty": viewFunc(func(w, h int) string {
			return Chart{Title: "Memory", Unit: " %", Empty: "Nothing was measured in this time."}.View(th, w, h)
		}),
		"table": svcTable(th, 40), "table-empty": empty, "table-loading": loading, "table-filtered": filtered, "table-no-match": nothing,
		"log": logPane(th, 200), "log-search": searched, "log-still": still, "log-cut": cutLines, "log-dropped": small, "log-empty": NewLogPane(th),
		"confirm":       NewConfirm(th, Question{Title: "Stop task", Target: "3fa9c1d2 of web on staging", Body: []string{"The service starts another one."}, Verb: "stop", Danger: true}),
		"confirm-typed": typed, "palette": palette, "palette-found": found, "form": form,
		"help":   NewHelp(th, "Keys of services", paletteItems()),
		"choose": NewChoose(th, "Which container?", []string{"The task 3fa9c1 has two."}, paletteItems()[:3]),
		"doc":    doc, "doc-json": json,
		"steps":     viewFunc(func(w, h int) string { return Steps(th, stepList(), 1, w, h) }),
		"changes":   viewFunc(func(w, h int) string { return Fill(ChangeLines(th, changes, w), w, h) }),
		"tabs":      tabs,
		"too-small": viewFunc(func(w, h int) string { return TooSmallView(th, w, h) }),
		"bars":      viewFunc(func(w, h int) string { return Fill(barLines(th, w), w, h) }),
		"overlay": viewFunc(func(w, h int) string {
			return Overlay(svcTable(th, 40).View(w, h), NewConfirm(th, Question{Title: "Stop task", Target: "3fa9c1", Verb: "stop"}).Box(w, h), w, h)
		}),
	}
}

// chartPoints rise and fall, with a hole and a value that stands alone.
func chartPoints() []ChartPoint {
	var out []ChartPoint
	for i := range 180 {
		if i > 60 && i < 90 && i != 75 {
			continue
		}
		v := 30 + 20*math.Sin(float64(i)/9)
		out = append(out, ChartPoint{At: t0.Add(time.Duration(i) * time.Minute), Value: v, Peak: v + float64(i%7)*3})
	}
	return out
}

func barLines(th *theme.Theme, w int) []string {
	began := time.Unix(1000, 0)
	part := []LifePart{{Provisioning, began, began.Add(2 * time.Second)}, {Running, began.Add(2 * time.Second), began.Add(time.Hour)}}
	return []string{
		Header{Name: "ecs-tui", Parts: []string{"staging", "aws 1234-5678-9012", "eu-west-1", "cluster staging"}, Right: "14 services · 41 tasks"}.View(th, w),
		Crumbs{Path: []string{"services", "web", "tasks", "3fa9c1d2", "logs"}, Note: "follow", Right: "refreshed 2 s ago"}.View(th, w),
		Footer(th, []Hint{{Key: "enter", Label: "tasks"}, {Key: "l", Label: "logs"}, {Key: "D", Label: "deploy"}, {Key: "R", Label: "roll back", Disabled: true}, {Key: "S", Label: "scale"}, {Key: "?", Label: "help"}}, w),
		Status(th, theme.Failure, "billing was rolled back: out of memory", "◐ deploying web", w)[0],
		Banner(th, theme.Warning, "these rows are 40 s old: the engine does not answer", w),
		Rule(th, "skipped 1,204 lines (more than can be read)", w),
		Progress(th, 0.66, min(w, 40)),
		Handover(th, 0.5, 0.25, min(w, 40)),
		NewTimeline(began, began, min(w, 40)).Life(th, part, true),
		NewTimeline(began, began.Add(72*time.Hour), min(w, 20)).Life(th, append(part, LifePart{Phase: Failed, From: began.Add(time.Second)}), false),
		NewTimeline(began, began, min(w, 20)).Marks(th, []Mark{{At: began, Sign: "+"}}),
		NewTimeline(began, began, min(w, 20)).Axis(),
		Spark(th, []float64{1, 2, 3, 8, 5, 0, 2}, 0, w),
	}
}

// TestSweep draws every widget at every size and checks that it fills exactly
// the place it was given.
func TestSweep(t *testing.T) {
	th := theme.New(true, colorprofile.TrueColor)
	for name, v := range states(th) {
		for _, w := range []int{1, 5, 20, 60, 61, 79, 80, 100, 119, 120, 160, 200} {
			for _, h := range []int{1, 2, 7, 15, 16, 24, 40, 60} {
				check(t, fmt.Sprintf("%s at %d×%d", name, w, h), v.View(w, h), w, h)
			}
		}
	}
}

func check(t *testing.T, what, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Errorf("%s: %d lines", what, len(lines))
		return
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > w {
			t.Errorf("%s: line %d is %d cells wide: %q", what, i, n, l)
			return
		}
		if open := leaks(l); open != "" {
			t.Errorf("%s: line %d leaves %q open: %q", what, i, open, l)
			return
		}
	}
}

// leaks gives the style that a line leaves behind, "" when it resets all.
func leaks(line string) string {
	open := ""
	var state byte
	for line != "" {
		seq, w, n, next := ansi.DecodeSequence(line, state, nil)
		if w == 0 && strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") {
			open = seq
			if seq == "\x1b[m" || seq == "\x1b[0m" {
				open = ""
			}
		}
		line, state = line[n:], next
	}
	return open
}

// TestGolden keeps how every state looks.
func TestGolden(t *testing.T) {
	for look, th := range map[string]*theme.Theme{
		"dark": theme.New(true, colorprofile.TrueColor), "light": theme.New(false, colorprofile.TrueColor),
		"ansi": theme.New(true, colorprofile.ANSI), "plain": theme.New(true, colorprofile.NoTTY),
	} {
		for name, v := range states(th) {
			if look == "ansi" && name != "table" && name != "log-search" && name != "bars" {
				continue
			}
			t.Run(look+"/"+name, func(t *testing.T) {
				golden.RequireEqual(t, v.View(80, 20))
			})
		}
	}
}
