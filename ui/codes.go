package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// codeOver says that the code of a request is not wanted any more.
type codeOver struct{ form *widget.Form }

// waitForCode waits until somebody wants a code.
func (a *App) waitForCode() tea.Cmd {
	env := a.env
	if env.Codes == nil {
		return nil
	}
	return func() tea.Msg {
		select {
		case r := <-env.Codes:
			return r
		case <-env.Ctx.Done():
			return nil
		}
	}
}

// askCode opens the dialog of a request, once the one that is open is answered.
func (a *App) askCode(r screen.CodeRequest) tea.Cmd {
	if a.modal != nil {
		a.codes = append(a.codes, r)
		return nil
	}
	form := screen.CodeForm(a.env.Theme, r)
	a.ask(form, func() tea.Cmd {
		r.Answer(form.Value("code"))
		a.status.say(a.env.Clock.Now(), theme.InMotion, "logging in …")
		return a.waitForCode()
	})
	a.dismiss = func() tea.Cmd {
		r.Answer("")
		a.status.say(a.env.Clock.Now(), theme.Warning, "no MFA code was given: :mfa asks again")
		return a.waitForCode()
	}
	return func() tea.Msg {
		select {
		case <-r.Ctx.Done():
			return codeOver{form}
		case <-a.env.Ctx.Done():
			return nil
		}
	}
}

// closeCode closes a dialog whose code nobody wants any more.
func (a *App) closeCode(msg codeOver) tea.Cmd {
	if a.modal != widget.Modal(msg.form) {
		return nil
	}
	a.modal, a.accept, a.dismiss = nil, nil, nil
	return tea.Batch(a.waitForCode(), a.nextCode())
}

// nextCode opens the dialog of a request that had to wait.
func (a *App) nextCode() tea.Cmd {
	if len(a.codes) == 0 || a.modal != nil {
		return nil
	}
	r := a.codes[0]
	a.codes = a.codes[1:]
	return a.askCode(r)
}

// wantCode has the code asked for again.
func (a *App) wantCode() tea.Cmd {
	if a.env.WantCode == nil {
		return screen.Do(screen.Refuse{Name: ":mfa", Reason: "no profile here takes a code"})
	}
	a.env.WantCode()
	return a.readInfo()
}
