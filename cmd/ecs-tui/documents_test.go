package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// TestSourcesFromTheRoot: a context, a Dockerfile or a secret that starts at the
// root is not looked for below the app.
func TestSourcesFromTheRoot(t *testing.T) {
	root := t.TempDir() // a path as this system writes them
	context, dockerfile, secret := filepath.Join(root, "src"), filepath.Join(root, "Web.Dockerfile"), filepath.Join(root, ".npmrc")
	app := &config.App{Dir: "shop", File: "shop/ecs-tui.yml", Name: "shop", TaskDefinition: "t.json", Images: []config.Image{
		{Container: "web", Context: context, Dockerfile: dockerfile, Secrets: []config.Secret{{ID: "npm", File: secret}}},
		{Container: "api", Context: context},
		{Container: "job", Context: "job"},
	}}
	sources := imageSources(app, backend.TaskDefinition{})
	if got := sources[0].Build; got.Context != context || got.Secrets[0].File != secret {
		t.Errorf("built from %s with the secret %s", got.Context, got.Secrets[0].File)
	}
	want := []string{"ecs-tui.yml", "t.json", dockerfile, filepath.Join(context, "Dockerfile"), filepath.Join("job", "Dockerfile")}
	if got := (&screenApp{app: app}).Files(); !slices.Equal(got, want) {
		t.Errorf("the files are\n%q, want\n%q", got, want)
	}
}
