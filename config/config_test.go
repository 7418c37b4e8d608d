package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/config"
)

const shop = `app: shop
images:
  web: {context: ., repository: shop/web}
taskDefinition: task-definition.json
service: service.json
environments:
  local:   {backend: docker, cluster: dev}
  staging: {backend: aws, profile: shop-staging, region: eu-west-1, cluster: staging}
  prod:    {backend: aws, profile: shop-prod, cluster: prod, protected: true}
`

// folder writes files and gives paths to them.
func folder(t *testing.T, files map[string]string) config.Paths {
	t.Helper()
	root := t.TempDir()
	p := config.Paths{Config: filepath.Join(root, "config"), State: filepath.Join(root, "state"), Dir: filepath.Join(root, "app")}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func env(vars ...string) func(string) string {
	return func(key string) string {
		for _, v := range vars {
			if value, ok := strings.CutPrefix(v, key+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestPrecedence(t *testing.T) {
	const user = "backend: aws\ncluster: mine\nprofile: personal\nregion: us-east-1\n"
	const last = `{"backend":"docker","cluster":"sandbox"}`
	app := map[string]string{"app/ecs-tui.yml": shop, "config/config.yml": user, "state/last-used.json": last}
	bare := map[string]string{"state/last-used.json": last}
	for _, tt := range []struct {
		name  string
		files map[string]string
		env   []string
		flags config.Flags
		want  string // backend cluster profile region
	}{
		{name: "nothing says anything", want: "   "},
		{name: "last used, without an app", files: bare, want: "docker sandbox  "},
		{name: "the user's file before last used", files: map[string]string{"config/config.yml": user, "state/last-used.json": last}, want: "aws mine personal us-east-1"},
		{name: "the app's first environment before the user's file", files: app, want: "docker dev personal us-east-1"},
		{name: "-e picks the environment", files: app, flags: config.Flags{Env: "staging"}, want: "aws staging shop-staging eu-west-1"},
		{name: "ECS_TUI_ENV too", files: app, env: []string{"ECS_TUI_ENV=prod"}, want: "aws prod shop-prod us-east-1"},
		{name: "-e before ECS_TUI_ENV", files: app, env: []string{"ECS_TUI_ENV=prod"}, flags: config.Flags{Env: "local"}, want: "docker dev personal us-east-1"},
		{name: "the environment before AWS_PROFILE", files: app, env: []string{"AWS_PROFILE=other", "AWS_REGION=ap-south-1"}, flags: config.Flags{Env: "prod"}, want: "aws prod shop-prod ap-south-1"},
		{name: "flags before everything", files: app, env: []string{"ECS_TUI_CLUSTER=fromenv"}, flags: config.Flags{Env: "staging", Cluster: "c", Profile: "p", Region: "r"}, want: "aws c p r"},
		{name: "ECS_TUI_CLUSTER before the environment", files: app, env: []string{"ECS_TUI_CLUSTER=fromenv"}, want: "docker fromenv personal us-east-1"},
		{name: "-e before the other variables", files: app, env: []string{"ECS_TUI_BACKEND=aws", "ECS_TUI_CLUSTER=fromenv"}, flags: config.Flags{Env: "local"}, want: "docker dev personal us-east-1"},
		{name: "--backend picks the first environment on it", files: app, flags: config.Flags{Backend: "aws"}, want: "aws staging shop-staging eu-west-1"},
		{name: "--backend of no environment takes none", files: app, flags: config.Flags{Backend: "demo"}, want: "demo  personal us-east-1"},
		{name: "a cluster of another backend is not used", files: bare, flags: config.Flags{Backend: "demo"}, want: "demo   "},
		{name: "AWS_DEFAULT_REGION last", env: []string{"AWS_DEFAULT_REGION=b"}, want: "   b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(folder(t, tt.files), env(tt.env...), tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join([]string{c.Backend, c.Cluster, c.Profile, c.Region}, " "); got != tt.want {
				t.Errorf("backend cluster profile region = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadOnlyStaysOnceAsked(t *testing.T) {
	files := map[string]string{"config/config.yml": "readOnly: true\n"}
	c, err := config.Load(folder(t, files), env("ECS_TUI_READ_ONLY=0"), config.Flags{})
	if err != nil || !c.ReadOnly {
		t.Errorf("ReadOnly = %v, %v", c.ReadOnly, err)
	}
	c, err = config.Load(folder(t, nil), env("ECS_TUI_READ_ONLY=1", "NO_COLOR=1"), config.Flags{})
	if err != nil || !c.ReadOnly || !c.NoColor {
		t.Errorf("ReadOnly, NoColor = %v, %v, %v", c.ReadOnly, c.NoColor, err)
	}
}

func TestAppFile(t *testing.T) {
	app, err := config.ParseApp("dir", "ecs-tui.yml", []byte(`
app: shop
x-common: &base {platform: linux/amd64, args: {VERSION: 1.10, DEBUG: true}}
images:
  web:
    <<: *base
    context: web
    dockerfile: Prod.Dockerfile
    target: final
    secrets: {npm: {env: NPM_TOKEN}, pip: {file: .pip}}
    ecr: {immutableTags: true, scanOnPush: false}
  sidecar: {context: sidecar}
taskDefinition: task.yml
environments:
  local: {backend: docker, local: {timing: ecs, envFile: .env}}
`))
	if err != nil {
		t.Fatal(err)
	}
	web := app.Images[0]
	if web.Container != "web" || app.Images[1].Container != "sidecar" {
		t.Errorf("images are not in the file's order: %+v", app.Images)
	}
	if web.Args["VERSION"] != "1.10" || web.Args["DEBUG"] != "true" {
		t.Errorf("args = %v, should keep what is written", web.Args)
	}
	if web.Platform != "linux/amd64" || web.Target != "final" || web.Dockerfile != "Prod.Dockerfile" {
		t.Errorf("web = %+v", web)
	}
	if web.ECR != (config.ECR{ImmutableTags: true}) || app.Images[1].ECR != (config.ECR{ScanOnPush: true}) {
		t.Errorf("ecr = %+v, and %+v where nothing is said", web.ECR, app.Images[1].ECR)
	}
	if len(web.Secrets) != 2 || web.Secrets[0] != (config.Secret{ID: "npm", Env: "NPM_TOKEN"}) {
		t.Errorf("secrets = %+v", web.Secrets)
	}
	if e := app.Environments[0]; e.Local != (config.Local{Timing: "ecs", EnvFile: ".env"}) {
		t.Errorf("environment = %+v", e)
	}
}

// TestBadAppFile: each gives file, line, column, field and, where one is
// near, what was probably meant.
func TestBadAppFile(t *testing.T) {
	for _, tt := range []struct{ name, file, want, advice string }{
		{"unknown field", "app: a\nimage: {}\ntaskDefinition: t.json\n", "f:2:1: image: is no field that is known here", "did you mean images?"},
		{"unknown field further in", "app: a\nimages:\n  web:\n    contxt: .\n", "f:4:5: images.web.contxt: is no field that is known here", "did you mean context?"},
		{"wrong type", "app: 7\n", "f:1:6: app: is a number, should be text", ""},
		{"wrong type further in", "app: a\nenvironments:\n  prod: {backend: aws, protected: yes please}\n", "f:3:35: environments.prod.protected: is text, should be true or false", ""},
		{"list for an object", "app: a\nimages:\n  - web\n", "f:3:3: images: is a list, should be an object", ""},
		{"word not known", "app: a\nenvironments:\n  l: {backend: dokcer}\n", "f:3:16: environments.l.backend: is \"dokcer\", should be one of aws, docker, demo", "did you mean docker?"},
		{"no backend", "app: a\nenvironments:\n  l: {cluster: c}\n", "f:3:6: environments.l: names no backend: aws, docker or demo", ""},
		{"both kinds of secret", "app: a\nimages:\n  w:\n    secrets: {x: {file: a, env: b}}\n", "f:4:18: images.w.secrets.x: needs a file or an env, and only one of them", ""},
		{"no app", "taskDefinition: t.json\n", "f:1:1: app: is missing: the name of the app", ""},
		{"no task definition", "app: a\n", "f:1:1: taskDefinition: is missing: the file with the task definition", ""},
		{"name with a space", "app: a b\ntaskDefinition: t\n", "f:1:1: app: \"a b\" is no name: letters, digits, - and _", ""},
		{"given twice", "app: a\napp: b\n", "f:2:1: mapping key \"app\" already defined at [1:1]", ""},
		{"empty", "", "f:1:1: is empty", ""},
		{"no YAML", "app: [a\n", "f:1:6: sequence end token ']' not found", ""},
		{"tab", "app: a\n\timages: {}\n", "f:2:1: found character '\t' that cannot start any token", ""},
		{"two documents", "app: a\n---\napp: b\n", "f:3:1: a second document starts here; only one is read", ""},
		{"a document after an empty one", "app: a\n---\n---\napp: b\n", "f:4:1: a second document starts here; only one is read", ""},
		{"a document on the line of its mark", "app: a\n--- {app: b}\n", "f:2:5: a second document starts here; only one is read", ""},
		{"a document after an end", "--- {app: a}\n...\napp: b\n", "f:3:1: a second document starts here; only one is read", ""},
		{"unknown hook", "app: a\nenvironments:\n  l:\n    backend: demo\n    hooks: {befor: {command: [a]}}\n", "f:5:13: environments.l.hooks.befor: is no field that is known here", "did you mean before?"},
		{"hook without a command", hooks("before: {container: web}"), "f:4:13: environments.l.hooks.before: needs a command", ""},
		{"command as text", hooks("before: {command: ./migrate up}"), "f:4:23: environments.l.hooks.before.command: is text, should be a list: [./migrate, up]", ""},
		{"no duration", hooks("before: {command: [a], timeout: soon}"), "f:4:37: environments.l.hooks.before.timeout: \"soon\" is no duration: 90s, 10m", ""},
		{"smoke of nothing", hooks("smoke: {port: 80}"), "f:4:12: environments.l.hooks.smoke: needs a path, a url or a command", ""},
		{"smoke of two", hooks("smoke: {url: 'http://a/b', port: 80}"), "f:4:18: environments.l.hooks.smoke.url: is a whole address: path, port and container are for the service's own", ""},
		{"a password", hooks("smoke: {url: 'http://a:b@c/'}"), "f:4:18: environments.l.hooks.smoke.url: may hold no password: it would be shown", ""},
		{"no status", hooks("smoke: {path: /, status: 2x}"), "f:4:30: environments.l.hooks.smoke.status: \"2x\" is no status: 200, or 2xx", ""},
		{"no port", hooks("smoke: {path: /, port: 0}"), "f:4:28: environments.l.hooks.smoke.port: is no port: 1 to 65535", ""},
		{"timeout of a request", hooks("smoke: {path: /, timeout: 5s}"), "f:4:31: environments.l.hooks.smoke.timeout: is for a command; a request is tried again within a time", ""},
		{"notify nobody", hooks("notify: []"), "f:4:13: environments.l.hooks.notify: names no program", ""},
		{"rollback perhaps", "app: a\nenvironments:\n  l: {backend: demo, rollback: perhaps}\n", "f:3:32: environments.l.rollback: is text, should be true or false", ""},
		{"alias of nothing", "app: *x\n", "f:1:6: app: there is no anchor &x before this", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.ParseApp(".", "f", []byte(tt.file))
			var e *config.Error
			if !errors.As(err, &e) {
				t.Fatalf("error = %v, want a *config.Error", err)
			}
			if e.Error() != tt.want || e.Advice != tt.advice {
				t.Errorf("got  %s | %s\nwant %s | %s", e.Error(), e.Advice, tt.want, tt.advice)
			}
		})
	}
}

// hooks is an app file with the hooks on its fourth line.
func hooks(text string) string {
	return "app: a\nenvironments:\n  l: {backend: demo, hooks: {\n    " + text + "}}\n"
}

func TestHooks(t *testing.T) {
	app, err := config.ParseApp(".", "f", []byte(`app: a
taskDefinition: t.json
environments:
  l:
    backend: demo
    hooks:
      before: {container: web, command: [./migrate, up]}
      smoke: {path: /healthz, status: 200, body: 7}
      notify: [./notify.sh]
    rollback: {within: 5m}
  m:
    backend: demo
    hooks:
      smoke: {command: [./check], timeout: 30s}
      notify: {command: [./notify.sh, x], env: [CHAT_TOKEN]}
    rollback: true
`))
	if err != nil {
		t.Fatal(err)
	}
	l, m := app.Environments[0], app.Environments[1]
	want := config.Hooks{
		Before: &config.TaskHook{Container: "web", Command: []string{"./migrate", "up"}, Timeout: 10 * time.Minute},
		Smoke:  &config.Smoke{Path: "/healthz", Status: "200", Body: "7", Within: time.Minute},
		Notify: &config.Notify{Command: []string{"./notify.sh"}},
	}
	if !reflect.DeepEqual(l.Hooks, want) || l.Rollback != (config.Rollback{Automatic: true, Within: 5 * time.Minute}) {
		t.Errorf("%+v %+v", l.Hooks, l.Rollback)
	}
	want = config.Hooks{
		Smoke:  &config.Smoke{Task: &config.TaskHook{Command: []string{"./check"}, Timeout: 30 * time.Second}},
		Notify: &config.Notify{Command: []string{"./notify.sh", "x"}, Env: []string{"CHAT_TOKEN"}},
	}
	if !reflect.DeepEqual(m.Hooks, want) || m.Rollback != (config.Rollback{Automatic: true}) {
		t.Errorf("%+v %+v", m.Hooks, m.Rollback)
	}
}

func TestBadChoice(t *testing.T) {
	app := map[string]string{"app/ecs-tui.yml": shop}
	for _, tt := range []struct {
		name         string
		files        map[string]string
		env          []string
		flags        config.Flags
		want, advice string
	}{
		{"no such environment", app, nil, config.Flags{Env: "stagin"}, `ecs-tui.yml:6:1: environments: has no environment "stagin"`, "did you mean staging?"},
		{"environment without an app", nil, nil, config.Flags{Env: "prod"}, `--env: there is no ecs-tui.yml here, so no environment "prod"`, "name a folder with an app, or use --backend"},
		{"contradiction", app, nil, config.Flags{Env: "prod", Backend: "docker"}, "--backend: docker contradicts environment prod, which is on aws", "leave one of the two away"},
		{"contradiction of variables", app, []string{"ECS_TUI_ENV=local", "ECS_TUI_BACKEND=aws"}, config.Flags{}, "ECS_TUI_BACKEND: aws contradicts environment local, which is on docker", "leave one of the two away"},
		{"no such backend", nil, []string{"ECS_TUI_BACKEND=podman"}, config.Flags{}, `ECS_TUI_BACKEND: "podman" is not a backend: aws, docker or demo`, "known here: aws, demo, docker"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(folder(t, tt.files), env(tt.env...), tt.flags)
			var e *config.Error
			if !errors.As(err, &e) {
				t.Fatalf("error = %v, want a *config.Error", err)
			}
			if !strings.HasSuffix(e.Error(), tt.want) || e.Advice != tt.advice {
				t.Errorf("got  %s | %s\nwant %s | %s", e.Error(), e.Advice, tt.want, tt.advice)
			}
		})
	}
}

func TestLastUsed(t *testing.T) {
	p := folder(t, nil)
	if got := config.LoadLastUsed(p, nil); got != (config.LastUsed{}) {
		t.Errorf("nothing saved, yet %+v", got)
	}
	want := config.LastUsed{Backend: "docker", Cluster: "dev"}
	for range 2 {
		if err := config.SaveLastUsed(p, nil, time.Now(), want); err != nil {
			t.Fatal(err)
		}
	}
	if got := config.LoadLastUsed(p, nil); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(p.State, "last-used-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(filepath.Join(p.State, "last-used.json"), []byte(`{"backend":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := config.LoadLastUsed(p, nil); got != (config.LastUsed{}) {
		t.Errorf("a damaged file gave %+v", got)
	}
}

// The screen of an app opens where it was closed, each app where it was; flags
// and variables come first, what the app's file says stands, and commands go by
// the file alone.
func TestLastUsedOfAnApp(t *testing.T) {
	app := "app: shop\ntaskDefinition: td.json\nenvironments:\n  local: {backend: docker}\n  staging: {backend: aws, region: eu-west-1}\n  prod: {backend: aws, profile: shop-prod, cluster: prod}\n"
	p := folder(t, map[string]string{"app/ecs-tui.yml": app, "app/td.json": "{}"})
	other := folder(t, map[string]string{"app/ecs-tui.yml": app, "app/td.json": "{}"})
	other.State = p.State
	noenv := env()
	load := func(p config.Paths, getenv func(string) string, f config.Flags) config.Config {
		t.Helper()
		c, err := config.Load(p, getenv, f)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	recall := config.Flags{Recall: true}
	if c := load(p, noenv, recall); c.Environment.Name != "local" {
		t.Errorf("at first it opens in %s", c.Environment.Name)
	}
	c := load(p, noenv, config.Flags{})
	last := config.LastUsed{Backend: "aws", Profile: "mine", Region: "us-east-1", Cluster: "blue", Environment: "staging"}
	if err := config.SaveLastUsed(p, c.App, time.Now(), last); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what                                           string
		paths                                          config.Paths
		getenv                                         func(string) string
		flags                                          config.Flags
		environment, backend, profile, region, cluster string
	}{
		{"the screen", p, noenv, recall, "staging", "aws", "mine", "eu-west-1", "blue"},
		{"a command", p, noenv, config.Flags{}, "local", "docker", "", "", ""},
		{"another app", other, noenv, recall, "local", "docker", "", "", ""},
		{"-e", p, noenv, config.Flags{Recall: true, Env: "prod"}, "prod", "aws", "shop-prod", "", "prod"},
		{"--backend", p, noenv, config.Flags{Recall: true, Backend: "docker"}, "local", "docker", "", "", ""},
		{"--profile and --cluster", p, noenv, config.Flags{Recall: true, Profile: "yours", Cluster: "green"}, "staging", "aws", "yours", "eu-west-1", "green"},
		{"ECS_TUI_ENV", p, env("ECS_TUI_ENV=prod"), recall, "prod", "aws", "shop-prod", "", "prod"},
		{"ECS_TUI_BACKEND", p, env("ECS_TUI_BACKEND=docker"), recall, "local", "docker", "", "", ""},
		{"AWS_PROFILE", p, env("AWS_PROFILE=theirs"), recall, "staging", "aws", "theirs", "eu-west-1", ""},
	} {
		c := load(x.paths, x.getenv, x.flags)
		if c.Environment.Name != x.environment || c.Backend != x.backend || c.Profile != x.profile || c.Region != x.region || c.Cluster != x.cluster {
			t.Errorf("%s: environment %s, %s, profile %q, region %q, cluster %q", x.what, c.Environment.Name, c.Backend, c.Profile, c.Region, c.Cluster)
		}
	}
	if got := config.LoadLastUsed(p, nil); got != (config.LastUsed{}) {
		t.Errorf("without an app there is %+v", got)
	}
	last.Environment = "gone"
	if err := config.SaveLastUsed(p, c.App, time.Now(), last); err != nil {
		t.Fatal(err)
	}
	if c := load(p, noenv, recall); c.Environment.Name != "local" || c.Profile != "" {
		t.Errorf("an environment that is gone opens %s with profile %q", c.Environment.Name, c.Profile)
	}
}

// Only so many apps are remembered, the newest ones.
func TestLastUsedIsBounded(t *testing.T) {
	p := folder(t, nil)
	for i := range 120 {
		app := &config.App{Dir: fmt.Sprintf("/apps/%d", i)}
		if err := config.SaveLastUsed(p, app, time.Now(), config.LastUsed{Backend: "docker", Environment: "local"}); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range map[int]string{119: "local", 20: "local", 19: ""} {
		if got := config.LoadLastUsed(p, &config.App{Dir: fmt.Sprintf("/apps/%d", i)}); got.Environment != want {
			t.Errorf("app %d: %+v", i, got)
		}
	}
}
