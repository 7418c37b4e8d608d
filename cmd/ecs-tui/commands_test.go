package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/config"
)

// jsonLine is a command line, without -o json, whose output is JSON and nothing
// else. TASK is a task, NEW a folder, HOURLY a schedule.
type jsonLine struct {
	args  string
	exits []int // what it ends with, where that is not 0
	asks  bool  // it changes something: without -y it must end with 2
	lines bool  // it prints a document a line, as the README says; others print one
}

func inJSON() map[string]jsonLine {
	return map[string]jsonLine{
		"init":            {args: "NEW --from-image nginx"},
		"build":           {lines: true},
		"deploy":          {asks: true, lines: true},
		"diff":            {},
		"verify":          {},
		"continue":        {args: "--service checkout", asks: true, lines: true},
		"rollback":        {args: "--service web", asks: true, lines: true},
		"history":         {args: "--service web"},
		"status":          {args: "--service web"},
		"ps":              {args: "--all"},
		"logs":            {args: "--service web --tail 3", lines: true},
		"revisions":       {},
		"revisions diff":  {args: "web:13 web:14"},
		"revisions prune": {args: "web", asks: true},
		"images":          {},
		"images prune":    {args: "--keep 1", asks: true},
		"run":             {args: "--task-definition web --detach", asks: true},
		"scale":           {args: "2 --service web", asks: true},
		"pause":           {args: "--service web", asks: true},
		"resume":          {args: "--service web", asks: true},
		"stop":            {args: "TASK", asks: true},
		"schedule":        {},
		"schedule list":   {},
		"schedule add":    {args: "hourly HOURLY --task-definition web", asks: true},
		"schedule pause":  {args: "nightly", asks: true},
		"schedule resume": {args: "nightly", asks: true},
		"schedule remove": {args: "nightly", asks: true},
		"delete":          {args: "--service web", asks: true},
		"doctor":          {exits: []int{exitOK, exitError}}, // there may be an engine
		"version":         {},
	}
}

// withoutJSON are the commands that print no JSON, or are tried elsewhere, and why.
func withoutJSON() map[string]string {
	return map[string]string{
		"":             "the screen",
		"promote":      "script docker_promote.txtar: needs an app with two environments",
		"shell":        "its output is the command's own",
		"agent":        "prints its help",
		"agent run":    "prints nothing: it is the agent",
		"agent status": "script docker_service.txtar: needs an engine",
		"agent stop":   "script docker_service.txtar: needs an engine",
		guardCommand:   "internal, prints nothing",
		"help":         "prints the help of another",
		"completion":   "prints its help",

		"completion bash":       "its output is the shell's",
		"completion zsh":        "its output is the shell's",
		"completion fish":       "its output is the shell's",
		"completion powershell": "its output is the shell's",
	}
}

// everyCommand are the commands that can be run, by their names after the program's.
func everyCommand(f *factory) map[string]*cobra.Command {
	all := map[string]*cobra.Command{}
	var walk func(cmd *cobra.Command, name string)
	walk = func(cmd *cobra.Command, name string) {
		if cmd.Runnable() {
			all[name] = cmd
		}
		for _, sub := range cmd.Commands() {
			walk(sub, strings.TrimSpace(name+" "+sub.Name()))
		}
	}
	walk(newRootCmd(f), "")
	return all
}

