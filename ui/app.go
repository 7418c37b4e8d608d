// Package ui is the program on the screen: it routes messages, keeps the pages
// that were gone into, and composes header, body and footer. It does little
// more: what there is to see and do is in ui/screen, how it is drawn in
// ui/widget and ui/theme.
//
// You are between cmd, which opens a backend and calls [Run], and the screens.
// Nothing under ui imports an SDK, cobra or config. Update and View do no I/O.
package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// App is the root model.
type App struct {
	env    *screen.Env
	own    *screen.Env     // where the app is at home, while another cluster is on screen
	pages  []screen.Screen // the last one is on screen
	visits int             // counts the pages that came on screen, in whichever environment
	modal  widget.Modal    // takes all keys while it is open
	accept func() tea.Cmd
	// dismiss runs when the dialog is answered with no, where that matters.
	dismiss func() tea.Cmd
	codes   []screen.CodeRequest // that wait for the dialog which is open
	status  status
	notice  string // said on the first page until it is dismissed
	w, h    int
	fixed   bool // light or dark was asked for, whatever the terminal's background is

	idle    rest
	deploys screen.Stream[struct{}]
	failure error // why the program ends
}

var _ tea.Model = (*App)(nil)

// Init starts the first page. Everything that it reads comes as a message later.
func (a *App) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, a.readInfo(), a.tick(), a.watchDeploys(), a.waitForCode(), a.top().Init())
}

// Update routes a message to whom it concerns.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		if !a.fixed {
			a.env.Theme.Adapt(msg.IsDark(), a.env.Theme.Profile())
		}
	case tea.ColorProfileMsg:
		a.env.Theme.Adapt(a.env.Theme.Dark(), msg.Profile)
	case tea.KeyPressMsg:
		return a, tea.Batch(a.idle.typed(a.env.Clock.Now()), a.key(msg))
	case tea.MouseClickMsg:
		return a, a.click(msg)
	case screen.Switch:
		return a, a.switchTo(msg)
	case place:
		return a, a.enter(msg)
	case infoMsg:
		return a, a.setInfo(msg)
	case screen.CodeRequest:
		return a, a.askCode(msg)
	case codeOver:
		return a, a.closeCode(msg)
	case tickMsg:
		now := a.env.Clock.Now()
		a.status.expire(now)
		return a, tea.Batch(a.tick(), a.idle.tick(now))
	case screen.Ask:
		a.askFor(msg, true)
	case screen.LateAsk:
		a.askFor(msg.Ask, a.awaited(msg))
	case screen.Say:
		a.status.say(a.env.Clock.Now(), msg.Status, msg.Text)
	case screen.Refuse:
		a.status.say(a.env.Clock.Now(), theme.Warning, msg.Name+": "+msg.Reason)
	case screen.Fail:
		a.status.fail(msg.Err)
		a.env.Log.Warn("failed", "err", msg.Err)
	case screen.Panic:
		a.failure = msg
		return a, tea.Quit
	default:
		return a, a.rest(msg)
	}
	return a, nil
}

// rest routes what is neither the terminal's nor a word to the root.
func (a *App) rest(msg tea.Msg) tea.Cmd {
	if cmd, ok := a.navigate(msg); ok {
		return cmd
	}
	if _, _, next, mine := a.deploys.Receive(msg); mine {
		return next
	}
	if a.modal != nil {
		switch msg.(type) {
		case tea.PasteMsg, tea.MouseMsg: // the user's, as keys are: the page below gets none
			return a.updateModal(msg)
		}
		return tea.Batch(a.updateModal(msg), a.top().Update(msg))
	}
	return a.top().Update(msg)
}

type (
	infoMsg struct {
		backend.Info
		err error
		env *screen.Env // who was asked
	}
	tickMsg struct{}
)

// infoTimeout bounds the call that says where the backend is.
const infoTimeout = 10 * time.Second

// infoPatience is how long the header waits for the page to go first.
const infoPatience = 2 * time.Second

// readInfo asks the backend where it is, for the header. Where calls are
// counted, what the page shows first goes before it.
func (a *App) readInfo() tea.Cmd {
	env := a.env
	page, _ := a.top().(screen.Awaited)
	return func() tea.Msg {
		if page != nil && watch.BackgroundOf(env.Backend) > 0 {
			select {
			case <-env.Ctx.Done():
			case <-env.Clock.After(infoPatience):
			case <-page.Shown():
				screen.LetFrameOut(env.Ctx, env)
			}
		}
		ctx, cancel := context.WithTimeout(env.Ctx, infoTimeout)
		defer cancel()
		info, err := env.Backend.Info(ctx)
		return infoMsg{info, err, env}
	}
}

// infoAgain is when to ask again where the backend is, after it could not say.
const infoAgain = 15 * time.Second

// setInfo takes what is known, also where it is not all.
func (a *App) setInfo(msg infoMsg) tea.Cmd {
	if msg.env != a.env {
		return nil // of a place that was left
	}
	if msg.Backend != "" {
		a.env.Info = msg.Info
	}
	if msg.err == nil {
		return nil
	}
	a.status.fail(msg.err)
	a.env.Log.Warn("failed", "err", msg.err)
	again := a.readInfo()
	return tea.Tick(infoAgain, func(time.Time) tea.Msg { return again() })
}

// tick draws again every two seconds, so that ages are right; what is counted by
// the second, such as a rollout, has a beat of its own.
func (a *App) tick() tea.Cmd {
	return tea.Tick(2*time.Second, func(time.Time) tea.Msg { return tickMsg{} })
}

// watchDeploys draws again when a deploy in the background moves.
func (a *App) watchDeploys() tea.Cmd {
	return a.deploys.Start(a.env.Ctx, a.env.Deploys.Changes)
}
