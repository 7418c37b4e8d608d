// Package config reads what the user wrote down: the user's own file, the
// app's ecs-tui.yml with the documents that it points at, the environment and
// the flags. It says where each value came from and, when one is wrong, in
// which file, line, column and field. It also reads what other tools have:
// ecspresso's file as an app, a Compose file as containers.
//
// You are beside the backends, not above them: this package imports the
// standard library and a YAML parser only, does no I/O but reading files
// (and writing the small state file of [SaveLastUsed]), and keeps no state.
package config

import (
	"path/filepath"
	"strconv"
)

// The backends that a file or flag may name.
const (
	AWS    = "aws"
	Docker = "docker"
	Demo   = "demo"
)

// backends in the order that messages list them.
func backends() []string { return []string{AWS, Docker, Demo} }

// Flags are the settings of the command line; empty ones were not given.
type Flags struct {
	Env, Backend, Cluster, Service, Profile, Region string
	ReadOnly, NoColor                               bool
	// Recall opens an app where its screen was closed, and not in its first
	// environment. Commands leave it off: what they change may not depend on what
	// somebody looked at last.
	Recall bool
}

// Config is everything that was settled before a backend is opened.
type Config struct {
	App         *App         // nil in a folder without one
	Environment *Environment // of the app; nil without an app, or when --backend names another place

	Backend  string // "" when nothing names one: the caller looks around
	Cluster  string // "" is the backend's default
	Service  string // "" is the app's
	Profile  string
	Region   string
	ReadOnly bool
	NoColor  bool
	Theme    string // auto, light, dark

	// From says where a setting came from, by its name in the user file:
	// "--cluster", "ECS_TUI_CLUSTER", "ecs-tui.yml", "config.yml", "last used".
	From map[string]string
}

// Load settles the configuration. What is named first wins:
//
//  1. flags
//  2. ECS_TUI_ENV, ECS_TUI_BACKEND, ECS_TUI_CLUSTER, ECS_TUI_SERVICE,
//     ECS_TUI_READ_ONLY, and NO_COLOR
//  3. the app's environment in ecs-tui.yml
//  4. AWS_PROFILE and AWS_REGION (or AWS_DEFAULT_REGION)
//  5. the user's config.yml
//  6. what was used last: without an app, or with [Flags.Recall] in this app
//
// AWS's own variables come after the app's environment, so that `-e prod`
// means the same account in every shell; and so do ECS_TUI_BACKEND and
// ECS_TUI_CLUSTER where a flag names that environment. Read-only is the
// exception to the order: once anything asks for it, it stays.
func Load(paths Paths, getenv func(string) string, flags Flags) (Config, error) {
	user, err := loadUser(paths.UserFile())
	if err != nil {
		return Config{}, err
	}
	app, err := LoadApp(paths.Dir, getenv)
	if err != nil {
		return Config{}, err
	}
	c := Config{App: app, Theme: user.Theme, From: map[string]string{}}
	var last LastUsed
	if app == nil || flags.Recall {
		last = LoadLastUsed(paths, app)
	}
	if err := c.pickEnvironment(getenv, flags, last.Environment); err != nil {
		return Config{}, err
	}
	c.settle(getenv, flags, user, last)
	return c, c.checkBackend()
}

// pickEnvironment finds the app's environment that is meant: the one that is
// named, else the first one of the backend that is named, else the last one
// that was used, else the first.
func (c *Config) pickEnvironment(getenv func(string) string, flags Flags, last string) error {
	name, from := flags.Env, "--env"
	if name == "" && flags.Backend == "" {
		name, from = getenv("ECS_TUI_ENV"), "ECS_TUI_ENV"
	}
	if name == "" {
		backend := firstOf(flags.Backend, getenv("ECS_TUI_BACKEND"))
		c.Environment = c.App.environmentFor(backend)
		if c.App != nil && backend == "" && c.App.Environment(last) != nil {
			c.Environment = c.App.Environment(last)
			c.From["environment"] = "last used"
		}
		return nil
	}
	if c.App == nil {
		return &Error{Field: from, Err: errorf("there is no %s here, so no environment %q", AppFile, name), Advice: "name a folder with an app, or use --backend"}
	}
	env := c.App.Environment(name)
	if env == nil {
		e := c.App.errorAt("environments", "has no environment %q", name)
		e.Advice, e.Usage = suggestion(name, c.App.environmentNames()), true
		return e
	}
	other := candidate{flags.Backend, "--backend"}
	if from == "ECS_TUI_ENV" {
		other = candidate{getenv("ECS_TUI_BACKEND"), "ECS_TUI_BACKEND"}
	}
	if other.value != "" && other.value != env.Backend {
		return &Error{Field: other.from, Err: errorf("%s contradicts environment %s, which is on %s", other.value, name, env.Backend), Advice: "leave one of the two away"}
	}
	c.Environment = env
	return nil
}

