package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// App is an ecs-tui.yml: what is built and deployed, and where.
type App struct {
	Dir  string // the folder that all paths in it start from
	File string // as messages name it
	Name string

	Images         []Image // in the order of the file, which is the order of the builds
	TaskDefinition string  // file, relative to Dir
	Service        string  // file, relative to Dir; "" for an app with no service
	Environments   []Environment
	Schedules      []Schedule
	Values         map[string]string // of every environment, for the documents' templates

	// ServiceName is the service where its document does not name it, as it is with
	// ecspresso.
	ServiceName string

	root *node
	// fields are the names that fields have in a file of another tool.
	fields map[string]string
}

// Image says how the image of one container is made.
type Image struct {
	Container  string
	Context    string // folder, relative to the app's
	Dockerfile string // relative to Context; "" for Dockerfile
	Repository string
	Target     string
	Platform   string
	Platforms  []string // several: one image for all of them; Platform is "" then
	CacheFrom  []Cache
	CacheTo    []Cache
	Args       map[string]string
	Secrets    []Secret
	ECR        ECR
}

// ECR says how the repository in ECR is made, where there is none yet.
type ECR struct {
	ImmutableTags bool
	ScanOnPush    bool // true where the file says nothing
}

// Secret is a build secret, from a file (relative to the app's folder) or from
// an environment variable.
type Secret struct{ ID, File, Env string }

// Environment is a named place to deploy to.
type Environment struct {
	Name, Backend            string
	Profile, Region, Cluster string
	Protected                bool
	Local                    Local
	Hooks                    Hooks
	Rollback                 Rollback
	ScheduleRole             string            // ARN of the role that starts scheduled tasks, on AWS
	Timeout                  time.Duration     // how long a rollout is watched; 0 to its end
	Values                   map[string]string // before the app's
}

// Local are the settings of the local engine.
type Local struct {
	Timing  string // "ecs" for ECS's own waits; "" or "fast" for short ones
	EnvFile string // where secrets come from, relative to the app's folder
}

// LoadApp reads the app of a folder, its ecs-tui.yml or else its ecspresso.yml:
// nil where there is neither. getenv is for the templates in ecspresso's.
func LoadApp(dir string, getenv func(string) string) (*App, error) {
	switch st, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Position: Position{File: dir}, Err: errors.New("there is no such folder")}
	case err != nil:
		return nil, fileError(dir, err)
	case !st.IsDir():
		return nil, fileError(dir, errors.New("is not a folder"))
	}
	file := filepath.Join(dir, AppFile)
	data, err := readFile(file)
	if errors.Is(statError(file), fs.ErrNotExist) {
		return LoadEcspresso(dir, getenv)
	}
	if err != nil {
		return nil, err
	}
	return ParseApp(dir, file, data)
}

func statError(file string) error {
	_, err := os.Stat(file)
	return err
}

// ParseApp reads an app file; it opens no other file.
func ParseApp(dir, file string, data []byte) (*App, error) {
	root, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	a := &App{Dir: dir, File: file, root: root}
	if err := a.read(value{root, file, ""}); err != nil {
		return nil, err
	}
	return a, a.check()
}

func (a *App) read(v value) error {
	if v.kind == nullKind {
		return v.errorf("is empty")
	}
	return v.object(schema{
		"app":            text(&a.Name),
		"images":         a.readImages,
		"taskDefinition": text(&a.TaskDefinition),
		"service":        text(&a.Service),
		"serviceName":    text(&a.ServiceName),
		"environments":   a.readEnvironments,
		"schedules":      a.readSchedules,
		"values":         readValues(&a.Values),
	})
}

func (a *App) readImages(v value) error {
	return v.entries(func(name string, child value) error {
		image := Image{Container: name, Context: ".", ECR: ECR{ScanOnPush: true}}
		err := child.object(schema{
			"context":    text(&image.Context),
			"dockerfile": text(&image.Dockerfile),
			"repository": text(&image.Repository),
			"target":     text(&image.Target),
			"platform":   text(&image.Platform),
			"platforms":  readPlatforms(&image.Platforms),
			"cacheFrom":  readCaches(&image.CacheFrom, false),
			"cacheTo":    readCaches(&image.CacheTo, true),
			"args":       readArgs(&image.Args),
			"secrets":    readSecrets(&image.Secrets),
			"ecr": func(v value) error {
				return v.object(schema{"immutableTags": truth(&image.ECR.ImmutableTags), "scanOnPush": truth(&image.ECR.ScanOnPush)})
			},
		})
		a.Images = append(a.Images, image)
		return err
	})
}

func readArgs(dst *map[string]string) func(value) error {
	return func(v value) error {
		*dst = map[string]string{}
		return v.entries(func(key string, child value) error {
			var s string
			err := scalar(&s)(child)
			(*dst)[key] = s
			return err
		})
	}
}

func readSecrets(dst *[]Secret) func(value) error {
	return func(v value) error {
		return v.entries(func(id string, child value) error {
			s := Secret{ID: id}
			if err := child.object(schema{"file": text(&s.File), "env": text(&s.Env)}); err != nil {
				return err
			}
			if (s.File == "") == (s.Env == "") {
				return child.errorf("needs a file or an env, and only one of them")
			}
			*dst = append(*dst, s)
			return nil
		})
	}
}

