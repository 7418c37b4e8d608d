package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

// appFolder makes a folder with files.
func appFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func getenvOf(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestEcspressoIsReadAsItIs(t *testing.T) {
	env := getenvOf(map[string]string{"CLUSTER": "staging"})
	const yml = "region: '{{ env `REGION` `eu-west-1` }}'\ncluster: '{{ must_env `CLUSTER` }}'\nservice: web\n" +
		"service_definition: ecs-service-def.json\ntask_definition: ecs-task-def.json\ntimeout: 5m\nrequired_version: '>= v2'\n"
	const json = `{"region": "eu-west-1", "cluster": "{{ must_env ` + "`CLUSTER`" + ` }}", "service": "web",
  "service_definition": "ecs-service-def.json", "task_definition": "ecs-task-def.json", "plugins": []}`
	for name, content := range map[string]string{"ecspresso.yml": yml, "ecspresso.yaml": yml, "ecspresso.json": json} {
		app, err := config.LoadApp(appFolder(t, map[string]string{name: content}), env)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if app.Name != "web" || app.ServiceName != "web" || app.TaskDefinition != "ecs-task-def.json" || app.Service != "ecs-service-def.json" {
			t.Errorf("%s: %+v", name, app)
		}
		if e := app.Environments[0]; e.Backend != config.AWS || e.Region != "eu-west-1" || e.Cluster != "staging" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	// The least that ecspresso takes: no service, and ECS's default cluster.
	app, err := config.LoadApp(appFolder(t, map[string]string{"ecspresso.yml": "task_definition: batch.json\n"}), env)
	if err != nil || app.Name != "batch" || app.Environments[0].Cluster != "default" {
		t.Errorf("%+v, %v", app, err)
	}
	// An app file of this program's own comes first.
	app, err = config.LoadApp(appFolder(t, map[string]string{"ecspresso.yml": yml, "ecs-tui.yml": "app: mine\ntaskDefinition: t.json\n"}), env)
	if err != nil || app.Name != "mine" {
		t.Errorf("%+v, %v", app, err)
	}
}

// TestEcspressoRefusesByName: what only ecspresso can do is named, with what to
// do instead.
func TestEcspressoRefusesByName(t *testing.T) {
	for _, tt := range []struct{ name, content, want, advice string }{
		{"ecspresso.jsonnet", "{}", "ecspresso.jsonnet: is Jsonnet, a language of its own", "jsonnet ecspresso.jsonnet > ecspresso.json"},
		{"ecspresso.yml", "task_definition: t.json\nplugins:\n  - name: tfstate\n    config: {path: terraform.tfstate}\n", "ecspresso.yml:3:5: plugins[0]: the plugin tfstate is not supported", "terraform output -raw"},
		{"ecspresso.yml", "task_definition: t.json\nplugins: [{name: CloudFormation}]\n", "the plugin CloudFormation is not supported", "describe-stacks"},
		{"ecspresso.yml", "cluster: '{{ must_env `CLUSTER` }}'\ntask_definition: t.json\n", "ecspresso.yml:1:14: the environment variable CLUSTER is not set", "export CLUSTER"},
		{"ecspresso.yml", "cluster: x\n", "ecspresso.yml:1:1: task_definition is missing", ""},
		{"ecspresso.yml", "task_definitions: t.json\n", "ecspresso.yml:1:1: task_definitions: is no field that is known here", "did you mean task_definition?"},
		{"ecspresso.yml", "", "ecspresso.yml:1:1: is empty", ""},
	} {
		_, err := config.LoadApp(appFolder(t, map[string]string{tt.name: tt.content}), getenvOf(nil))
		var e *config.Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), tt.want) || !strings.Contains(e.Advice, tt.advice) {
			t.Errorf("%s: %v (%s), want %s (%s)", tt.content, err, e.Advice, tt.want, tt.advice)
		}
	}
	_, err := config.LoadDocument(filepath.Join(t.TempDir(), "ecs-task-def.jsonnet"), config.Values{})
	if err == nil || !strings.Contains(err.Error(), "is Jsonnet") {
		t.Errorf("a Jsonnet document: %v", err)
	}
}
