package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// TestScripts runs the commands as a user would: each file in testdata/script
// is one story. The scripts say `exits N ecs-tui …` where the code matters, and
// `[docker]` where an engine is needed.
func TestScripts(t *testing.T) {
	engine := requireEngine(t)
	// ECS's own protocol over the demo, for the script that uses AWS.
	world := demo.New(demo.Options{Speed: 20, Quiet: true})
	cloud := serveCloud(t, world)
	other := serveCloud(t, demo.New(demo.Options{Speed: 20, Quiet: true, Account: "999988887777"}))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Deadline:            time.Now().Add(8 * time.Minute), // a command that hangs is ended and fails its script
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("ECS_ENDPOINT", cloud)
			env.Setenv("OTHER_ENDPOINT", other) // of another account, with a registry of its own
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("ECS_TUI_DEMO_SPEED", "20")
			env.Setenv("GORACE", noRaceSleep)
			if engine != nil {
				engine.setup(env)
			}
			env.Values[environment{}] = slices.Clone(env.Vars)
			return os.MkdirAll(home, 0o755)
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "docker":
				return engine != nil, nil
			case "root":
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "until": until, "interrupt": interrupt, "upon": upon, "capture": capture, "replace": replace, "cut": cut},
	})
}

// account is what the cloud of the scripts has beside ECS.
func account() *ecsapi.Account {
	return &ecsapi.Account{
		Roles: []ecsapi.Role{
			{Name: "ecsTaskExecutionRole", Trust: ecsapi.Trusting("ecs-tasks.amazonaws.com")},
			{Name: "exec", Trust: ecsapi.Trusting("ecs-tasks.amazonaws.com")},
			{Name: "lambda", Trust: ecsapi.Trusting("lambda.amazonaws.com")},
		},
		LogGroups:      []string{"/ecs/hello"},
		Subnets:        []ecsapi.Subnet{{ID: "subnet-1", VPC: "vpc-1", Free: 100}, {ID: "subnet-9", VPC: "vpc-9", Free: 100}},
		SecurityGroups: []ecsapi.SecurityGroup{{ID: "sg-1", VPC: "vpc-1"}},
		TargetGroups: []backend.TargetGroup{{
			ARN: "arn:aws:elasticloadbalancing:local:123456789012:targetgroup/hooked/0123456789abcdef", Name: "hooked",
			Protocol: "HTTP", Port: 80, TargetType: "ip", VPC: "vpc-1",
			LoadBalancers: []string{"arn:aws:elasticloadbalancing:local:123456789012:loadbalancer/app/hooked/0123456789abcdef"},
		}},
	}
}

// balancer is the load balancer of the demo's services: /SERVICE/… asks one.
func balancer(world *demo.Backend) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		answer, err := world.Probe(r.Context(), backend.ProbeRequest{Cluster: "demo", Service: service, URL: r.URL.String()})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(answer.Status)
		fmt.Fprintln(w, answer.Body)
	})
}

// serveCloud serves a demo as ECS and ECR, and gives its address.
func serveCloud(t *testing.T, world *demo.Backend) string {
	t.Helper()
	balancer := httptest.NewServer(balancer(world))
	srv := httptest.NewServer(ecsapi.New(world, ecsapi.Options{
		Registry: ecsapi.NewRegistry(ecsapi.RegistryOptions{}), Account: account(), Balancers: balancer.Listener.Addr().String(),
	}))
	t.Cleanup(func() {
		srv.Close()
		balancer.Close()
		world.Close()
	})
	return srv.URL
}

// noRaceSleep keeps the race detector from sleeping for a second at the end of
// every command.
const noRaceSleep = "atexit_sleep_ms=0"

// environment is the key of a script's first environment.
type environment struct{}

