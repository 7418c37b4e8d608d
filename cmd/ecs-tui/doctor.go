package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// check is one thing that doctor looked at.
type check struct {
	Name   string      `json:"name"`
	Result checkResult `json:"result"`
	Detail string      `json:"detail"`
	Remedy string      `json:"remedy,omitempty"`
}

// checkResult is ok, warning or problem.
type checkResult string

const (
	checkOK      checkResult = "ok"
	checkWarning checkResult = "warning"
	checkProblem checkResult = "problem"
)

func (r checkResult) sign() string {
	return map[checkResult]string{checkOK: "✓", checkWarning: "▲", checkProblem: "✗"}[r]
}

func newDoctorCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Check what building and deploying needs, and say what to do",
		Long:  "Looks at the engine, the app file, AWS settings, the terminal and the program's own folders. It changes nothing and calls nobody but the local engine. The exit code is 1 when something will not work.",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDoctor(cmd.Context(), f, argOr(args, 0, ""))
		},
	}
}

func runDoctor(ctx context.Context, f *factory, dir string) error {
	paths := f.paths(dir)
	checks := engineChecks(ctx, f, paths)
	checks = append(append(checks, appCheck(f, dir)), awsChecks(ctx, f, dir)...)
	checks = append(checks, terminalCheck(f.io), stateCheck(paths))
	if err := printChecks(f, checks); err != nil {
		return err
	}
	for _, c := range checks {
		if c.Result == checkProblem {
			return exitErr{Code: exitError}
		}
	}
	return nil
}

func printChecks(f *factory, checks []check) error {
	if f.flags.json() {
		return printJSON(f.io.Out, map[string]any{"checks": checks})
	}
	out := f.io.colour(f.io.Out, f.flags.NoColor)
	for _, c := range checks { // some of it comes out of files and answers
		fmt.Fprintln(out, paint(fmt.Sprintf("%s %-13s %s", c.Result.sign(), backend.Clean(c.Name), backend.Clean(c.Detail))))
		if c.Remedy != "" {
			fmt.Fprintln(out, paint("                → "+c.Remedy))
		}
	}
	return nil
}

// failed is a check that found err.
func failed(name string, result checkResult, err error, remedy string) check {
	if advice := adviceFor(err); advice != "" {
		remedy = advice
	}
	return check{name, result, err.Error(), remedy}
}

// appCheck reads the app file and the documents that it points at, and looks
// whether the sources of its images are there.
func appCheck(f *factory, dir string) check {
	cfg, paths, err := f.load(dir)
	if err != nil {
		return failed("app", checkProblem, err, "")
	}
	if cfg.App == nil {
		return check{"app", checkOK, fmt.Sprintf("no %s in %s", config.AppFile, paths.Dir), "to make one: ecs-tui init"}
	}
	s := &session{factory: f, cfg: cfg, paths: paths}
	if _, _, err := s.request(""); err != nil {
		return failed("app", checkProblem, err, "")
	}
	if err := cfg.App.CheckSources(); err != nil {
		return failed("app", checkProblem, explain(err), "")
	}
	return check{Name: "app", Result: checkOK, Detail: fmt.Sprintf("%s: %s, %s", cfg.App.Name, plural(len(cfg.App.Images), "image"), plural(len(cfg.App.Environments), "environment"))}
}

// awsChecks read where AWS would be: for each environment of the app that is
// there, else where the flags and variables lead. They call nobody.
func awsChecks(ctx context.Context, f *factory, dir string) []check {
	cfg, paths, err := f.load(dir)
	if err != nil { // the app's check says why
		cfg = config.Config{Profile: f.flags.Profile, Region: f.flags.Region}
	}
	var checks []check
	if cfg.App != nil && f.flags.Env == "" && f.flags.backend() == "" {
		for i := range cfg.App.Environments {
			env := &cfg.App.Environments[i]
			if env.Backend != config.AWS {
				continue
			}
			there, err := config.Load(paths, f.io.Getenv, config.Flags{Env: env.Name, Profile: f.flags.Profile, Region: f.flags.Region})
			if err != nil {
				return []check{failed("aws "+env.Name, checkProblem, explain(err), "")}
			}
			checks = append(checks, f.awsCheck(ctx, "aws "+env.Name, there, env == cfg.Environment))
		}
	}
	if len(checks) == 0 {
		checks = append(checks, f.awsCheck(ctx, "aws", cfg, cfg.Backend == config.AWS))
	}
	return checks
}

