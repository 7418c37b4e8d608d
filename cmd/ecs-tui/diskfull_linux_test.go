package main

import (
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// TestDiskFull: with no room for the state there is one message that says so,
// and doctor says it too.
func TestDiskFull(t *testing.T) {
	dockertest.RequireEngine(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("no small disk can be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	for _, tt := range []struct{ command, want string }{
		{"scale 2 -y --service web --backend docker", "the disk that holds ecs-tui's state is full\n  → free some disk space"},
		{"status --backend docker", "the disk that holds ecs-tui's state is full\n  → free some disk space"},
		{"doctor", "no space left on device\n                → free some disk space"},
	} {
		program, err := exec.LookPath("ecs-tui")
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		cmd := exec.Command(program, strings.Fields(tt.command)...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), &out, &out
		cmd.Env = append(cmd.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir, "GORACE="+noRaceSleep)
		_ = cmd.Run() // its code says it
		if code := cmd.ProcessState.ExitCode(); code != exitError || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: exit code %d, %s", tt.command, code, out.String())
		}
	}
}
