package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// key routes a key: the dialog that is open has it first, then who types, then
// the actions of the page, the program's own keys, and the page's widgets.
func (a *App) key(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if name == "ctrl+c" {
		return tea.Quit
	}
	if widget.NewLayout(a.w, a.h, false, 0, 1).TooSmall && a.w > 0 {
		if name == "q" {
			return tea.Quit
		}
		return nil
	}
	if a.modal != nil {
		return a.updateModal(k)
	}
	if c, ok := a.top().(screen.Capturer); ok && c.Capturing() {
		return a.top().Update(k)
	}
	a.status.seen()
	if action, ok := screen.Match(a.top().Actions(), name); ok {
		return action.Perform(a.env)
	}
	if action, ok := screen.Match(a.globals(), name); ok {
		return action.Perform(a.env)
	}
	return a.top().Update(k)
}

// globals are the keys that work on every page.
func (a *App) globals() []screen.Action {
	const group = "Program"
	var out []screen.Action
	for _, c := range a.places() {
		if key := c.item.Key; key != "" && key != "q" {
			out = append(out, screen.Action{Keys: []string{key}, Name: c.item.Title, Help: c.item.Detail, Group: c.item.Group, Run: c.run})
		}
	}
	return append(out, []screen.Action{
		{Keys: []string{":"}, Name: "command", Help: "every screen and every action, by name", Group: group, Run: a.openPalette},
		{Keys: []string{"?"}, Name: "help", Help: "the keys that work here; enter does what is chosen", Group: group, Run: a.openHelp},
		{Keys: []string{"esc"}, Name: "back", Help: "end a search, clear a filter, go back, in that order", Group: group, Run: a.escape},
		{Keys: []string{"q"}, Name: "back or quit", Help: "go back; on the first page, end the program", Group: group, Run: a.backOrQuit},
		{Keys: []string{"ctrl+z"}, Name: "suspend", Help: "back to the shell; fg returns", Group: group, Run: func() tea.Cmd { return tea.Suspend }},
	}...)
}

func (a *App) escape() tea.Cmd {
	if e, ok := a.top().(screen.Escaper); ok && e.Escape() {
		return nil
	}
	if len(a.pages) == 1 {
		a.notice = ""
	}
	return a.back()
}

func (a *App) backOrQuit() tea.Cmd {
	if len(a.pages) == 1 {
		return a.quit()
	}
	return a.back()
}

// quit ends the program. What would end with it is named first; ctrl+c does not
// ask.
func (a *App) quit() tea.Cmd {
	lost := a.exit().Cancelled
	if len(lost) == 0 {
		return tea.Quit
	}
	q := widget.Question{
		Title: "Quit", Target: strings.Join(lost, ", "), Verb: "quit", Danger: true,
		Body: []string{"What is being built or pushed is cancelled with the program, and the service stays as it is. A rollout would go on."},
	}
	a.ask(widget.NewConfirm(a.env.Theme, q), func() tea.Cmd { return tea.Quit })
	return nil
}

// askFor opens the dialog that a page wants, and that came from it in time. The
// keys that are typed by then may be meant for another dialog, another page or a
// line of text, and answer nothing that comes in between.
func (a *App) askFor(q screen.Ask, inTime bool) {
	if a.modal != nil || !inTime {
		a.status.say(a.env.Clock.Now(), theme.Warning, "a question came late and was dropped; nothing was done")
		return
	}
	a.ask(q.Modal, q.Accepted)
}

// awaited says whether the page still waits for a question of this visit.
func (a *App) awaited(q screen.LateAsk) bool {
	c, ok := a.top().(screen.Capturer)
	return q.Visit == a.env.Visit && (!ok || !c.Capturing())
}

// ask opens a dialog; accepted runs when it is answered with yes.
func (a *App) ask(m widget.Modal, accepted func() tea.Cmd) {
	a.modal, a.accept, a.dismiss = m, accepted, nil
}

func (a *App) updateModal(msg tea.Msg) tea.Cmd {
	cmd, result := a.modal.Update(msg)
	if result == widget.Open {
		return cmd
	}
	answer := a.accept
	if result == widget.Dismissed {
		answer = a.dismiss
	}
	a.modal, a.accept, a.dismiss = nil, nil, nil
	if answer != nil {
		cmd = tea.Batch(cmd, answer())
	}
	return tea.Batch(cmd, a.nextCode())
}
