package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
	"github.com/ecs-tui/ecs-tui/ui"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// tuiOptions are those of `ecs-tui [DIR]`.
type tuiOptions struct {
	*factory
	Dir string
}

// runTUI opens the screen. It needs a terminal that understands control
// sequences; without one it names the commands that do the same in a pipe.
func runTUI(ctx context.Context, o *tuiOptions) error {
	if err := needTerminal(o.io); err != nil {
		return err
	}
	o.codes, o.recall = newCodes(o.clock.Now), true
	s, err := o.openScreen(ctx, o.Dir)
	if err != nil {
		return err
	}
	sessions := &places{all: []*session{s}}
	s.places = sessions
	defer sessions.close()
	cluster, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	log, closer := openLog(s.paths.LogFile(), slog.LevelInfo)
	defer closer.Close()
	if s.cfg.From["environment"] != "" && s.environment != s.app.Environments[0].Name {
		s.addNote(fmt.Sprintf("this is environment %s, as last time; :env %s goes to the first one", s.environment, s.app.Environments[0].Name))
	}
	release := o.guardTerminal(s.paths.LogFile())
	env := s.screenEnv(cluster, log)
	env.Open = sessions.open
	env.Codes, env.WantCode = o.codes.requests, o.codes.want
	exit, err := ui.Run(ctx, ui.Options{
		In: o.io.In, Out: o.io.Out, Environ: o.io.Environ(), NoColor: s.cfg.NoColor, Theme: s.cfg.Theme, Note: s.note, Rest: o.newRester().tell, Env: env,
	})
	release()
	s = sessions.newest()
	goOn := s.sayDeploys(exit)
	if err != nil {
		log.Error("the screen ended", "err", err)
		return err
	}
	s.remember(exit.Cluster, log)
	if !goOn {
		s.farewell(ctx, exit.Cluster)
	}
	return nil
}

func needTerminal(io *streams) error {
	const instead = "without a screen: ecs-tui deploy -y, ecs-tui status, ecs-tui logs"
	switch {
	case !io.InTTY || !io.OutTTY:
		return advise(errors.New("the screen needs a terminal, and this is none"), instead)
	case io.dumb():
		return advise(errors.New("the screen needs a terminal that can move its cursor, and TERM is dumb"), instead)
	}
	return nil
}

// openScreen is open for the screen: where no flag or variable asked for the
// engine and it does not answer, the demo opens and says so.
func (f *factory) openScreen(ctx context.Context, dir string) (*session, error) {
	s, err := f.open(ctx, dir)
	if err == nil || s == nil || s.cfg.Backend != config.Docker || backend.KindOf(err) != backend.Unreachable {
		return s, err
	}
	if from := s.cfg.From["backend"]; strings.HasPrefix(from, "--") || strings.HasPrefix(from, "ECS_TUI_") || f.flags.Env != "" {
		return s, err
	}
	s.cfg.Backend, s.cfg.Cluster, s.cfg.Environment = config.Demo, "", nil
	s.cfg.From["backend"] = ""
	s.note = fmt.Sprintf("no Docker engine answers (%v), so this is the demo. To get an engine: %s", errors.Unwrap(err), startEngine)
	return s, s.openBackend(ctx)
}

// guardDelay keeps the guard's own start out of the way of the first frame, which
// takes half as long. A death before that is not guarded.
const guardDelay = 100 * time.Millisecond

// guardTerminal has the terminal restored from outside, should this process
// die without a chance to, and keeps what Go prints then.
func (f *factory) guardTerminal(logFile string) (release func()) {
	if crash, err := os.OpenFile(logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_ = debug.SetCrashOutput(crash, debug.CrashOptions{}) // it keeps a copy of the file
		crash.Close()
	}
	tty, ok := f.io.In.(*os.File)
	if !ok {
		return func() {}
	}
	state, err := readTerminal(tty, "ecs-tui ended in a way that it should not; what is known of it is in "+logFile)
	if err != nil {
		return func() {}
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-stop:
			return
		case <-f.clock.After(guardDelay):
		}
		g, err := startGuard(tty, state)
		if err != nil {
			return // the terminal is as safe as without
		}
		<-stop
		g.release()
	}()
	return func() {
		close(stop)
		<-done
	}
}

