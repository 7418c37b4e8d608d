package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// View composes the frame. It costs what is visible, and reads nothing.
func (a *App) View() tea.View {
	v := tea.NewView(a.frame())
	v.AltScreen = true
	v.WindowTitle = "ecs-tui " + a.env.Cluster
	v.MouseMode = tea.MouseModeCellMotion
	return v
}

// frame is everything on screen, as lines.
func (a *App) frame() string {
	if a.w == 0 || a.h == 0 {
		return ""
	}
	th := a.env.Theme
	typing, capturing := a.typing()
	notice, status := a.noticeLines(), a.statusLines()
	l := widget.NewLayout(a.w, a.h, capturing, len(notice), len(status))
	if l.TooSmall {
		return widget.TooSmallView(th, a.w, a.h)
	}
	parts := []string{
		a.header().View(th, l.Header.W),
		a.crumbs().View(th, l.Crumbs.W),
	}
	parts = append(parts, notice[:l.Notice.H]...)
	parts = append(parts, a.top().View(l.Body.W, l.Body.H))
	if capturing {
		parts = append(parts, typing.InputLine(l.Input.W))
	}
	parts = append(append(parts, status...), widget.Footer(th, a.hints(), l.Footer.W))
	view := strings.Join(parts, "\n")
	if a.modal != nil {
		view = widget.Overlay(view, a.modal.Box(l.W, l.H), l.W, l.H)
	}
	return th.Finish(view)
}

// typing is the page where it takes all keys now.
func (a *App) typing() (c screen.Capturer, now bool) {
	c, ok := a.top().(screen.Capturer)
	return c, ok && c.Capturing()
}

func (a *App) statusLines() []string {
	return widget.Status(a.env.Theme, a.status.sign, a.status.text, a.background(), a.w)
}

// click gives a click to the page that it is on.
func (a *App) click(m tea.MouseClickMsg) tea.Cmd {
	_, capturing := a.typing()
	l := widget.NewLayout(a.w, a.h, capturing, len(a.noticeLines()), len(a.statusLines()))
	if a.modal != nil || l.TooSmall || m.Button != tea.MouseLeft || !l.Body.Contains(m.X, m.Y) {
		return nil
	}
	return a.top().Update(screen.Click{Line: m.Y - l.Body.Y})
}

// noticeLines are what is said on the first page until esc dismisses it.
func (a *App) noticeLines() []string {
	if a.notice == "" || len(a.pages) > 1 {
		return nil
	}
	th := a.env.Theme
	var lines []string
	for i, text := range widget.Wrap(a.notice+" (esc hides this)", max(1, a.w-4)) {
		sign := " "
		if i == 0 {
			sign = th.Mark(theme.Warning)
		}
		lines = append(lines, widget.Pad(" "+sign+" "+th.Paint(theme.Warn, text), a.w))
	}
	return append(lines, widget.Pad("", a.w))
}

// header says where this is: environment, backend, account, region, cluster.
func (a *App) header() widget.Header {
	info := a.env.Info
	h := widget.Header{Name: "ecs-tui"}
	add := func(s string) {
		if s != "" {
			h.Parts = append(h.Parts, s)
		}
	}
	add(a.env.Environment)
	add(strings.TrimSpace(info.Backend + " " + info.Account))
	add("cluster " + a.env.Cluster)
	if a.env.ReadOnly {
		add("read-only")
	}
	if info.Region != "local" {
		add(info.Region)
	}
	add(info.Profile)
	if t, ok := a.env.Backend.(backend.Throttler); ok && t.Throttled() {
		add("throttled") // calls are tried again, more slowly; nothing to do
	}
	if c, ok := a.top().(screen.Counter); ok {
		h.Right = c.Count()
	}
	return h
}

func (a *App) crumbs() widget.Crumbs {
	c := widget.Crumbs{}
	for _, p := range a.pages {
		c.Path = append(c.Path, p.Crumb())
	}
	if n, ok := a.top().(screen.Noted); ok {
		c.Note, c.Right = n.Note()
	}
	return c
}

// hints are the live keys of the page, made from its actions.
func (a *App) hints() []widget.Hint {
	var out []widget.Hint
	back := len(a.pages) > 1
	for _, act := range a.top().Actions() {
		if act.Footer {
			back = back && act.Key() != "esc" // it has a word of its own for it
			out = append(out, widget.Hint{Key: act.Key(), Label: act.Name, Disabled: act.Reason() != ""})
		}
	}
	if back {
		out = append(out, widget.Hint{Key: "esc", Label: "back"})
	}
	return append(out, widget.Hint{Key: ":", Label: "command"}, widget.Hint{Key: "?", Label: "help"})
}
