package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

func TestCheckSourcesAndContainers(t *testing.T) {
	load := func(app string, files map[string]string) *config.App {
		t.Helper()
		all := map[string]string{"app/ecs-tui.yml": app}
		for name, content := range files {
			all[name] = content
		}
		a, err := config.LoadApp(folder(t, all).Dir, os.Getenv)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	const app = "app: a\nimages:\n  web: {context: src}\ntaskDefinition: t.json\n"
	a := load(app, nil)
	if err := a.CheckSources(); err == nil || !strings.Contains(err.Error(), "ecs-tui.yml:3:9: images.web.context: the folder ") || !strings.HasSuffix(err.Error(), "src does not exist") {
		t.Errorf("missing context: %v", err)
	}
	a = load(app, nil)
	if err := os.Symlink("src", filepath.Join(a.Dir, "src")); err != nil {
		t.Fatal(err)
	}
	if err := a.CheckSources(); err == nil || !strings.Contains(err.Error(), "images.web.context: the folder ") || !strings.Contains(err.Error(), "src can't be read: ") {
		t.Errorf("unreadable context: %v", err)
	}
	a = load(app, map[string]string{"app/src/main.go": ""})
	if err := a.CheckSources(); err == nil || !strings.Contains(err.Error(), "ecs-tui.yml:3:3: images.web.dockerfile: ") || !strings.HasSuffix(err.Error(), "Dockerfile does not exist") {
		t.Errorf("missing Dockerfile: %v", err)
	}
	a = load(app, map[string]string{"app/src/Dockerfile": "FROM scratch"})
	if err := a.CheckSources(); err != nil {
		t.Errorf("all is there: %v", err)
	}
	err := a.CheckContainers([]string{"wbe", "db"})
	var e *config.Error
	if !errors.As(err, &e) || !strings.HasSuffix(e.Error(), "ecs-tui.yml:3:3: images.web: t.json has no container of this name") || e.Advice != "did you mean wbe?" {
		t.Errorf("unknown container: %v", err)
	}
	if err := a.CheckContainers([]string{"web"}); err != nil {
		t.Errorf("known container: %v", err)
	}
}

// TestAbsolutePaths: what starts at the root is not looked for below the app.
func TestAbsolutePaths(t *testing.T) {
	elsewhere := folder(t, map[string]string{"app/src/main.go": "", "app/Web.Dockerfile": "FROM scratch"}).Dir
	app := "app: a\nimages:\n  web: {context: " + elsewhere + "/src, dockerfile: " + elsewhere + "/Web.Dockerfile}\n" +
		"taskDefinition: t.json\nenvironments:\n  local: {backend: docker, local: {envFile: " + elsewhere + "/.env}}\n"
	c, err := config.Load(folder(t, map[string]string{"app/ecs-tui.yml": app}), env(), config.Flags{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.App.CheckSources(); err != nil {
		t.Error(err)
	}
	if got, want := c.EnvFile(), filepath.Join(elsewhere, ".env"); got != want {
		t.Errorf("envFile is %s, want %s", got, want)
	}
}
