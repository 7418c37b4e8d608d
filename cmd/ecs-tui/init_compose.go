package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// runInitCompose writes an app out of a Compose file: its services as the
// containers of one task definition, which are deployed and scaled together.
// --only takes some of them, so that each can become an app of its own.
func runInitCompose(o *initOptions) error {
	file, err := o.composeFile()
	if err != nil {
		return err
	}
	c, err := config.LoadCompose(file, o.io.lookup)
	if err != nil {
		return explain(err)
	}
	m := &composed{Compose: c, options: o, file: file}
	if err := m.choose(); err != nil {
		return err
	}
	if err := m.readDockerfiles(); err != nil {
		return err
	}
	m.settle()
	name, err := o.appName(c.Name, filepath.Dir(file))
	if err != nil {
		return err
	}
	files, err := m.files(name)
	if err != nil {
		return err
	}
	written, err := writeApp(o.Dir, files, o.Force)
	if err != nil {
		return err
	}
	return o.report(name, written, m.left(), "diff")
}

// composeFile is the file that was named, or the one that Compose would take.
// `--from-compose FILE` without = leaves FILE as an argument.
func (o *initOptions) composeFile() (string, error) {
	if o.FromCompose != composeHere {
		return o.FromCompose, nil
	}
	if st, err := os.Stat(o.Dir); err == nil && !st.IsDir() {
		file := o.Dir
		o.Dir = filepath.Dir(file)
		return file, nil
	}
	for _, dir := range []string{o.Dir, "."} {
		for _, name := range config.ComposeFiles() {
			if file := filepath.Join(dir, name); isFile(file) {
				return file, nil
			}
		}
	}
	return "", advise(fmt.Errorf("there is no Compose file in %s", o.Dir), "name it: ecs-tui init --from-compose=FILE")
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// appName is the name that was given, else the source's own, else the folder's.
func (o *initOptions) appName(own, folder string) (string, error) {
	name := cmp.Or(own, nameFor(folder))
	if o.changed("name") {
		name = o.Name
	}
	if !config.ValidName(name) {
		return "", usagef("--name: %q is no name: letters, digits, - and _", name)
	}
	return name, nil
}

// composed is a Compose file on its way to an app.
type composed struct {
	*config.Compose
	options *initOptions
	file    string
	notes   []string
	secrets []string // variables that a template takes from the environment
}

// choose keeps the services of --only; without it, those without a profile.
func (m *composed) choose() error {
	var kept []config.ComposeService
	var known []string
	for _, s := range m.Services {
		known = append(known, s.Name)
		switch only := m.options.Only; {
		case len(only) > 0 && slices.Contains(only, s.Name), len(only) == 0 && len(s.Profiles) == 0:
			kept = append(kept, s)
		case len(only) == 0:
			m.notes = append(m.notes, fmt.Sprintf("the service %s is of the profile %s, and left out: --only %s takes it", s.Name, strings.Join(s.Profiles, ", "), s.Name))
		}
	}
	for _, name := range m.options.Only {
		if !slices.Contains(known, name) {
			err := usagef("--only: there is no service %q", name)
			if near := config.Nearest(name, known); near != "" {
				return advise(err, "did you mean %s?", near)
			}
			return advise(err, "there are %s", strings.Join(known, ", "))
		}
	}
	if len(kept) == 0 {
		return advise(errors.New("every service is of a profile"), "name some: --only %s", strings.Join(known, ","))
	}
	m.Services = kept
	return nil
}

// readDockerfiles takes over health checks that stand in Dockerfiles: ECS does
// not read an image's own.
func (m *composed) readDockerfiles() error {
	for _, s := range m.Services {
		if s.Image == nil || s.Image.Context == "" || s.Container["healthCheck"] != nil {
			continue
		}
		file := cmp.Or(s.Image.Dockerfile, "Dockerfile")
		if !filepath.IsAbs(file) {
			file = filepath.Join(s.Image.Context, file)
		}
		facts, err := readDockerfile(file)
		if err != nil {
			return err
		}
		if facts.HealthCheck != nil {
			s.Container["healthCheck"] = facts.HealthCheck
		}
	}
	return nil
}

// settle makes the containers fit together, and to ECS's rules.
func (m *composed) settle() {
	byName := map[string]config.ComposeService{}
	for _, s := range m.Services {
		byName[s.Name] = s
	}
	listens := map[int]string{}
	for _, s := range m.Services {
		m.depend(s, byName)
		m.hideSecrets(s)
		ports, _ := s.Container["portMappings"].([]any)
		for _, p := range ports {
			port, _ := p.(map[string]any)["containerPort"].(int)
			if other := listens[port]; other != "" && other != s.Name {
				m.notes = append(m.notes, fmt.Sprintf("%s and %s both listen on %d: in one task they can't; make two apps with --only", other, s.Name, port))
			}
			listens[port] = s.Name
		}
		for _, other := range m.Services {
			if other.Name != s.Name {
				m.nameOf(s, other.Name)
			}
		}
	}
}

// depend keeps the dependencies that a task can have.
func (m *composed) depend(s config.ComposeService, all map[string]config.ComposeService) {
	depends, _ := s.Container["dependsOn"].([]any)
	kept := depends[:0]
	for _, d := range depends {
		d, _ := d.(map[string]any)
		name, _ := d["containerName"].(string)
		on, here := all[name]
		switch {
		case !here:
			m.notes = append(m.notes, fmt.Sprintf("%s depends on %s, which is not in this task: it has to be there when it starts", s.Name, name))
			continue
		case d["condition"] == "HEALTHY" && on.Container["healthCheck"] == nil:
			d["condition"] = "START"
			m.notes = append(m.notes, fmt.Sprintf("%s waits for %s to be healthy, which has no health check that ECS would see: give it one, then set the condition HEALTHY", s.Name, name))
		case d["condition"] == "SUCCESS":
			on.Container["essential"] = false
		}
		kept = append(kept, d)
	}
	if delete(s.Container, "dependsOn"); len(kept) > 0 {
		s.Container["dependsOn"] = kept
	}
}

// The marks of a variable that a template is to fill in; writtenDocument
// escapes braces.
const markBegin, markEnd = "\ue000", "\ue001"

// hideSecrets keeps values that look secret out of the documents.
func (m *composed) hideSecrets(s config.ComposeService) {
	all, _ := s.Container["environment"].([]any)
	for _, e := range all {
		e, _ := e.(map[string]any)
		name, _ := e["name"].(string)
		if value, _ := e["value"].(string); value == "" || !deploy.SecretName(name) {
			continue
		}
		e["value"] = markBegin + name + markEnd
		m.secrets = append(m.secrets, name)
		m.notes = append(m.notes, fmt.Sprintf("%s: the value of %s is not written down: set it in the environment of each deploy, or keep it in Secrets Manager and name its ARN in secrets", s.Name, name))
	}
}

// nameOf notes where a container speaks of another by name: in one task it is
// localhost.
func (m *composed) nameOf(s config.ComposeService, other string) {
	host := regexp.MustCompile(`(^|[@/,=])` + regexp.QuoteMeta(other) + `($|[:/,])`)
	all, _ := s.Container["environment"].([]any)
	for _, e := range all {
		e, _ := e.(map[string]any)
		name, _ := e["name"].(string)
		if value, _ := e["value"].(string); host.MatchString(value) {
			m.notes = append(m.notes, fmt.Sprintf("%s: %s names the host %s: containers of a task reach each other on localhost", s.Name, name, other))
		}
	}
}

// left is everything that was not taken over, the file's order first.
func (m *composed) left() []string {
	var out []string
	for _, l := range m.Left {
		if service := strings.Split(l.Field+"..", ".")[1]; strings.HasPrefix(l.Field, "services.") &&
			!slices.ContainsFunc(m.Services, func(s config.ComposeService) bool { return s.Name == service }) {
			continue // of a service that was not asked for
		}
		out = append(out, l.String())
	}
	return append(out, m.notes...)
}

// files are the app's, by name.
func (m *composed) files(name string) (map[string][]byte, error) {
	var containers []any
	cpu, memory, desired := 0, 0, 1
	images := ""
	for _, s := range m.Services {
		containers = append(containers, s.Container)
		cpu += s.CPU
		memory += s.Memory
		if s.Replicas >= 0 {
			desired = max(s.Replicas, desired*min(1, s.Replicas))
		}
		if s.Image != nil && s.Image.Context != "" {
			images += m.imageLine(name, s)
		}
	}
	cpu, memory = backend.FargateSize(cmp.Or(m.options.CPU, cpu), cmp.Or(m.options.Memory, memory))
	task := map[string]any{
		"family": name, "networkMode": "awsvpc", "cpu": fmt.Sprint(cpu), "memory": fmt.Sprint(memory), "containerDefinitions": containers,
	}
	if volumes := m.usedVolumes(); len(volumes) > 0 {
		task["volumes"] = volumes
	}
	if m.options.changed("desired") {
		desired = m.options.Desired
	}
	if desired > 1 && len(m.Services) > 1 {
		m.notes = append(m.notes, fmt.Sprintf("%d tasks have %d of each container; what is not to be there so often needs an app of its own: --only", desired, desired))
	}
	what := "# Written from " + filepath.Base(m.file) + ".\n"
	return documentFiles(m.options, name, what, images, task, desired, m.secrets)
}

// usedVolumes are those that a container mounts.
func (m *composed) usedVolumes() []any {
	var out []any
	for _, v := range m.Volumes {
		used := slices.ContainsFunc(m.Services, func(s config.ComposeService) bool {
			mounts, _ := s.Container["mountPoints"].([]any)
			return slices.ContainsFunc(mounts, func(p any) bool { return p.(map[string]any)["sourceVolume"] == v["name"] })
		})
		if used {
			out = append(out, v)
		}
	}
	return out
}

// imageLine is how the image of a service is built, in the app file.
func (m *composed) imageLine(app string, s config.ComposeService) string {
	line := "{context: " + yamlText(m.fromApp(s.Image.Context))
	for _, f := range [][2]string{
		{"dockerfile", s.Image.Dockerfile},
		{"repository", repositoryName(app) + "/" + repositoryName(s.Name)},
		{"target", s.Image.Target},
		{"platform", s.Image.Platform},
	} {
		if f[1] != "" {
			line += ", " + f[0] + ": " + yamlText(f[1])
		}
	}
	var args []string
	for _, name := range slices.Sorted(maps.Keys(s.Image.Args)) {
		value := s.Image.Args[name]
		if value != "" && deploy.SecretName(name) {
			m.notes = append(m.notes, fmt.Sprintf("%s: the build argument %s is not written down, and an image would keep it: mount it in the Dockerfile (RUN --mount=type=secret,id=%[2]s), and name it in the image's secrets: {%[2]s: {env: %[2]s}}", s.Name, name))
			continue
		}
		args = append(args, yamlText(name)+": "+yamlText(value))
	}
	if len(args) > 0 {
		line += ", args: {" + strings.Join(args, ", ") + "}"
	}
	return "  " + yamlText(s.Name) + ": " + line + "}\n"
}

// fromApp is a path as the app's folder sees it.
func (m *composed) fromApp(path string) string {
	from, err1 := filepath.Abs(m.options.Dir)
	to, err2 := filepath.Abs(path)
	if rel, err := filepath.Rel(from, to); errors.Join(err1, err2, err) == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// documentFiles are the files of an app with this task.
func documentFiles(o *initOptions, name, what, images string, task map[string]any, desired int, secrets []string) (map[string][]byte, error) {
	raw, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	taskFile, err := writtenDocument(raw)
	if err != nil {
		return nil, err
	}
	text := string(taskFile)
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, markBegin+secret+markEnd, "{{ must_env `"+secret+"` | json_escape }}")
	}
	service, err := indented(newService{name, desired, newServiceConfig{100, 200, newBreaker{true, true}}})
	if err != nil {
		return nil, err
	}
	if images != "" {
		images = "images:\n" + images
	}
	b := cmp.Or(o.flags.backend(), config.Docker)
	env := environmentNames()[b]
	if env == "" {
		return nil, usagef("--backend: %q is not a backend: aws, docker or demo", b)
	}
	app := what + "app: " + yamlText(name) + "\n" + images + "taskDefinition: " + taskDefinitionFile + "\nservice: " + serviceFile +
		"\nenvironments:\n" + environmentLine(env, b, o.flags.Profile, o.flags.Region, o.flags.Cluster)
	return map[string][]byte{config.AppFile: []byte(app), taskDefinitionFile: []byte(text), serviceFile: service}, nil
}
