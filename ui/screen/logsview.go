package screen

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// logView is what the logs screen shows, apart from where it comes from: the
// pane, whose log it is, and how it is narrowed down. Everything here happens
// at once and in memory.
type logView struct {
	pane   *widget.LogPane
	target logTarget
	rng    logRange
	filter logFilter
	query  string

	tasks  map[string]bool // tasks that wrote something, by id
	known  logMarks        // up to where the log is shown
	ended  bool            // the stream ended by itself: there is no more
	failed error           // the stream's error; rows stay, and it is tried again
}

func newLogView(th *theme.Theme, target logTarget) *logView {
	return &logView{
		pane: widget.NewLogPane(th), target: target, rng: logRanges()[0],
		tasks: map[string]bool{},
	}
}

// restart empties the view for a new query; filter, search and toggles stay.
func (v *logView) restart() {
	v.pane.Clear()
	v.tasks = map[string]bool{}
	v.known, v.ended, v.failed = logMarks{}, false, nil
}

// add takes a batch as it came.
func (v *logView) add(b backend.LogBatch) {
	v.failed = nil
	if b.Notice != "" {
		v.pane.Notice(b.Notice)
	}
	entries := make([]widget.LogEntry, len(b.Lines))
	for i, l := range b.Lines {
		entries[i] = widget.LogEntry{
			At: l.At, Source: backend.ShortID(l.Task), Container: l.Container, Stderr: l.Stderr, Text: l.Text,
		}
		v.tasks[l.Task] = true
	}
	v.known.add(b.Lines)
	v.pane.Append(entries, b.Skipped, b.About)
}

// setRange chooses by a key from 0 to 6 and says whether that changed anything.
func (v *logView) setRange(key string) bool {
	for _, r := range logRanges() {
		if r.Key == key && r != v.rng {
			v.rng = r
			return true
		}
	}
	return false
}

// setFilter takes a filter as it was typed. When it is wrong, the old one stays.
func (v *logView) setFilter(text string) (tea.Cmd, error) {
	f, err := parseLogFilter(text)
	if err != nil {
		return nil, err
	}
	cmd, err := v.pane.Filter(f.Include, f.Exclude)
	if err == nil {
		v.filter = f
	}
	return cmd, err
}

// search marks what matches. A pattern that is no regular expression is looked
// for as it stands: somebody who searches "foo(" means just that.
func (v *logView) search(text string) tea.Cmd {
	v.query = text
	cmd, _ := v.pane.Search(text)
	return cmd
}

// note is the bar over the log: how many tasks, what is shown and what is not.
func (v *logView) note() string {
	info := v.pane.Info()
	var parts []string
	if n := len(v.tasks); n > 0 {
		parts = append(parts, widget.Plural(n, "task", "tasks"))
	}
	switch {
	case v.ended:
		parts = append(parts, "ended")
	case info.Follow:
		parts = append(parts, "follow")
	default:
		parts = append(parts, "paused")
	}
	if v.rng.Span > 0 {
		parts = append(parts, "since "+v.rng.Label)
	}
	if v.query != "" {
		parts = append(parts, searchNote(v.query, info))
	}
	if v.filter.Text != "" {
		parts = append(parts, "filter: "+v.filter.Text)
	}
	if info.Raw {
		parts = append(parts, "raw")
	}
	return strings.Join(parts, " · ")
}

func searchNote(query string, info widget.LogInfo) string {
	switch {
	case info.Matches == 0 && info.Busy:
		return "searching " + query
	case info.Matches == 0:
		return "no match for " + query
	case info.At > 0:
		return fmt.Sprintf("/%s %s of %s", query, widget.Count(info.At), widget.Count(info.Matches))
	default:
		return fmt.Sprintf("/%s %s", query, widget.Plural(info.Matches, "match", "matches"))
	}
}

// counts is the right end of the bar.
func (v *logView) counts() string {
	info := v.pane.Info()
	text := widget.Plural(info.Lines, "line", "lines")
	if v.filter.Text != "" {
		text = widget.Count(info.Shown) + " of " + text
	}
	if info.Skipped > 0 {
		text += " · " + widget.Count(info.Skipped) + " skipped"
	}
	if info.Dropped > 0 {
		text += " · " + widget.Count(info.Dropped) + " older let go"
	}
	return text
}

// logsBanner is the line over a log that can't be read now. The rows stay. Where
// it is given up, it says how to go on.
func logsBanner(th *theme.Theme, err error, ended bool, w int) string {
	text := oneLine(err)
	if advice := backend.AdviceFor(err); advice != "" {
		text += " · " + advice
	}
	if ended {
		text = askAgain + " · " + text
	}
	return widget.Banner(th, theme.Warning, text, w)
}
