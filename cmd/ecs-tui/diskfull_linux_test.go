package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// smallDisk is a folder on a disk of 16 KiB.
func smallDisk(t *testing.T) string {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("no small disk can be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestInitOnAFullDisk: an app is written whole or not at all, and what was there
// stays.
func TestInitOnAFullDisk(t *testing.T) {
	s := &scaffold{Name: "web", CPU: 256, Memory: 512, Desired: 1, Backend: "docker"}
	for _, tt := range []struct {
		name   string
		before map[string]string
		force  bool
	}{
		{name: "new files", before: map[string]string{"big": strings.Repeat("x", 12<<10)}},
		{name: "old files", force: true, before: map[string]string{
			"big": strings.Repeat("x", 8<<10), "ecs-tui.yml": "app: mine\n", "service.json": "{}\n",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.Dir = smallDisk(t)
			for name, text := range tt.before {
				if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			written, err := s.write(tt.force)
			if err == nil || !strings.Contains(err.Error(), "no space left on device") {
				t.Errorf("wrote %q, %v", written, err)
			}
			after := map[string]string{}
			entries, _ := os.ReadDir(s.Dir)
			for _, e := range entries {
				data, _ := os.ReadFile(filepath.Join(s.Dir, e.Name()))
				after[e.Name()] = string(data)
			}
			if !maps.Equal(after, tt.before) {
				t.Errorf("the folder is left as %q", after)
			}
		})
	}
}

// TestDiskFull: with no room for the state there is one message that says so,
// and doctor says it too.
func TestDiskFull(t *testing.T) {
	dockertest.RequireEngine(t)
	dir := smallDisk(t)
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
