package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ComposeFiles are the names that a Compose file goes by, in the order in which
// Compose looks for them.
func ComposeFiles() []string {
	return []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
}

// Compose is a Compose file in ECS's words: each service is a container of one
// task definition.
type Compose struct {
	Name     string // "" where the file has none
	Services []ComposeService
	Volumes  []map[string]any // entries of a task definition's volumes
	Left     []Leftover
}

// ComposeService is a service of a Compose file, as a container.
type ComposeService struct {
	Name      string
	Image     *Image         // to be built; nil where the image is a ready one
	Container map[string]any // an entry of containerDefinitions
	CPU       int            // units of 1/1024 core that it may use, 0 for no limit
	Memory    int            // MiB that it may use, 0 for no limit
	Replicas  int            // -1 where the file does not say
	Profiles  []string

	files []string // names of the variables that came from an env_file
}

// Leftover is something in a Compose file that has no equivalent.
type Leftover struct {
	Position
	Field string // "services.web.networks"
	Why   string
}

func (l Leftover) String() string {
	return fmt.Sprintf("%s: %s: %s", l.Position, l.Field, l.Why)
}

// LoadCompose reads a Compose file. Variables come from lookup, then from the
// .env beside it. Errors have file, line and column; what can't be taken over is
// in Left, in the order of the file.
func LoadCompose(file string, lookup func(string) (string, bool)) (*Compose, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	root, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	c := &composer{file: file, dir: filepath.Dir(file), lookup: lookup}
	if c.dotenv, err = c.readEnvFile(".env", false); err != nil {
		return nil, err
	}
	top := value{root, file, ""}
	if root.kind != objectKind {
		return nil, top.wrong("an object with services")
	}
	if err := c.interpolate(top); err != nil {
		return nil, err
	}
	if err := c.top(top); err != nil {
		return nil, err
	}
	if len(c.out.Services) == 0 {
		return nil, top.errorf("has no services")
	}
	return &c.out, nil
}

// composer turns a Compose file into containers.
type composer struct {
	file, dir string
	lookup    func(string) (string, bool)
	dotenv    []Variable
	nested    int // defaults within defaults, just now
	out       Compose
}

// leave notes what is not taken over.
func (c *composer) leave(v value, format string, args ...any) {
	c.out.Left = append(c.out.Left, Leftover{Position{v.file, v.line, v.column}, v.path, fmt.Sprintf(format, args...)})
}

// fields reads the fields that are known, and leaves the others.
func (c *composer) fields(v value, known schema) error {
	return v.entries(func(key string, child value) error {
		if read := known[key]; read != nil {
			return read(child)
		}
		if !strings.HasPrefix(key, "x-") {
			c.leave(child, "is not taken over: ECS has nothing like it, or this program does not know it")
		}
		return nil
	})
}

// leaving is a reader that takes nothing over and says why.
func (c *composer) leaving(why string) func(value) error {
	return func(v value) error {
		if v.kind != nullKind {
			c.leave(v, "%s", why)
		}
		return nil
	}
}

// nothing reads what makes no difference on ECS.
func nothing(value) error { return nil }

func (c *composer) top(v value) error {
	volumes := value{}
	err := c.fields(v, schema{
		"name": text(&c.out.Name), "version": nothing, "networks": nothing,
		"services": func(v value) error {
			return v.entries(func(name string, child value) error { return c.service(name, child) })
		},
		"volumes": func(v value) error { volumes = v; return nil },
		"secrets": c.leaving("keep them in Secrets Manager or Parameter Store, and name their ARNs in the container's secrets"),
		"configs": c.leaving("put these files into the image, or into a volume"),
		"include": c.leaving("is not read: import that file too"),
	})
	if err != nil || volumes.node == nil {
		return err
	}
	return volumes.entries(func(name string, child value) error {
		if child.kind == objectKind && len(child.fields) > 0 {
			c.leave(child, "the volume's settings are not taken over: see dockerVolumeConfiguration, or efsVolumeConfiguration for Fargate")
		}
		return nil
	})
}

func (c *composer) service(name string, v value) error {
	if !ValidName(name) {
		return v.errorf("%q is no name of a container: letters, digits, - and _", name)
	}
	s := &ComposeService{Name: name, Container: map[string]any{"name": name}, Replicas: -1}
	if err := c.fields(v, c.serviceFields(s)); err != nil {
		return err
	}
	if s.Image == nil && s.Container["image"] == nil {
		return v.errorf("names neither an image nor a build")
	}
	if s.Image != nil && s.Container["image"] == nil {
		s.Container["image"] = name
	}
	c.out.Services = append(c.out.Services, *s)
	return nil
}