// screenEnv is what the screens are given.
func (s *session) screenEnv(cluster string, log *slog.Logger) screen.Env {
	env := screen.Env{
		Backend: s.backend, Cluster: cluster, Where: s.placeName(), Command: s.commandLine, Clock: s.clock, Log: log, Version: s.version,
		ReadOnly: s.cfg.ReadOnly, SaveDir: filepath.Join(s.paths.State, "logs"), Shell: s.shellCommand(), Edit: s.editCommand,
	}
	if s.cfg.Environment != nil {
		env.Environment, env.Protected = s.cfg.Environment.Name, s.cfg.Environment.Protected
	}
	switch {
	case s.cfg.App != nil:
		app := newScreenApp(s)
		env.App, env.Environments = app, app.Environments()
	case s.mayBecomeApp():
		env.Folder = &screenFolder{s, s.paths.Dir}
	}
	return env
}

// mayBecomeApp says whether to offer to make an app of the folder: where it has
// a Dockerfile or was named, unless the demo was asked for.
func (s *session) mayBecomeApp() bool {
	if s.cfg.Backend == config.Demo && s.cfg.From["backend"] != "" {
		return false
	}
	_, err := os.Stat(filepath.Join(s.paths.Dir, "Dockerfile"))
	return err == nil || s.paths.Dir != "."
}

// shellCommand makes the command that opens a shell: this same program, since
// a shell needs the terminal for itself.
func (s *session) shellCommand() func(screen.ShellTarget) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return func(t screen.ShellTarget) *exec.Cmd {
		args := []string{"shell", t.Task, "--container", t.Container, "--cluster", t.Cluster, "--backend", s.cfg.Backend}
		var login []string
		if b, ok := s.backend.(interface{ Environ() []string }); ok {
			login = b.Environ() // of a session that a code was typed for
		}
		if s.cfg.Backend == config.AWS {
			args = append(args, "--profile", s.cfg.Profile, "--region", s.cfg.Region)
		}
		cmd := exec.Command(self, args...)
		cmd.Env = append(s.io.Environ(), login...)
		cmd.Dir = s.paths.Dir
		return cmd
	}
}

// editCommand opens a file in the editor that the environment names, as git
// does: with arguments of its own where it has some.
func (s *session) editCommand(path string) *exec.Cmd {
	words := strings.Fields(fallbackEditor())
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if named := strings.Fields(s.io.Getenv(name)); len(named) > 0 {
			words = named
			break
		}
	}
	return exec.Command(words[0], append(words[1:], path)...)
}

func fallbackEditor() string {
	if runtime.GOOS == "windows" {
		return "notepad"
	}
	return "vi"
}

// remember keeps where the user was, unless it was a place of last resort.
func (s *session) remember(cluster string, log *slog.Logger) {
	if s.cfg.Backend == config.Demo && s.cfg.From["backend"] == "" {
		return
	}
	if err := config.SaveLastUsed(s.paths, s.app, s.clock.Now(), config.LastUsed{
		Backend: s.cfg.Backend, Cluster: cluster, Profile: s.cfg.Profile, Region: s.cfg.Region, Environment: s.environment,
	}); err != nil {
		log.Warn("what was used last is not kept", "err", err)
	}
}

// sayDeploys says what became of the deploys that were under way, and whether
// there are any that go on.
func (s *session) sayDeploys(exit ui.Exit) (goOn bool) {
	if s.cfg.Backend == config.Demo {
		return false // it has ended with the program
	}
	command := s.commands(exit.Cluster)
	if len(exit.Cancelled) > 0 {
		fmt.Fprintf(s.io.Err, "what was being built or deployed of %s is cancelled, and the service is as it was: %s starts anew\n",
			strings.Join(exit.Cancelled, ", "), command("deploy"))
	}
	if len(exit.Deploys) > 0 {
		first := exit.Deploys[0]
		fmt.Fprintf(s.io.Err, "the deployment of %s goes on: %s shows it, %s ends it\n", strings.Join(exit.Deploys, ", "),
			command("status", "--service", first), command("rollback", "--service", first))
	}
	return len(exit.Deploys) > 0
}

// farewell says in one line what keeps running and how to end it.
func (s *session) farewell(ctx context.Context, cluster string) {
	if s.cfg.Backend == config.Demo {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var services []backend.Service
	if s.cfg.Backend == config.Docker { // in the cloud, it is no news that things run
		var err error
		if services, err = listServices(ctx, s.backend, cluster); err != nil {
			return
		}
	}
	var names []string
	for _, svc := range services {
		if svc.Desired > 0 || svc.Running > 0 {
			names = append(names, svc.Name)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(s.io.Err, "%s %s on: %s. To end one: %s\n", plural(len(names), "service"), runs(len(names)), strings.Join(names, ", "),
			s.commands(cluster)("delete", "--service", names[0]))
	}
}

func runs(n int) string {
	if n == 1 {
		return "runs"
	}
	return "run"
}
