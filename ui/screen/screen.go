// Package screen holds the screens: a screen a file, with its columns, keys
// and actions as data.
//
// You are between ui, which routes and composes, and the widgets, which draw.
// A screen is a plain struct. It reads the backend through streams and
// commands only; Update and View do no I/O. It goes elsewhere by returning
// messages: [Push], [Pop], [Replace], [Ask], [Say], [Fail].
package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Screen is one page of the program.
type Screen interface {
	// Crumb is the screen's part of the path: "services", "web".
	Crumb() string
	// Init starts what the screen watches. It is called when the screen comes
	// on top, also when it does so again after Close.
	Init() tea.Cmd
	Update(msg tea.Msg) tea.Cmd
	// View draws exactly h lines of w cells.
	View(w, h int) string
	// Actions are the screen's live keys, in the footer's order.
	Actions() []Action
	// Close ends what Init started: the screen is covered, or gone.
	Close()
}

// Capturer is a screen that can take all keys for a while, to type into.
type Capturer interface {
	// Capturing says whether it does so now. Only ctrl+c passes it then.
	Capturing() bool
	// InputLine is the line that is typed into, drawn above the status line.
	InputLine(w int) string
}

// Escaper is a screen in which esc does something before it goes back: ends
// a search, clears a filter.
type Escaper interface {
	// Escape says whether it did something.
	Escape() bool
}

// Noted is a screen with something to say beside its crumb and at the right
// end of the same line.
type Noted interface {
	Note() (beside, right string)
}

// Counter is a screen that counts what it shows, for the header.
type Counter interface {
	Count() string
}

// Awaited is a screen that reads something before it can show anything.
type Awaited interface {
	// Shown is closed when the first of it is on screen.
	Shown() <-chan struct{}
}

// DeployShower is a screen that shows a deploy, so that the status line need not.
type DeployShower interface {
	ShowsDeploy(*DeployRun) bool
}

// The messages by which a screen goes elsewhere.
type (
	// Push opens a screen over this one.
	Push struct{ Screen Screen }
	// Pop goes back.
	Pop struct{}
	// Replace opens a screen in the place of this one.
	Replace struct{ Screen Screen }
	// Home goes back to the first page, and puts Screen there when it is set.
	Home struct{ Screen Screen }
	// AppReady says that the folder has become an app: its services are the
	// first page from here on.
	AppReady struct{ App App }
	// Ask shows a dialog; Accepted runs when it is answered with yes.
	Ask struct {
		Modal    widget.Modal
		Accepted func() tea.Cmd
	}
	// LateAsk is one that had to wait for the backend, and of which visit of a page.
	LateAsk struct {
		Ask
		Visit int
	}
	// Say puts a line into the status bar.
	Say struct {
		Status theme.Status
		Text   string
	}
	// Fail says what went wrong, to what, and what to do next.
	Fail struct{ Err error }
)

// Click is a click of the mouse on a line of the screen, from 0.
type Click struct{ Line int }

// wheel is how far a turn of the mouse wheel goes, down above 0.
func wheel(m tea.MouseWheelMsg) int {
	switch m.Button {
	case tea.MouseWheelUp:
		return -1
	case tea.MouseWheelDown:
		return 1
	}
	return 0
}

// wheelLines is how many lines of text a notch of the wheel scrolls.
const wheelLines = 3

// Do turns a message into a command.
func Do(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// note puts a line into the status bar.
func note(s theme.Status, text string) tea.Cmd { return Do(Say{s, text}) }