// serviceFields are the readers of a service's fields.
func (c *composer) serviceFields(s *ComposeService) schema {
	put := func(field string) func(value) error { return c.putText(s, field) }
	known := schema{
		"image": put("image"), "user": put("user"), "working_dir": put("workingDirectory"),
		"tty": c.putTruth(s, "pseudoTerminal"), "stdin_open": c.putTruth(s, "interactive"),
		"read_only": c.putTruth(s, "readonlyRootFilesystem"), "privileged": c.putTruth(s, "privileged"),
		"build":       func(v value) error { return c.build(s, v) },
		"command":     func(v value) error { return c.command(s, "command", v) },
		"entrypoint":  func(v value) error { return c.command(s, "entryPoint", v) },
		"environment": func(v value) error { return c.environment(s, v) },
		"env_file":    func(v value) error { return c.envFile(s, v) },
		"ports":       func(v value) error { return c.ports(s, v) },
		"healthcheck": func(v value) error { return c.healthCheck(s, v) },
		"depends_on":  func(v value) error { return c.dependsOn(s, v) },
		"volumes":     func(v value) error { return c.mounts(s, v) },
		"labels":      func(v value) error { return c.labels(s, v) },
		"platform":    func(v value) error { return c.platform(s, v) },
		"profiles":    func(v value) error { return texts(&s.Profiles)(v) },
		"scale":       func(v value) error { return whole(&s.Replicas)(v) },
		"restart":     func(v value) error { return c.restart(v) },
		"stop_grace_period": func(v value) error {
			return c.seconds(v, 2, 120, func(n int) { s.Container["stopTimeout"] = n })
		},
	}
	for field, read := range c.limitFields(s) {
		known[field] = read
	}
	for field, why := range leftFields() {
		known[field] = c.leaving(why)
	}
	for _, field := range []string{"expose", "container_name", "pull_policy", "develop", "attach", "networks"} {
		known[field] = nothing
	}
	return known
}

// leftFields are those that ECS has no place for, with what to do.
func leftFields() map[string]string {
	const names = "containers of a task reach each other on localhost"
	return map[string]string{
		"network_mode": "the task has a network of its own; " + names, "links": names, "hostname": "a task in awsvpc mode is named by ECS",
		"dns": "a task in awsvpc mode asks its VPC's resolver", "dns_search": "a task in awsvpc mode asks its VPC's resolver",
		"extra_hosts": "a task in awsvpc mode has no hosts of its own", "stop_signal": "ECS sends SIGTERM; set STOPSIGNAL in the image",
		"secrets": "keep them in Secrets Manager or Parameter Store, and name their ARNs in the container's secrets",
		"configs": "put these files into the image, or into a volume", "extends": "is not followed: write the service out",
		"logging": "say where the lines go in logConfiguration: awslogs on ECS", "tmpfs": "see linuxParameters.tmpfs, which needs a size",
		"devices": "see linuxParameters.devices; Fargate has none", "gpus": "see resourceRequirements; Fargate has none",
		"pid": "see the task's pidMode", "ipc": "see the task's ipcMode", "cpu_shares": "see the container's cpu",
		"volumes_from": "name the volumes in each container", "security_opt": "see dockerSecurityOptions; Fargate has none",
	}
}

// platform is what the image is built for.
func (c *composer) platform(s *ComposeService, v value) error {
	var p string
	if err := text(&p)(v); err != nil {
		return err
	}
	if s.Image == nil {
		s.Image = &Image{Container: s.Name} // until build, or the end, says more
	}
	s.Image.Platform = p
	return nil
}

func (c *composer) restart(v value) error {
	var how string
	if err := scalar(&how)(v); err != nil {
		return err
	}
	if how == "no" || how == "false" || strings.HasPrefix(how, "on-failure") {
		c.leave(v, "%s: a service on ECS starts tasks anew for ever; the circuit breaker ends a deployment that fails", how)
	}
	return nil
}

// readEnvFile reads NAME=VALUE lines, as Compose does: comments, export, and
// quotes are understood.
func (c *composer) readEnvFile(name string, required bool) ([]Variable, error) {
	file := name
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.dir, name)
	}
	data, err := readFile(file)
	if err != nil {
		if _, statErr := os.Stat(file); errors.Is(statErr, fs.ErrNotExist) && !required {
			return nil, nil
		}
		return nil, err
	}
	var out []Variable
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
		if line == "" || line[0] == '#' {
			continue
		}
		key, v, ok := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); key == "" || strings.ContainsAny(key, " \t") {
			return nil, &Error{Position: Position{file, i + 1, 1}, Err: errors.New("is no NAME=VALUE")}
		}
		if !ok {
			if v, ok = c.lookup(key); !ok {
				continue
			}
		}
		out = append(out, Variable{key, envValue(v)})
	}
	return out, nil
}

// envValue takes quotes and a comment off a value.
func envValue(v string) string {
	v = strings.TrimSpace(v)
	if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') {
		if end := strings.LastIndexByte(v, v[0]); end > 0 {
			inner := v[1:end]
			if v[0] == '"' {
				inner = strings.NewReplacer(`\n`, "\n", `\"`, `"`, `\\`, `\`).Replace(inner)
			}
			return inner
		}
	}
	if i := strings.Index(v, " #"); i >= 0 {
		v = strings.TrimSpace(v[:i])
	}
	return v
}

// variable finds what ${NAME} stands for.
func (c *composer) variable(name string) (string, bool) {
	if v, ok := c.lookup(name); ok {
		return v, true
	}
	i := slices.IndexFunc(c.dotenv, func(v Variable) bool { return v.Name == name })
	if i < 0 {
		return "", false
	}
	return c.dotenv[i].Value, true
}
