package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
	sources := imageSources(app, "")
	if got := sources[0].Build; got.Context != context || got.Secrets[0].File != secret {
		t.Errorf("built from %s with the secret %s", got.Context, got.Secrets[0].File)
	}
	want := []string{"ecs-tui.yml", "t.json", dockerfile, filepath.Join(context, "Dockerfile"), filepath.Join("job", "Dockerfile")}
	if got := (&screenApp{app: app}).Files(); !slices.Equal(got, want) {
		t.Errorf("the files are\n%q, want\n%q", got, want)
	}
}

// What is built runs where it is deployed: Fargate is X86_64 unless the task
// definition says otherwise, whatever machine builds; a local engine is itself.
func TestPlatformOfBuilds(t *testing.T) {
	for _, tt := range []struct {
		name, backend, task, service, want string
	}{
		{"Fargate", config.AWS, `"requiresCompatibilities": ["FARGATE"]`, ``, "linux/amd64"},
		{"Fargate on ARM", config.AWS, `"requiresCompatibilities": ["FARGATE"], "runtimePlatform": {"cpuArchitecture": "ARM64"}`, ``, "linux/arm64"},
		{"Fargate by launch type", config.AWS, `"cpu": "256"`, `"launchType": "FARGATE"`, "linux/amd64"},
		{"Fargate by its provider", config.AWS, `"cpu": "256"`, `"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]`, "linux/amd64"},
		{"either, on instances", config.AWS, `"requiresCompatibilities": ["EC2", "FARGATE"]`, `"launchType": "EC2"`, ""},
		{"instances", config.AWS, `"requiresCompatibilities": ["EC2"]`, ``, ""},
		{"Windows", config.AWS, `"runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}`, ``, ""},
		{"for Fargate, on the local engine", config.Docker, `"requiresCompatibilities": ["FARGATE"]`, `"launchType": "FARGATE"`, ""},
		{"asked for, on the local engine", config.Docker, `"runtimePlatform": {"cpuArchitecture": "ARM64"}`, ``, "linux/arm64"},
		{"the demo", config.Demo, `"requiresCompatibilities": ["FARGATE"]`, ``, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{
				"ecs-tui.yml": "app: web\nimages:\n  web: {context: .}\ntaskDefinition: t.json\nservice: s.json\nenvironments:\n  e: {backend: " + tt.backend + "}\n",
				"t.json":      `{"family": "web", ` + tt.task + `, "containerDefinitions": [{"name": "web", "image": "web", "memory": 64}]}`,
				"s.json":      strings.TrimSuffix(`{"serviceName": "web", `+tt.service, ", ") + "}",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, _, _ := testFactory(t)
			cfg, paths, err := f.load(dir)
			if err != nil {
				t.Fatal(err)
			}
			req, _, err := (&session{factory: f, cfg: cfg, paths: paths}).request("default")
			if err != nil {
				t.Fatal(err)
			}
			if got := req.Images[0].Build.Platform; got != tt.want {
				t.Errorf("built for %q, want %q", got, tt.want)
			}
		})
	}
}

// TestEditor: the first one that names something is taken.
func TestEditor(t *testing.T) {
	for env, want := range map[string][]string{
		"VISUAL=code --wait": {"code", "--wait", "f"}, "EDITOR=nano": {"nano", "f"}, "EDITOR= ": {fallbackEditor(), "f"},
	} {
		f, _, _ := testFactory(t, env)
		if got := (&session{factory: f}).editCommand("f").Args; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", env, got, want)
		}
	}
}
