package docker

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestMain lets more tests run at a time than there are cores: most of them
// wait for containers, for most of the time. As a child of a test it is another
// process that uses the same state.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := runChild(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("8"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}

const childEnv = "ECS_TUI_TEST_CHILD"

// child is what another process is to do: to be the agent, or to change a
// service.
type child struct {
	StateDir, Cluster, Dir, Host string

	Fault string // an agent ends itself here, as kill -9 would,
	Nth   int64  // the so manieth time that it comes by

	Service string // to change, so many
	Changes int    // times
}

func runChild(spec string) error {
	var c child
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	set := Settings{
		Options: Options{Host: c.Host, StateDir: c.StateDir, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))},
		Cluster: c.Cluster, Dir: c.Dir, AgentIdle: time.Hour,
	}
	if c.Service != "" {
		return change(context.Background(), set, c.Service, c.Changes)
	}
	var passed atomic.Int64
	set.Fault = func(point string) {
		if point == c.Fault && passed.Add(1) == c.Nth {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				panic(err)
			}
			select {} // the signal is on its way
		}
	}
	return RunAgent(context.Background(), set)
}

// change makes new deployments of a service, one after the other.
func change(ctx context.Context, set Settings, service string, times int) error {
	b, err := New(ctx, set)
	if err != nil {
		return err
	}
	defer b.Close()
	for range times {
		if _, err := b.UpdateService(ctx, "", service, backend.ServiceChange{Force: true}); err != nil {
			return err
		}
	}
	return nil
}

// fork starts a child on the bed's state. It is killed when the test ends.
func (b *bed) fork(c child) *exec.Cmd {
	b.Helper()
	c.StateDir, c.Cluster, c.Dir, c.Host = b.set.StateDir, b.cluster, b.set.Dir, b.set.Host
	spec, err := json.Marshal(c)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "child.log")
	log, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if cmd.ProcessState == nil {
			kill(cmd)
		}
		log.Close()
		if b.Failed() {
			text, _ := os.ReadFile(path)
			b.Logf("the child's log:\n%s", text)
		}
	})
	return cmd
}

// kill ends a child as kill -9 does, and waits for its end.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
