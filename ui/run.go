package ui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Options are what the program on the screen is made from.
type Options struct {
	In      io.Reader
	Out     io.Writer
	Environ []string
	NoColor bool
	// Theme is light or dark; else the terminal's background decides.
	Theme string
	// Note is said on the first page until esc: why this backend was taken, say.
	Note string
	// Rest is told when nothing was typed for a while, now and then as long as
	// that lasts, and when something is again. It may take its time; nil is told
	// nothing.
	Rest func(atRest bool)
	// Env without Ctx, Theme, Deploys and Make, which Open adds.
	Env screen.Env
}

// Exit is what the program leaves behind.
type Exit struct {
	// Deploys are the services whose rollout goes on without the screen, and
	// Cancelled those whose build or deploy ended with it, before the service was
	// changed.
	Deploys, Cancelled []string
	Cluster            string // that was on screen
}

// Run shows the program until the user ends it, ctx does, or it fails. The
// terminal is given back as it was, whatever happens.
func Run(ctx context.Context, o Options) (Exit, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	app, err := Open(ctx, o)
	if err != nil {
		return Exit{}, err
	}
	defer app.Close()
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithEnvironment(o.Environ),
		tea.WithoutSignalHandler(), // cmd ends ctx on a signal, SIGHUP too
	}
	if o.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	_, err = pace(app, options...).Run()
	exit := app.exit()
	switch {
	case app.failure != nil:
		app.env.Log.Error("the screen failed", "err", app.failure)
		return exit, app.failure
	case err != nil && ctx.Err() != nil:
		return exit, context.Cause(ctx)
	case errors.Is(err, tea.ErrInterrupted):
		return exit, nil
	case err != nil:
		return exit, fmt.Errorf("the screen ended: %w", err)
	}
	return exit, nil
}

// Open makes the root model with its first page, to be run by Bubble Tea and
// closed after that. Nothing is read before Init.
func Open(ctx context.Context, o Options) (*App, error) {
	env := o.Env
	if env.Backend == nil || env.Log == nil {
		return nil, errors.New("ui: a backend and a log are needed")
	}
	if env.Clock == nil {
		env.Clock = backend.SystemClock{}
	}
	env.Ctx = ctx
	env.Theme = theme.New(o.Theme != "light", colorprofile.Env(o.Environ))
	env.Theme.SetASCII(plainSigns(o.Environ))
	env.Deploys = screen.NewDeploys(ctx, env.Clock)
	env.Make = screen.Makers{Logs: screen.NewLogs, Deploy: screen.NewDeploy, Images: screen.NewImages}
	app := &App{env: &env, pages: []screen.Screen{home(&env)}, notice: o.Note, fixed: o.Theme == "light" || o.Theme == "dark", idle: rest{tell: o.Rest, since: env.Clock.Now()}, deploys: screen.Stream[struct{}]{Keep: 1}}
	return app, nil
}

// Close ends what is watched, and what runs in the background here.
func (a *App) Close() {
	a.top().Close()
	a.deploys.Stop()
	a.env.Deploys.Close()
}

// home is the first page: what runs, or, in a folder that is no app yet, how it
// becomes one.
func home(env *screen.Env) screen.Screen {
	if env.App == nil && env.Folder != nil {
		return screen.NewWelcome(env)
	}
	return screen.NewServices(env)
}

func (a *App) exit() Exit {
	e := Exit{Cluster: a.env.Cluster}
	for _, run := range a.env.Deploys.Running() {
		to := &e.Cancelled
		if run.GoesOn() {
			to = &e.Deploys
		}
		*to = append(*to, run.Job.Key.Service)
	}
	return e
}