func (a *App) readEnvironments(v value) error {
	return v.entries(func(name string, child value) error {
		env := Environment{Name: name}
		err := child.object(schema{
			"backend":      oneOf(&env.Backend, backends()...),
			"profile":      text(&env.Profile),
			"region":       text(&env.Region),
			"cluster":      text(&env.Cluster),
			"protected":    truth(&env.Protected),
			"values":       readValues(&env.Values),
			"hooks":        env.Hooks.read,
			"rollback":     env.Rollback.read,
			"scheduleRole": text(&env.ScheduleRole),
			"timeout":      duration(&env.Timeout),
			"local": func(v value) error {
				return v.object(schema{
					"timing":  oneOf(&env.Local.Timing, "fast", "ecs"),
					"envFile": text(&env.Local.EnvFile),
				})
			},
		})
		if err == nil && env.Backend == "" {
			err = child.errorf("names no backend: aws, docker or demo")
		}
		a.Environments = append(a.Environments, env)
		return err
	})
}

// nameForm is what ECS takes as the name of a family, service or cluster, but for
// its length: a bound in the expression makes it 200 kB large.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// ValidName says whether ECS takes s as the name of a family, a service, a
// cluster or a container.
func ValidName(s string) bool { return len(s) <= 255 && nameForm.MatchString(s) }

// check holds what a schema can't: what must be there.
func (a *App) check() error {
	switch {
	case a.Name == "":
		return a.errorAt("app", "is missing: the name of the app")
	case !ValidName(a.Name):
		return a.errorAt("app", "%q is no name: letters, digits, - and _", a.Name)
	case a.TaskDefinition == "":
		return a.errorAt("taskDefinition", "is missing: the file with the task definition")
	}
	return a.checkPlatforms()
}

// errorAt is an error at a field of the app file.
func (a *App) errorAt(path, format string, args ...any) *Error {
	return &Error{Position: a.Locate(path), Field: path, Err: errorf(format, args...)}
}

// Locate gives the place of a field in the app file, or of the innermost
// parent that exists.
func (a *App) Locate(path string) Position {
	line, column, _ := a.root.locate(a.Field(path))
	return Position{a.File, line, column}
}

// Field is the name that a field has in the app file, which can be ecspresso's.
func (a *App) Field(name string) string { return firstOf(a.fields[name], name) }

// HasService says whether the app is deployed as a service. Its document can be
// missing where its name is known, as with ecspresso.
func (a *App) HasService() bool { return a.Service != "" || a.ServiceName != "" }

// Path is a path of the app file, from the app's folder.
func (a *App) Path(path string) string { return from(a.Dir, path) }

// Dockerfile is the path of an image's Dockerfile.
func (a *App) Dockerfile(i Image) string {
	return from(a.Path(i.Context), firstOf(i.Dockerfile, "Dockerfile"))
}

// from is a path that starts in dir, unless it starts at the root.
func from(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Environment finds an environment by name.
func (a *App) Environment(name string) *Environment {
	for i := range a.Environments {
		if a.Environments[i].Name == name {
			return &a.Environments[i]
		}
	}
	return nil
}

// environmentFor is the first environment on a backend, or the first at all.
func (a *App) environmentFor(backend string) *Environment {
	if a == nil {
		return nil
	}
	for i := range a.Environments {
		if backend == "" || a.Environments[i].Backend == backend {
			return &a.Environments[i]
		}
	}
	return nil
}

func (a *App) environmentNames() []string {
	var names []string
	for _, e := range a.Environments {
		names = append(names, e.Name)
	}
	return names
}

// CheckContainers refuses an image for a container that the task definition
// does not have.
func (a *App) CheckContainers(containers []string) error {
	for _, image := range a.Images {
		if slices.Contains(containers, image.Container) {
			continue
		}
		e := a.errorAt("images."+image.Container, "%s has no container of this name", a.TaskDefinition)
		e.Advice = suggestion(image.Container, containers)
		return e
	}
	return nil
}

// CheckHooks refuses a hook of an environment for a container that the task
// definition does not have.
func (a *App) CheckHooks(env Environment, containers []string) error {
	named := map[string]string{}
	if h := env.Hooks.Before; h != nil {
		named["before"] = h.Container
	}
	if h := env.Hooks.Smoke; h != nil {
		named["smoke"] = h.Container
		if h.Task != nil {
			named["smoke"] = h.Task.Container
		}
	}
	for _, hook := range []string{"before", "smoke"} {
		name := named[hook]
		if name == "" || slices.Contains(containers, name) {
			continue
		}
		e := a.errorAt("environments."+env.Name+".hooks."+hook+".container", "%s has no container %q", a.TaskDefinition, name)
		e.Advice = suggestion(name, containers)
		return e
	}
	return nil
}

// CheckSources refuses an image whose context or Dockerfile can't be read.
func (a *App) CheckSources() error {
	for _, image := range a.Images {
		path := "images." + image.Container
		context := a.Path(image.Context)
		if entries, err := os.ReadDir(context); err != nil {
			e := a.errorAt(path+".context", "the folder %s %s", context, whyUnreadable(err))
			return e
		} else if len(entries) == 0 {
			return a.errorAt(path+".context", "the folder %s is empty", context)
		}
		dockerfile := a.Dockerfile(image)
		if f, err := os.Open(dockerfile); err != nil {
			e := a.errorAt(path+".dockerfile", "%s %s", dockerfile, whyUnreadable(err))
			return e
		} else {
			f.Close()
		}
	}
	return nil
}

func whyUnreadable(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "can't be read: permission denied"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return "can't be read: " + err.Error()
}
