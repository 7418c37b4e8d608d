package screen

import (
	"context"
	"log/slog"
	"os/exec"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Env is what every screen is given, one for each place and cluster. The root
// changes Info and Visit in Update only.
type Env struct {
	Ctx     context.Context // ends with the program
	Visit   int             // tells the page on screen from those before it
	Backend backend.Backend
	Info    backend.Info // zero until the backend has answered
	Cluster string
	Where   string // tells the backend from others that this program can switch to
	// Command writes a command of this program so that it acts on a cluster of
	// this place, for advice; nil names no place.
	Command func(cluster string, words ...string) string
	Theme   *theme.Theme
	Clock   backend.Clock
	Log     *slog.Logger
	Version string

	App         App // nil in a folder with no app
	Folder      Folder
	Environment string
	// Environments are the folder's app's, also where the program has left it.
	Environments []string
	Protected    bool // the app's name must be typed before a deploy or a delete
	ReadOnly     bool

	// SaveDir is where logs are saved to; it is made when it is needed.
	SaveDir string

	Deploys *Deploys
	Make    Makers
	// Shell is the command that opens a shell in a container, to be run with
	// the terminal handed over to it. nil where there is none.
	Shell func(ShellTarget) *exec.Cmd
	// Edit is the command that opens a file in the user's editor, with the
	// terminal handed over to it. nil where there is none.
	Edit func(path string) *exec.Cmd
	// Codes are the MFA codes that credentials wait for, to be asked for in a
	// dialog. nil where nobody wants one.
	Codes <-chan CodeRequest
	// WantCode has a code asked for that was refused before.
	WantCode func()
	// Open opens another place. nil where there is only this one.
	Open func(context.Context, Switch) (Place, error)
}

// App is the app of the folder that the program was opened on.
type App interface {
	Name() string
	Dir() string
	Service() string // the name of its service, "" without one
	Environments() []string
	Files() []string // that it is made of, from Dir: what a person edits
	// Request reads the app's documents for an environment. It may do I/O.
	Request(ctx context.Context, environment string) (deploy.Request, error)
	// Promote is Request with the images that run in another environment.
	Promote(ctx context.Context, from, to string) (deploy.Request, error)
}

// Folder is a folder that may become an app. nil when none was named.
type Folder interface {
	Dir() string
	// Facts reads what is there. It may do I/O.
	Facts(ctx context.Context) (FolderFacts, error)
	// Setup writes the app's files and gives the app. It never overwrites.
	Setup(ctx context.Context, a SetupAnswers) (App, error)
}

// FolderFacts is what a folder with no app holds.
type FolderFacts struct {
	Dockerfile  bool
	Ports       []int
	HealthCheck string // the command, "" for none
	Proposed    SetupAnswers
	Backends    []string // where it could run
	EngineHint  string   // how to start an engine, where none answers
}

// SetupAnswers is what a new app is made from.
type SetupAnswers struct {
	Name                       string
	Port, CPU, Memory, Desired int
	Backend                    string
}

// Makers make the screens that others open, so that no screen depends on how
// another one is made.
type Makers struct {
	Logs   func(*Env, LogTarget) Screen
	Deploy func(*Env, DeployTarget) Screen
	Images func(*Env) Screen
}

// LogTarget says whose log to show: a service's, or that of some tasks.
type LogTarget struct {
	Service   string
	Tasks     []backend.Task // used when Service is empty
	Container string         // "" for all
}

// DeployTarget says what to deploy or to follow.
type DeployTarget struct {
	Service   string // "" for the app's
	BuildOnly bool
	From      string          // the environment that is promoted; "" builds
	Follow    string          // ARN of a service deployment that goes on already; "" for a new one
	Rollback  bool            // roll back at once, which was confirmed, and show how it goes
	To        string          // the task definition to roll back to; "" for the one before
	Seen      backend.Service // that was asked about before a rollback; another one is not rolled back
}

// ShellTarget is a container to open a shell in.
type ShellTarget struct{ Cluster, Task, Container string }

// watchOptions are the options of a screen's watch.
func (e *Env) watchOptions(visible func() []string) watch.Options {
	return watch.Options{
		Clock: e.Clock, Visible: visible,
		Notifier: watch.NotifierOf(e.Backend), Background: watch.BackgroundOf(e.Backend),
	}
}

// isApp says whether a service's ARN is that of the app's own.
func (e *Env) isApp(arn string) bool { return e.isApps(backend.ShortName(arn)) }

// isApps says whether a service is the app's own.
func (e *Env) isApps(service string) bool {
	return e.App != nil && e.App.Service() == service
}

// noApp is why there is nothing to deploy from here: the folder has no app, or it
// stayed behind when the program went to another cluster or place.
func (e *Env) noApp() string {
	switch len(e.Environments) {
	case 0:
		return "this folder has no app; open ecs-tui on the folder of one"
	case 1:
		return "the app stayed behind; :env " + e.Environments[0] + " goes back to it"
	}
	return "the app stayed behind; :env NAME goes back to it (" + strings.Join(e.Environments, ", ") + ")"
}

// notTheApps is why a service can't be deployed from here.
func (e *Env) notTheApps(service string) string {
	return "app " + e.App.Name() + " deploys " + e.App.Service() + ", not " + service
}

// call runs a call of the backend outside Update. done makes a message of its
// answer; an error becomes a Fail. A question is one of the page that called.
func call[T any](e *Env, fn func(context.Context) (T, error), done func(T) tea.Msg) tea.Cmd {
	return callFor(e, callTimeout, fn, done)
}

// callFor is call with another timeout.
func callFor[T any](e *Env, timeout time.Duration, fn func(context.Context) (T, error), done func(T) tea.Msg) tea.Cmd {
	visit := e.Visit
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(e.Ctx, timeout)
		defer cancel()
		v, err := fn(ctx)
		if err != nil {
			return Fail{err}
		}
		msg := done(v)
		if ask, ok := msg.(Ask); ok {
			return LateAsk{ask, visit}
		}
		return msg
	}
}
