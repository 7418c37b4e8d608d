package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/distribution/reference"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

func TestReadDockerfile(t *testing.T) {
	for _, tt := range []struct {
		name, dockerfile string
		want             dockerfileFacts
	}{
		{"nothing said", "FROM scratch\n", dockerfileFacts{}},
		{"ports, once each, TCP only", "FROM a\nEXPOSE 80 443/tcp 53/udp 80\n", dockerfileFacts{Ports: []int{80, 443}}},
		{"first of a range", "FROM a\nEXPOSE 8000-8010\n", dockerfileFacts{Ports: []int{8000}}},
		{"variables", "ARG A=1\nFROM a\nARG PORT=81\nENV OTHER=${PORT} THIRD=83\nEXPOSE $PORT ${OTHER} $THIRD ${NONE:-84} $UNKNOWN\n", dockerfileFacts{Ports: []int{81, 83, 84}}},
		{"only the last stage counts", "FROM a AS build\nEXPOSE 1\nHEALTHCHECK CMD x\nFROM b\nEXPOSE 2\n", dockerfileFacts{Ports: []int{2}}},
		{"a stage built from another has what that has", "FROM a AS Base\nEXPOSE 1\nFROM base\nEXPOSE 2\n", dockerfileFacts{Ports: []int{1, 2}}},
		{
			"health check as JSON, kept in ECS's bounds", "FROM a\nHEALTHCHECK --interval=1s --timeout=90s --start-period=1m --retries=20 \\\n  CMD [\"/web\", \"health\"]\n",
			dockerfileFacts{HealthCheck: &backend.HealthCheck{Command: []string{"CMD", "/web", "health"}, Interval: 5, Timeout: 60, StartPeriod: 60, Retries: 10}},
		},
		{
			"health check for a shell", "FROM a\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\n",
			dockerfileFacts{HealthCheck: &backend.HealthCheck{Command: []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}, Interval: 30, Timeout: 5, Retries: 3}},
		},
		{"taken back", "FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK NONE\n", dockerfileFacts{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "Dockerfile")
			if err := os.WriteFile(file, []byte(tt.dockerfile), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := readDockerfile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestScaffoldDeploys: what init writes is read back without a complaint, by
// the same code that a deploy uses.
func TestScaffoldDeploys(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nEXPOSE 80\nHEALTHCHECK CMD true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := newScaffold(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Name = "Shop_1"
	if _, err := s.write(false); err != nil {
		t.Fatal(err)
	}
	app, err := config.LoadApp(dir, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	f, _, _ := testFactory(t)
	docs, err := (&session{factory: f, cfg: config.Config{App: app}}).documents()
	if err != nil {
		t.Fatal(err)
	}
	findings := append(backend.CheckTaskDefinition(docs.Definition), backend.CheckService(*docs.Spec, docs.Definition)...)
	for _, f := range findings {
		if f.Severity == backend.Problem {
			t.Errorf("%s: %s", f.Path, f.Message)
		}
	}
	if err := app.CheckSources(); err != nil {
		t.Error(err)
	}
}

// TestScaffoldInAnyFolder: whatever a folder is called, what is written there can
// be read again, and its image has a name that registries take.
func TestScaffoldInAnyFolder(t *testing.T) {
	for _, name := range []string{"shop", "2048", "007", "1e3", "0x1F", "true", "null", "no", "_", "web_", "a__b", "a-_b", "-x", "Web"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := newScaffold(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.write(false); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		app, err := config.LoadApp(dir, os.Getenv)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if app.Name != s.Name || app.Images[0].Container != s.Name {
			t.Errorf("%s: app %q with an image for %q, want %q", name, app.Name, app.Images[0].Container, s.Name)
		}
		if _, err := reference.ParseNamed("registry.example/" + app.Images[0].Repository); err != nil {
			t.Errorf("%s: repository %q: %v", name, app.Images[0].Repository, err)
		}
	}
}

// TestScaffoldLeavesNothingHalfWritten: where one file can't be written, none
// is left.
func TestScaffoldLeavesNothingHalfWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := newScaffold(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, serviceFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write(false); err == nil {
		t.Fatal("wrote over a folder")
	}
	for _, name := range []string{config.AppFile, taskDefinitionFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left behind", name)
		}
	}
}
