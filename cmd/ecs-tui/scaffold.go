package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// The files that init writes, besides config.AppFile.
const (
	taskDefinitionFile = "task-definition.json"
	serviceFile        = "service.json"
)

// scaffold is what a new app is made from: what the Dockerfile says, and what
// the user adds to it. The command's form and flags fill it, and so does the
// welcome screen.
type scaffold struct {
	Dir         string
	Name        string
	Port        int // 0: the service listens nowhere
	CPU, Memory int // ECS's units and MiB, for the whole task
	Desired     int
	Backend     string
	HealthCheck *backend.HealthCheck
	// Where on the backend, as far as it was said.
	Profile, Region, Cluster string
}

// newScaffold proposes an app for a folder with a Dockerfile.
func newScaffold(dir string) (*scaffold, error) {
	facts, err := readDockerfile(filepath.Join(dir, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	s := &scaffold{
		Dir: dir, Name: nameFor(dir), CPU: 256, Memory: 512, Desired: 1,
		Backend: config.Docker, HealthCheck: facts.HealthCheck,
	}
	if len(facts.Ports) > 0 {
		s.Port = facts.Ports[0]
	}
	return s, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9_-]+`)

// nameFor makes a name that ECS takes out of a folder's.
func nameFor(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(filepath.Base(abs)), "-"), "-")
	if name == "" {
		return "app"
	}
	return name
}

// check refuses what would not deploy.
func (s *scaffold) check() error {
	switch {
	case !config.ValidName(s.Name):
		return usagef("--name: %q is no name: letters, digits, - and _", s.Name)
	case s.Port < 0 || s.Port > 65535:
		return usagef("--port: %d is no port: 1 to 65535, or 0 for none", s.Port)
	case s.CPU < 128 || s.CPU > 196608:
		return usagef("--cpu: %d is out of range: 128 or more, 1024 is one core", s.CPU)
	case s.Memory < 6:
		return usagef("--memory: %d MiB is too little: 6 or more", s.Memory)
	case s.Desired < 0:
		return usagef("--desired: %d is below zero", s.Desired)
	}
	return nil
}

// files are the documents of the app, by name.
func (s *scaffold) files() (map[string][]byte, error) {
	task, err := indented(s.taskDefinition())
	if err != nil {
		return nil, err
	}
	service, err := indented(s.service())
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		config.AppFile:     []byte(s.appFile()),
		taskDefinitionFile: task,
		serviceFile:        service,
	}, nil
}

func (s *scaffold) appFile() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What ecs-tui builds and deploys from this folder.\napp: %s\nimages:\n", yamlText(s.Name))
	fmt.Fprintf(&b, "  %s: {context: ., dockerfile: Dockerfile, repository: %s}   # the key is the container's name\n", yamlText(s.Name), yamlText(repositoryName(s.Name)))
	fmt.Fprintf(&b, "taskDefinition: %s\nservice: %s\nenvironments:\n", taskDefinitionFile, serviceFile)
	b.WriteString(environmentLine(environmentNames()[s.Backend], s.Backend, s.Profile, s.Region, s.Cluster))
	return b.String()
}

// The documents are written as structs, for the order of their fields is what
// a person reads.
type (
	newTaskDefinition struct {
		Family      string         `json:"family"`
		NetworkMode string         `json:"networkMode"`
		CPU         string         `json:"cpu"`
		Memory      string         `json:"memory"`
		Containers  []newContainer `json:"containerDefinitions"`
	}
	newContainer struct {
		Name      string               `json:"name"`
		Image     string               `json:"image"`
		Essential bool                 `json:"essential"`
		Ports     []newPort            `json:"portMappings,omitempty"`
		Health    *backend.HealthCheck `json:"healthCheck,omitempty"`
	}
	newPort struct {
		ContainerPort int    `json:"containerPort"`
		Protocol      string `json:"protocol"`
	}
	newService struct {
		Name    string           `json:"serviceName"`
		Desired int              `json:"desiredCount"`
		Config  newServiceConfig `json:"deploymentConfiguration"`
	}
	newServiceConfig struct {
		MinimumHealthy int        `json:"minimumHealthyPercent"`
		Maximum        int        `json:"maximumPercent"`
		Breaker        newBreaker `json:"deploymentCircuitBreaker"`
	}
	newBreaker struct {
		Enable   bool `json:"enable"`
		Rollback bool `json:"rollback"`
	}
)

func (s *scaffold) taskDefinition() newTaskDefinition {
	c := newContainer{Name: s.Name, Image: repositoryName(s.Name), Essential: true, Health: s.HealthCheck}
	if s.Port > 0 {
		c.Ports = []newPort{{s.Port, "tcp"}}
	}
	return newTaskDefinition{
		Family: s.Name, NetworkMode: "awsvpc",
		CPU: fmt.Sprint(s.CPU), Memory: fmt.Sprint(s.Memory),
		Containers: []newContainer{c},
	}
}

func (s *scaffold) service() newService {
	return newService{s.Name, s.Desired, newServiceConfig{100, 200, newBreaker{true, true}}}
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	err := printJSON(&b, v)
	return b.Bytes(), err
}

// write puts the files into the folder: all of them, or none.
func (s *scaffold) write(force bool) ([]string, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	return writeApp(s.Dir, files, force)
}