// awsCheck looks at one place, which is used without being named, or not.
func (f *factory) awsCheck(ctx context.Context, name string, cfg config.Config, used bool) check {
	found, err := f.readAWS(ctx, cfg)
	of := ""
	if found.Profile != "" {
		of = "profile " + found.Profile + ": "
	}
	switch {
	case err != nil && used:
		return failed(name, checkProblem, err, "")
	case err != nil:
		return failed(name, checkWarning, err, "")
	case found.Credentials == "" && (of != "" || used):
		return check{name, checkWarning, of + "no credentials in the environment or in ~/.aws", "aws configure, or aws sso login; a machine of EC2 may have a role of its own"}
	case found.Credentials == "":
		return check{name, checkOK, "no credentials in the environment or in ~/.aws", "nothing to do for local work; for AWS: aws configure, or aws sso login"}
	case found.Region == "":
		return check{name, checkWarning, of + found.Credentials + ", but no region", "name one: --region, AWS_REGION, or region in the profile"}
	}
	return check{name, checkOK, of + found.Credentials + ", in " + found.Region + " (read, not called)", ""}
}

// terminalCheck says what the terminal can show.
func terminalCheck(io *streams) check {
	if !io.OutTTY {
		return check{Name: "terminal", Result: checkOK, Detail: "none: output goes to a pipe or a file"}
	}
	if io.dumb() {
		return check{"terminal", checkWarning, "TERM is dumb: no screen, plain progress", "use another terminal, or set TERM"}
	}
	w, h := io.Size()
	detail := fmt.Sprintf("%d×%d, %s", w, h, colorprofile.Env(io.Environ()))
	if w < 60 || h < 15 {
		return check{"terminal", checkWarning, detail, "the screen needs 60×15: make the window larger"}
	}
	return check{Name: "terminal", Result: checkOK, Detail: detail}
}

// stateNeeds is about what the state of the local engine takes at first.
const stateNeeds = 256 << 10

// stateCheck writes and removes a file where the program keeps its state.
func stateCheck(paths config.Paths) check {
	remedy := "make it writable, or set XDG_STATE_HOME to a folder that is"
	if err := os.MkdirAll(paths.State, 0o700); err != nil {
		return check{"state", checkProblem, err.Error(), remedy}
	}
	file, err := os.CreateTemp(paths.State, "doctor-*")
	if err != nil {
		return check{"state", checkProblem, err.Error(), remedy}
	}
	_, err = file.Write(make([]byte, stateNeeds))
	if err := errors.Join(err, file.Close(), os.Remove(file.Name())); err != nil {
		return check{"state", checkProblem, err.Error(), "free some disk space there, or set XDG_STATE_HOME to another folder"}
	}
	return check{Name: "state", Result: checkOK, Detail: paths.State}
}

// Free disk space below which a build or a task is likely to fail.
const (
	diskWarning = 5 << 30
	diskProblem = 500 << 20
)

// diskCheck looks at the disk that holds images and containers.
func diskCheck(root string) check {
	free, err := freeSpace(root)
	if errors.Is(err, errors.ErrUnsupported) || err != nil {
		return check{Name: "disk", Result: checkOK, Detail: "the engine's disk can't be seen from here"}
	}
	c := check{Name: "disk", Result: checkOK, Detail: fmt.Sprintf("%s free on the engine's disk (%s)", size(free), root)}
	switch {
	case free < diskProblem:
		c.Result, c.Remedy = checkProblem, "free some space: prune unused images (i in the screen), docker builder prune"
	case free < diskWarning:
		c.Result, c.Remedy = checkWarning, "prune unused images soon: i in the screen"
	}
	return c
}

// platformCheck compares what the engine runs with what this program runs on.
func platformCheck(info backend.Info) check {
	here := "linux/" + runtime.GOARCH
	c := check{Name: "architecture", Result: checkOK, Detail: "images are built for " + info.Platform}
	if info.Platform != here {
		c.Result = checkWarning
		c.Detail += ", this machine is " + here
		c.Remedy = "binaries that are built outside of Docker must be built for " + info.Platform
	}
	return c
}

// engineTimeout is how long doctor waits for an engine.
const engineTimeout = 10 * time.Second