// TestEveryCommandSpeaksJSON: each command, without a terminal, prints JSON and
// nothing else with -o json, and its exit code is the one that the README
// promises; one that changes something wants -y. A new command needs a line in
// one of the tables above.
func TestEveryCommandSpeaksJSON(t *testing.T) {
	f, _, _ := testFactory(t)
	lines, exceptions := inJSON(), withoutJSON()
	all := everyCommand(f)
	for name := range all {
		_, tried := lines[name]
		if reason, excepted := exceptions[name]; tried == excepted {
			t.Errorf("`ecs-tui %s` needs a line in one of the two tables, inJSON or withoutJSON (%q)", name, reason)
		}
		script, ok := strings.CutPrefix(exceptions[name], "script ")
		if file, _, _ := strings.Cut(script, ":"); ok {
			text, err := os.ReadFile(filepath.Join("testdata", "script", file))
			if err != nil || !strings.Contains(string(text), "ecs-tui "+name+" -o json") {
				t.Errorf("%s does not try `ecs-tui %s -o json`: %v", file, name, err)
			}
		}
	}
	for name, line := range lines {
		if all[name] == nil {
			t.Errorf("there is no command %q", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := demoApp(t)
			run := func(world backend.Backend, more ...string) (code int, out, errs string) {
				f, stdout, stderr := testFactory(t)
				f.openers[config.Demo] = func(context.Context, openRequest) (backend.Backend, error) { return unclosed{world}, nil }
				args := strings.Fields(name + " " + line.args)
				for i, arg := range args {
					switch arg {
					case "TASK":
						args[i] = someTask(t, world)
					case "NEW":
						args[i] = filepath.Join(dir, "new")
					case "HOURLY":
						args[i] = "rate(1 hour)"
					}
				}
				if strings.Contains(all[name].Use, "[DIR]") && line.args == "" {
					args = append(args, dir)
				}
				code = execute(t.Context(), f, append(append(args, "--demo", "-o", "json"), more...))
				return code, stdout.String(), stderr.String()
			}
			world := demoWorld(t, name)
			if line.asks {
				code, out, errs := run(world)
				documentsIn(t, out) // a plan, say
				if code != exitUsage || !strings.Contains(errs, "-y") {
					t.Errorf("without -y: exit code %d, want %d; printed:\n%s\n%s", code, exitUsage, out, errs)
				}
			}
			code, out, errs := run(world, "-y")
			if want := append(line.exits, exitOK); !slices.Contains(want, code) {
				t.Errorf("exit code %d, want one of %v:\n%s\n%s", code, want, out, errs)
			}
			if n := len(documentsIn(t, out)); n == 0 || n > 1 && !line.lines {
				t.Errorf("%d documents of JSON were printed:\n%s\nstandard error:\n%s", n, out, errs)
			} else if line.lines && strings.Count(out, "\n") != n {
				t.Errorf("%d documents are not one a line:\n%s", n, out)
			}
			// And one that can't be done prints none, and says why.
			if code, out, errs = run(world, "--nope"); code != exitUsage || out != "" || !strings.Contains(errs, "--nope") {
				t.Errorf("a wrong flag: exit code %d, want %d; printed:\n%s\n%s", code, exitUsage, out, errs)
			}
		})
	}
}

// documentsIn are the JSON documents that a text is made of.
func documentsIn(t *testing.T, text string) []any {
	t.Helper()
	var all []any
	dec := json.NewDecoder(strings.NewReader(text))
	for {
		var doc any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("this is no JSON: %v\n%s", err, text)
		}
		all = append(all, doc)
	}
}

// unclosed is a backend that stays open when a command is done with it.
type unclosed struct{ backend.Backend }

func (unclosed) Close() error { return nil }

// demoWorld is a demo as a command needs it: for continue with a deployment that
// waits at its hook, for resume with a paused service.
func demoWorld(t *testing.T, command string) backend.Backend {
	t.Helper()
	world := demo.New(demo.Options{Seed: 1, Speed: 50, Quiet: true})
	t.Cleanup(func() { _ = world.Close() })
	info, err := world.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	prepare := func(args ...string) {
		f, out, errs := testFactory(t)
		f.openers[config.Demo] = func(context.Context, openRequest) (backend.Backend, error) { return unclosed{world}, nil }
		if code := execute(t.Context(), f, append(args, "--demo", "-y")); code != exitOK {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
		}
	}
	switch command {
	case "schedule pause", "schedule resume", "schedule remove":
		prepare("schedule", "add", "nightly", "rate(1 day)", "--task-definition", "web")
		if command == "schedule resume" {
			prepare("schedule", "pause", "nightly")
		}
	case "resume":
		prepare("pause", "--service", "web")
	case "continue":
		if _, err := world.UpdateService(t.Context(), info.Cluster, "checkout", backend.ServiceChange{Force: true}); err != nil {
			t.Fatal(err)
		}
		waitForPause(t, world, info.Cluster)
	}
	return world
}

