package screen

import (
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// welcomeFacts is what the welcome page tells of a folder.
type welcomeFacts struct {
	Dir        string
	Dockerfile bool
	Ports      []int
	Health     string // what HEALTHCHECK runs, "" without one
	Problem    string // why the Dockerfile can't be read
	NoEngine   string // why no engine answers, "" when one does
	Written    string // the backend that the app, which is written now, runs on
	Here       string // the backend of this session
}

// welcomeLines draws the page.
func welcomeLines(th *theme.Theme, f welcomeFacts, w int) []string {
	lines := []string{""}
	if f.NoEngine != "" {
		lines = append(lines, welcomeNoEngine(th, f, w)...)
	}
	say := func(tok theme.Token, text string) {
		for _, l := range widget.Wrap(text, max(20, w-6)) {
			lines = append(lines, "   "+th.Paint(tok, l))
		}
	}
	if f.Written != "" {
		lines = append(lines, " "+th.Mark(theme.Steady)+" "+th.Paint(theme.Strong, "The app is written."))
		lines = append(lines, " "+th.Paint(theme.Muted, widget.Cut(f.Dir, w-2)), "")
		say(theme.Text, "It runs on "+f.Written+", and this session is on "+f.Here+". Press q, start ecs-tui in this folder again, and D deploys it.")
		return lines
	}
	lines = append(lines, " "+th.Paint(theme.Strong, "Nothing is deployed from this folder yet."))
	lines = append(lines, " "+th.Paint(theme.Muted, widget.Cut(f.Dir, w-2)), "")
	setUp := ""
	switch {
	case f.Problem != "":
		say(theme.Bad, f.Problem)
		say(theme.Text, "Correct it, then press ctrl+r.")
	case f.Dockerfile:
		say(theme.Text, "Dockerfile found: "+dockerfileFacts(f)+".")
		setUp = "set it up: name, size, port, where to run it"
	default:
		say(theme.Text, "There is no Dockerfile here, so there is nothing to build.")
		say(theme.Text, "Write one (FROM, COPY, CMD are enough) and press ctrl+r, or start ecs-tui in the folder that has it.")
	}
	lines = append(lines, "")
	key := func(k, text, note string) {
		line := "   " + th.Paint(theme.FooterKey, widget.Pad(k, 8)) + text
		if note != "" && widget.Width(line)+widget.Width(note)+3 <= w {
			line += "   " + th.Paint(theme.Muted, note)
		}
		lines = append(lines, line)
		if note != "" && widget.Width(line) == 3+8+widget.Width(text) {
			lines = append(lines, "           "+th.Paint(theme.Muted, note))
		}
	}
	if setUp != "" {
		key("enter", setUp, "(writes ecs-tui.yml, task-definition.json, service.json)")
	}
	key(":", "look around: clusters, images, another backend", "")
	key("?", "help", "")
	return lines
}

// welcomeNoEngine says that this is the demo, and how to get the real thing.
func welcomeNoEngine(th *theme.Theme, f welcomeFacts, w int) []string {
	lines := []string{" " + th.Mark(theme.Warning) + " " + th.Paint(theme.Warn, "No Docker engine answers: what you see is a demo, nothing of it is real.")}
	for _, l := range widget.Wrap(f.NoEngine, max(20, w-6)) {
		lines = append(lines, "   "+th.Paint(theme.Muted, l))
	}
	return append(lines,
		"   Start one:  "+th.Paint(theme.Strong, "sudo systemctl start docker")+th.Paint(theme.Muted, "   or open Docker Desktop, or ")+th.Paint(theme.Strong, "podman machine start"),
		"   "+th.Paint(theme.Muted, "then start ecs-tui again; ")+th.Paint(theme.Strong, "ecs-tui doctor")+th.Paint(theme.Muted, " says what is missing."), "")
}

// dockerfileFacts is what a Dockerfile says of the service, in words.
func dockerfileFacts(f welcomeFacts) string {
	var facts []string
	switch len(f.Ports) {
	case 0:
		facts = append(facts, "exposes no port")
	case 1:
		facts = append(facts, fmt.Sprintf("exposes %d", f.Ports[0]))
	default:
		var ports []string
		for _, p := range f.Ports {
			ports = append(ports, fmt.Sprint(p))
		}
		facts = append(facts, "exposes "+strings.Join(ports, " and "))
	}
	if f.Health != "" {
		facts = append(facts, "checks "+f.Health)
	} else {
		facts = append(facts, "has no health check")
	}
	return strings.Join(facts, ", ")
}
