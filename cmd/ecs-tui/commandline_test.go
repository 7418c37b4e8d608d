package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What advice names acts on the place that it is about, from where it is read.
func TestCommandLineNamesThePlace(t *testing.T) {
	t.Chdir(t.TempDir())
	several := "{local: {backend: docker}, staging: {backend: aws, cluster: stage}}"
	for dir, environments := range map[string]string{"shop": several, "my shop": "{local: {backend: docker}}"} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := "app: shop\ntaskDefinition: t.json\nenvironments: " + environments + "\n"
		if err := os.WriteFile(filepath.Join(dir, "ecs-tui.yml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, in, dir string
		flags         globalFlags
		env           []string
		cluster, want string
	}{
		{name: "the one environment", in: "my shop", cluster: "default", want: "ecs-tui rollback --service web"},
		{name: "the first environment", in: "shop", cluster: "default", want: "ecs-tui rollback -e local --service web"},
		{name: "another environment", in: "shop", flags: globalFlags{Env: "staging"}, cluster: "stage", want: "ecs-tui rollback -e staging --service web"},
		{name: "named by a variable", in: "shop", env: []string{"ECS_TUI_ENV=staging"}, cluster: "stage", want: "ecs-tui rollback -e staging --service web"},
		{name: "an app elsewhere", dir: "shop", cluster: "default", want: "ecs-tui rollback shop -e local --service web"},
		{name: "to be quoted", dir: "my shop", cluster: "default", want: "ecs-tui rollback 'my shop' --service web"},
		{
			name: "other than the environment has it", in: "shop", flags: globalFlags{Env: "staging", Cluster: "old", Region: "eu-west-1"},
			cluster: "old", want: "ecs-tui rollback -e staging --cluster old --region eu-west-1 --service web",
		},
		{name: "gone to on the screen", in: "shop", flags: globalFlags{Env: "staging"}, cluster: "other", want: "ecs-tui rollback -e staging --cluster other --service web"},
		{name: "a backend without an environment", in: "shop", flags: globalFlags{Demo: true}, cluster: "demo", want: "ecs-tui rollback --backend demo --cluster demo --service web"},
		{
			name: "no app", flags: globalFlags{Backend: "aws", Profile: "p"}, env: []string{"AWS_REGION=eu-west-1"},
			cluster: "default", want: "ecs-tui rollback --backend aws --cluster default --profile p --region eu-west-1 --service web",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in != "" {
				t.Chdir(tt.in)
			}
			f, _, _ := testFactory(t, tt.env...)
			f.flags = tt.flags
			cfg, paths, err := f.load(tt.dir)
			if err != nil {
				t.Fatal(err)
			}
			s := &session{factory: f, cfg: cfg, paths: paths}
			got := s.commandLine(tt.cluster, "rollback", "--service", "web")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if s.following(tt.cluster).Command("status") != strings.ReplaceAll(strings.TrimSuffix(tt.want, " --service web"), "rollback", "status") {
				t.Error("a deploy's advice names another place")
			}
		})
	}
}