func waitForPause(t *testing.T, world backend.Backend, cluster string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		found, err := world.DescribeServices(ctx, cluster, []string{"checkout"})
		if err != nil || len(found) == 0 {
			t.Fatal(found, err)
		}
		some, err := world.DescribeServiceDeployments(ctx, []string{found[0].Current})
		if err != nil {
			t.Fatal(err)
		}
		if len(some) > 0 {
			if _, waits := some[0].Waiting(); waits {
				return
			}
		}
	}
	t.Fatal("checkout's deployment never paused")
}

func someTask(t *testing.T, world backend.Backend) string {
	t.Helper()
	info, err := world.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := listTasks(t.Context(), world, backend.TaskQuery{Cluster: info.Cluster})
	if err != nil || len(tasks) == 0 {
		t.Fatal(tasks, err)
	}
	return tasks[0].ID()
}

// demoApp is a folder with an app for the demo.
func demoApp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		config.AppFile:     "app: shop\nimages: {shop: {context: .}}\ntaskDefinition: task-definition.json\nservice: service.json\nenvironments: {demo: {backend: demo}}\n",
		"Dockerfile":       "FROM scratch\nCOPY . /\n",
		taskDefinitionFile: `{"family": "shop", "containerDefinitions": [{"name": "shop", "image": "shop", "memory": 64}]}`,
		serviceFile:        `{"serviceName": "shop", "desiredCount": 1}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestExampleWorkflow: the example for GitHub Actions is YAML as GitHub takes it,
// and each command line of ecs-tui in it is one that this program understands,
// with -y where it changes something.
func TestExampleWorkflow(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "github", "deploy.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Needs  string
			Steps  []struct {
				ID, Name, If, Run, Uses string
				With                    map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(data, &workflow); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for name, job := range workflow.Jobs {
		if _, ok := workflow.Jobs[job.Needs]; job.RunsOn == "" || job.Needs != "" && !ok {
			t.Errorf("job %s: runs-on %q, needs %q", name, job.RunsOn, job.Needs)
		}
		for _, step := range job.Steps {
			if (step.Run == "") == (step.Uses == "") {
				t.Errorf("job %s: a step is either run or uses: %+v", name, step)
			}
			for _, line := range regexp.MustCompile(`(?m)^\s*ecs-tui (.+)$`).FindAllStringSubmatch(step.Run, -1) {
				seen[checkLine(t, line[1])] = true
			}
		}
	}
	for _, want := range []string{"verify", "diff", "deploy", "run", "promote"} {
		if !seen[want] {
			t.Errorf("nothing in it runs `ecs-tui %s`", want)
		}
	}
	outputs := regexp.MustCompile(`steps\.deploy\.outputs\.([a-z-]+)`)
	for _, found := range outputs.FindAllStringSubmatch(string(data), -1) {
		if !slices.Contains([]string{"outcome", "exit-code", "revision", "revision-arn", "images"}, found[1]) {
			t.Errorf("there is no output %q", found[1])
		}
	}
}

// checkLine parses a command line, and gives the command's name.
func checkLine(t *testing.T, line string) string {
	t.Helper()
	f, _, _ := testFactory(t)
	root := newRootCmd(f)
	cmd, args, err := root.Find(strings.Fields(line))
	if err != nil {
		t.Errorf("ecs-tui %s: %v", line, err)
		return ""
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Errorf("ecs-tui %s: %v", line, err)
	}
	if cmd.Args != nil {
		if err := cmd.Args(cmd, cmd.Flags().Args()); err != nil {
			t.Errorf("ecs-tui %s: %v", line, err)
		}
	}
	if inJSON()[cmd.Name()].asks && !f.flags.Yes {
		t.Errorf("ecs-tui %s: nobody answers its question: -y is missing", line)
	}
	return cmd.Name()
}
