package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// dockerfileFacts are what a Dockerfile says about the service in it.
type dockerfileFacts struct {
	Ports       []int
	HealthCheck *backend.HealthCheck
}

// stage is one FROM and what stands below it.
type stage struct {
	name  string
	facts dockerfileFacts
	vars  map[string]string
}

// readDockerfile reads EXPOSE and HEALTHCHECK of the last stage, and of the
// stages that it is built FROM.
func readDockerfile(file string) (dockerfileFacts, error) {
	f, err := os.Open(file)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return dockerfileFacts{}, advise(fmt.Errorf("there is no Dockerfile in %s", filepath.Dir(file)), "write one, or name the folder that has it: ecs-tui init DIR; --from-service, --from-compose and --from-image do without")
		}
		return dockerfileFacts{}, err
	}
	defer f.Close()
	parsed, err := parser.Parse(f)
	if err != nil {
		return dockerfileFacts{}, dockerfileError(file, err)
	}
	var stages []stage
	for _, node := range parsed.AST.Children {
		if strings.EqualFold(node.Value, "from") {
			stages = append(stages, newStage(words(node.Next), stages))
			continue
		}
		if len(stages) > 0 {
			stages[len(stages)-1].read(node)
		}
	}
	if len(stages) == 0 {
		return dockerfileFacts{}, dockerfileError(file, errors.New("has no FROM"))
	}
	return stages[len(stages)-1].facts, nil
}

func dockerfileError(file string, err error) error {
	e := &config.Error{Position: config.Position{File: file}, Err: errors.New(backend.Clean(err.Error()))}
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		e.Line, e.Column = located.Locations[0][0].Start.Line, 1
		e.Err = errors.New(backend.Clean(errors.Unwrap(located).Error()))
	}
	return e
}

// newStage starts a stage with what the stage that it is built from says.
func newStage(from []string, earlier []stage) stage {
	s := stage{vars: map[string]string{}}
	if len(from) >= 3 && strings.EqualFold(from[1], "as") {
		s.name = from[2]
	}
	for i, base := range earlier {
		if len(from) > 0 && (strings.EqualFold(base.name, from[0]) && base.name != "" || strconv.Itoa(i) == from[0]) {
			s.facts = base.facts
			s.facts.Ports = slices.Clone(base.facts.Ports)
		}
	}
	return s
}

func (s *stage) read(node *parser.Node) {
	args := words(node.Next)
	switch strings.ToLower(node.Value) {
	case "arg":
		for _, arg := range args {
			if name, value, ok := strings.Cut(arg, "="); ok {
				s.vars[name] = s.expand(value)
			}
		}
	case "env":
		for i := 0; i+1 < len(args); i += 3 { // name, value, separator
			s.vars[args[i]] = s.expand(args[i+1])
		}
	case "expose":
		for _, arg := range args {
			s.expose(s.expand(arg))
		}
	case "healthcheck":
		s.facts.HealthCheck = healthCheckOf(node.Flags, args, node.Attributes["json"])
	}
}

func (s *stage) expand(text string) string {
	return os.Expand(strings.Trim(text, `"'`), func(name string) string {
		name, def, _ := strings.Cut(name, ":-")
		return cmp.Or(s.vars[name], def)
	})
}

// expose adds a TCP port: "8080", "8080/tcp" or the first of "8080-8090".
func (s *stage) expose(port string) {
	number, protocol, _ := strings.Cut(port, "/")
	number, _, _ = strings.Cut(number, "-")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 65535 || protocol != "" && !strings.EqualFold(protocol, "tcp") {
		return
	}
	if !slices.Contains(s.facts.Ports, n) {
		s.facts.Ports = append(s.facts.Ports, n)
	}
}

// healthCheckOf turns a HEALTHCHECK into a task definition's. NONE gives nil.
func healthCheckOf(flags, args []string, isJSON bool) *backend.HealthCheck {
	if len(args) == 0 || strings.EqualFold(args[0], "none") {
		return nil
	}
	check := &backend.HealthCheck{Interval: 30, Timeout: 5, Retries: 3}
	for _, flag := range flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		seconds := func(least int) int {
			d, err := time.ParseDuration(value)
			if err != nil {
				return least
			}
			return max(least, int(d.Round(time.Second).Seconds()))
		}
		switch name {
		// ECS takes 5 to 300, 2 to 60, 0 to 300 seconds, and 1 to 10 retries.
		case "interval":
			check.Interval = min(seconds(5), 300)
		case "timeout":
			check.Timeout = min(seconds(2), 60)
		case "start-period":
			check.StartPeriod = min(seconds(0), 300)
		case "retries":
			n, _ := strconv.Atoi(value)
			check.Retries = min(max(n, 1), 10)
		}
	}
	command := args[1:]
	if isJSON {
		check.Command = append([]string{"CMD"}, command...)
	} else {
		check.Command = []string{"CMD-SHELL", strings.Join(command, " ")}
	}
	return check
}

// words are the arguments of an instruction.
func words(n *parser.Node) []string {
	var out []string
	for ; n != nil; n = n.Next {
		out = append(out, n.Value)
	}
	return out
}