// exits runs a command and compares its exit code: exits 2 ecs-tui --nope.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		code = strings.TrimPrefix(exit.Error(), "exit status ")
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// until runs a command again and again until it prints what matches a pattern:
// until 'steady' ecs-tui status.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARGS…")
	}
	pattern := regexp.MustCompile(`(?m)` + args[0])
	for deadline := time.Now().Add(patience); ; {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("nothing matched %q within %s; in the end: %v", args[0], patience, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// capture puts what a pattern's first group finds in the last output into a
// variable: capture TASK '^([0-9a-f]+) '.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture VARIABLE PATTERN")
	}
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) < 2 {
		ts.Fatalf("nothing matches %q", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// replace changes a text in a file: replace OLD NEW FILE.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace OLD NEW FILE")
	}
	file := ts.MkAbs(args[2])
	text := ts.ReadFile(file)
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s has no %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(file, []byte(strings.ReplaceAll(text, args[0], args[1])), 0o600))
}

// interrupt runs a command, sends it SIGINT as soon as it has printed what
// matches a pattern, and expects the exit code for cancelled:
// interrupt 'build web' ecs-tui deploy -y.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt PATTERN PROGRAM ARGS…")
	}
	code := runUntil(ts, args[0], func(p *os.Process) { _ = p.Signal(os.Interrupt) }, args[1:])
	if code != exitCancelled {
		ts.Fatalf("exit code %d, want %d", code, exitCancelled)
	}
}

// runUntil runs a command, calls then as soon as it has printed what matches a
// pattern, and gives its exit code.
func runUntil(ts *testscript.TestScript, pattern string, then func(*os.Process), args []string) int {
	program, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.Command(program, args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environ(ts)
	seen := &signalOn{pattern: regexp.MustCompile(pattern), signal: func() { then(cmd.Process) }}
	cmd.Stdout, cmd.Stderr = seen, seen
	ts.Check(cmd.Start())
	stop := time.AfterFunc(2*patience, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	_ = cmd.Wait() // its code says it
	ts.Logf("%s", seen.text.String())
	if !seen.sent {
		ts.Fatalf("it never printed what matches %q", pattern)
	}
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), "output"), seen.text.Bytes(), 0o600))
	return cmd.ProcessState.ExitCode()
}

// environ is the script's environment as it is now.
func environ(ts *testscript.TestScript) []string {
	var out []string
	for _, v := range ts.Value(environment{}).([]string) {
		key, _, _ := strings.Cut(v, "=")
		out = append(out, key+"="+ts.Getenv(key))
	}
	for _, key := range []string{"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} {
		if v := ts.Getenv(key); v != "" { // set by the script, which can't be listed
			out = append(out, key+"="+v)
		}
	}
	return out
}

// upon runs a command, runs another one as soon as the first has printed what
// matches a pattern, and compares the first one's exit code:
// upon 3 'paused at' 'ecs-tui rollback -y' ecs-tui deploy -y. What they printed
// is in $WORK/output and $WORK/other.
func upon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: upon CODE PATTERN COMMAND PROGRAM ARGS…")
	}
	words := strings.Fields(args[2])
	program, err := exec.LookPath(words[0])
	ts.Check(err)
	other := exec.Command(program, words[1:]...)
	other.Dir, other.Env = ts.MkAbs("."), environ(ts)
	var said []byte
	var failed error
	code := runUntil(ts, args[1], func(*os.Process) { said, failed = other.CombinedOutput() }, args[3:])
	ts.Logf("%s:\n%s", args[2], said)
	if failed != nil {
		ts.Fatalf("%s: %v", args[2], failed)
	}
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), "other"), said, 0o600))
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// signalOn is an output that calls signal, once, when it has got a pattern.
type signalOn struct {
	pattern *regexp.Regexp
	signal  func()
	text    bytes.Buffer
	sent    bool
}

func (s *signalOn) Write(p []byte) (int, error) {
	s.text.Write(p)
	if !s.sent && s.pattern.Match(s.text.Bytes()) {
		s.sent = true
		s.signal()
	}
	return len(p), nil
}
