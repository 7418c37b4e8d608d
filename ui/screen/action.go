package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Action is something that can be done here and now: its keys, what the help
// says, why it may not be possible, what is asked first, and the doing, all in
// one place. Footer, help and palette are made from the live actions, so that
// they cannot lie.
type Action struct {
	Keys  []string // as Bubble Tea names them; the first one is shown
	Name  string   // "scale": footer and palette
	Help  string   // one line
	Group string   // heading in the help
	// Disabled is why it can't be done now, "" when it can. nil: always possible.
	Disabled func() string
	// Ask gives what is asked first, naming the target in full, and what a yes
	// does. Both are made at once, of the same values: while the question stands
	// there, rows come and go and the cursor may be on another one. nil: Run does
	// it unasked.
	Ask    func() (q widget.Question, yes func() tea.Cmd)
	Run    func() tea.Cmd
	Footer bool
}

// Groups of the help.
const (
	groupGo     = "Go"
	groupChange = "Change"
	groupView   = "View"
)

// Reason is why the action can't be done now, or "".
func (a Action) Reason() string {
	if a.Disabled == nil {
		return ""
	}
	return a.Disabled()
}

// Key is the key as it is shown.
func (a Action) Key() string {
	if len(a.Keys) == 0 {
		return ""
	}
	return a.Keys[0]
}

// Match finds the action of a key.
func Match(actions []Action, key string) (Action, bool) {
	i := slices.IndexFunc(actions, func(a Action) bool { return slices.Contains(a.Keys, key) })
	if i < 0 {
		return Action{}, false
	}
	return actions[i], true
}

// Perform does an action: it says why it can't be done, asks first, or runs it.
func (a Action) Perform(env *Env) tea.Cmd {
	if why := a.Reason(); why != "" {
		return Do(Refuse{a.Name, why})
	}
	if a.Ask == nil {
		return a.Run()
	}
	q, yes := a.Ask()
	return Do(Ask{widget.NewConfirm(env.Theme, q), yes})
}

// orShow is the action on one row, and on more of them a page that lists all and
// asks there.
func (a Action) orShow(rows int, page func() Screen) Action {
	if rows > 1 {
		a.Ask, a.Run = nil, func() tea.Cmd { return Do(Push{page()}) }
	}
	return a
}

// Refuse says that an action can't be done now, and why.
type Refuse struct{ Name, Reason string }