// candidate is one place that may name a setting.
type candidate struct{ value, from string }

// settle takes each setting from the first place that names it.
func (c *Config) settle(getenv func(string) string, flags Flags, user userFile, last LastUsed) {
	var env Environment
	if c.Environment != nil {
		env = *c.Environment
	}
	appFile := AppFile
	if c.App != nil {
		appFile = filepath.Base(c.App.File)
	}
	if c.App != nil && env.Name != last.Environment {
		last = LastUsed{} // of another environment
	}
	pick := func(dst *string, name string, from ...candidate) {
		for _, f := range from {
			if f.value != "" {
				*dst = f.value
				c.From[name] = f.from
				return
			}
		}
	}
	env2 := func(key string) candidate { return candidate{getenv(key), key} }
	var named Environment // the one that a flag names
	if flags.Env != "" {
		named = env
	}
	pick(&c.Backend, "backend", candidate{flags.Backend, "--backend"}, candidate{named.Backend, appFile}, env2("ECS_TUI_BACKEND"),
		candidate{env.Backend, appFile}, candidate{user.Backend, userFileName}, candidate{last.Backend, "last used"})
	if last.Backend != c.Backend {
		last = LastUsed{} // of another place
	}
	pick(&c.Profile, "profile", candidate{flags.Profile, "--profile"},
		candidate{env.Profile, appFile}, env2("AWS_PROFILE"), candidate{user.Profile, userFileName}, candidate{last.Profile, "last used"})
	if last.Profile != c.Profile {
		last.Region, last.Cluster = "", "" // of another account
	}
	pick(&c.Region, "region", candidate{flags.Region, "--region"},
		candidate{env.Region, appFile}, env2("AWS_REGION"), env2("AWS_DEFAULT_REGION"), candidate{user.Region, userFileName},
		candidate{last.Region, "last used"})
	if user.Backend != "" && user.Backend != c.Backend {
		user.Cluster = ""
	}
	pick(&c.Cluster, "cluster", candidate{flags.Cluster, "--cluster"}, candidate{named.Cluster, appFile}, env2("ECS_TUI_CLUSTER"),
		candidate{env.Cluster, appFile}, candidate{user.Cluster, userFileName}, candidate{last.Cluster, "last used"})
	pick(&c.Service, "service", candidate{flags.Service, "--service"}, env2("ECS_TUI_SERVICE"))
	asked, _ := strconv.ParseBool(getenv("ECS_TUI_READ_ONLY"))
	c.ReadOnly = flags.ReadOnly || asked || user.ReadOnly
	c.NoColor = flags.NoColor || getenv("NO_COLOR") != ""
}

// checkBackend refuses a backend that does not exist, naming who asked for it.
func (c *Config) checkBackend() error {
	if c.Backend == "" || contains(backends(), c.Backend) {
		return nil
	}
	return &Error{
		Field: c.From["backend"], Err: errorf("%q is not a backend: aws, docker or demo", c.Backend),
		Advice: suggestion(c.Backend, backends()),
	}
}

// EnvFile is the file that local secrets are read from, "" where there is none.
func (c *Config) EnvFile() string {
	if c.App == nil || c.Environment == nil || c.Environment.Local.EnvFile == "" {
		return ""
	}
	return c.App.Path(c.Environment.Local.EnvFile)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
