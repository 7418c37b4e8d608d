//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
	"github.com/ecs-tui/ecs-tui/config"
)

// TestHeadless: what `make run` does without a terminal. Only a missing engine
// leads to the demo, and what is missing is said; everything else is an error.
func TestHeadless(t *testing.T) {
	for _, tt := range []struct {
		name, env  string
		engine     bool
		code       int
		want, none string
	}{
		{name: "no engine", env: "DOCKER_HOST=unix:///nowhere/docker.sock", want: "/nowhere/docker.sock", none: "no such service"},
		{name: "no state", env: "XDG_STATE_HOME=/dev/null", engine: true, code: exitError, want: "/dev/null", none: "demo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.engine {
				dockertest.RequireEngine(t)
			}
			program, err := exec.LookPath("ecs-tui")
			if err != nil {
				t.Fatal(err)
			}
			home, dir := t.TempDir(), demoApp(t)
			app := "app: shop\nimages: {shop: {context: .}}\ntaskDefinition: task-definition.json\nservice: service.json\nenvironments: {local: {backend: docker}}\n"
			if err := os.WriteFile(filepath.Join(dir, config.AppFile), []byte(app), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			cmd := exec.Command("sh", filepath.Join("..", "..", "examples", "headless.sh"), program, dir)
			cmd.Stdout, cmd.Stderr = &out, &out
			cmd.Env = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+home, "XDG_CONFIG_HOME="+home, "ECS_TUI_DEMO_SPEED=20", "GORACE="+noRaceSleep, tt.env)
			_ = cmd.Run() // its code says it
			if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(out.String(), tt.want) || strings.Contains(out.String(), tt.none) {
				t.Errorf("exit code %d, want %d:\n%s", code, tt.code, &out)
			}
		})
	}
}
