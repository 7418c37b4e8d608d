package config

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

func (c *composer) putText(s *ComposeService, field string) func(value) error {
	return func(v value) error {
		var t string
		err := scalar(&t)(v)
		s.Container[field] = t
		return err
	}
}

func (c *composer) putTruth(s *ComposeService, field string) func(value) error {
	return func(v value) error {
		var t bool
		err := truth(&t)(v)
		if t {
			s.Container[field] = true
		}
		return err
	}
}

// build is how the image is made: a folder, or an object.
func (c *composer) build(s *ComposeService, v value) error {
	if s.Image == nil {
		s.Image = &Image{Container: s.Name}
	}
	s.Image.Context = "."
	if v.kind == stringKind {
		s.Image.Context = v.text
	} else {
		var platforms []string
		err := c.fields(v, schema{
			"context": text(&s.Image.Context), "dockerfile": text(&s.Image.Dockerfile), "target": text(&s.Image.Target),
			"args": func(v value) error {
				s.Image.Args = map[string]string{}
				return c.pairs(v, func(name, val string, set bool, _ value) {
					if set {
						s.Image.Args[name] = val
					}
				})
			},
			"platforms": texts(&platforms), "cache_from": nothing, "cache_to": nothing, "pull": nothing, "no_cache": nothing, "tags": nothing,
		})
		if err != nil {
			return err
		}
		if len(platforms) == 1 && s.Image.Platform == "" {
			s.Image.Platform = platforms[0]
		}
	}
	if strings.Contains(s.Image.Context, "://") || strings.HasPrefix(s.Image.Context, "git@") {
		return v.errorf("the context %s is not a folder: clone it first", s.Image.Context)
	}
	if !filepath.IsAbs(s.Image.Context) {
		s.Image.Context = filepath.Join(c.dir, s.Image.Context)
	}
	return nil
}

// command is a list, or text that is split as a shell does.
func (c *composer) command(s *ComposeService, field string, v value) error {
	var words []string
	switch v.kind {
	case nullKind:
		return nil
	case stringKind:
		var ok bool
		if words, ok = shellWords(v.text); !ok {
			return v.errorf("has a quote that nothing closes")
		}
	default:
		if err := texts(&words)(v); err != nil {
			return err
		}
	}
	if len(words) > 0 {
		s.Container[field] = words
	}
	return nil
}

// shellWords splits text at spaces outside of quotes.
func shellWords(text string) (words []string, ok bool) {
	var word strings.Builder
	quote, begun := rune(0), false
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if begun {
				words = append(words, word.String())
				word.Reset()
			}
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, quote == 0 && !escaped
}

// pairs reads NAME: VALUE, or a list of NAME=VALUE. A name alone is not set here.
func (c *composer) pairs(v value, each func(name, val string, set bool, at value)) error {
	if v.kind == listKind {
		for i, item := range v.items {
			var t string
			at := value{item, v.file, fmt.Sprintf("%s[%d]", v.path, i)}
			if err := scalar(&t)(at); err != nil {
				return err
			}
			name, val, set := strings.Cut(t, "=")
			each(name, val, set, at)
		}
		return nil
	}
	return v.entries(func(name string, child value) error {
		if child.kind == nullKind {
			each(name, "", false, child)
			return nil
		}
		var t string
		err := scalar(&t)(child)
		each(name, t, true, child)
		return err
	})
}

// setVariable gives a container a variable; one that it has already changes.
func setVariable(s *ComposeService, name, val string) {
	all, _ := s.Container["environment"].([]any)
	entry := map[string]any{"name": name, "value": val}
	for i := range all {
		if all[i].(map[string]any)["name"] == name {
			all[i] = entry
			return
		}
	}
	s.Container["environment"] = append(all, entry)
}

func (c *composer) environment(s *ComposeService, v value) error {
	return c.pairs(v, func(name, val string, set bool, at value) {
		if !set {
			if val, set = c.variable(name); !set {
				c.leave(at, "%s has no value here: set it, or name its secret", name)
				return
			}
		}
		setVariable(s, name, val)
	})
}

// envFile reads the variables of files; those of environment come before them.
func (c *composer) envFile(s *ComposeService, v value) error {
	read := func(v value) error {
		file, required := v.text, true
		if v.kind == objectKind {
			if err := c.fields(v, schema{"path": text(&file), "required": truth(&required), "format": nothing}); err != nil {
				return err
			}
		} else if err := text(&file)(v); err != nil {
			return err
		}
		all, err := c.readEnvFile(file, required)
		if err != nil {
			return err
		}
		known := map[string]bool{}
		given, _ := s.Container["environment"].([]any)
		for _, g := range given {
			known[g.(map[string]any)["name"].(string)] = !s.fromFile(g)
		}
		for _, variable := range all {
			if !known[variable.Name] {
				setVariable(s, variable.Name, variable.Value)
				s.files = append(s.files, variable.Name)
			}
		}
		return nil
	}
	if v.kind != listKind {
		return read(v)
	}
	for i, item := range v.items {
		if err := read(value{item, v.file, fmt.Sprintf("%s[%d]", v.path, i)}); err != nil {
			return err
		}
	}
	return nil
}

// fromFile says whether a variable was read from a file, which another file, or
// environment, may change.
func (s *ComposeService) fromFile(entry any) bool {
	name, _ := entry.(map[string]any)["name"].(string)
	return contains(s.files, name)
}

// ports are "80", "8080:80", "127.0.0.1:8080:80/udp", ranges, or objects.
func (c *composer) ports(s *ComposeService, v value) error {
	if v.kind != listKind {
		return v.wrong("a list")
	}
	for i, item := range v.items {
		at := value{item, v.file, fmt.Sprintf("%s[%d]", v.path, i)}
		target, published, protocol := "", "", "tcp"
		if at.kind == objectKind {
			err := c.fields(at, schema{
				"target": scalar(&target), "published": scalar(&published), "protocol": text(&protocol),
				"mode": nothing, "name": nothing, "host_ip": nothing, "app_protocol": nothing,
			})
			if err != nil {
				return err
			}
		} else {
			var t string
			if err := scalar(&t)(at); err != nil {
				return err
			}
			t, p, _ := strings.Cut(t, "/")
			if p != "" {
				protocol = p
			}
			parts := strings.Split(t, ":")
			target = parts[len(parts)-1]
			if len(parts) > 1 {
				published = parts[len(parts)-2]
			}
		}
		if err := c.port(s, at, target, published, protocol); err != nil {
			return err
		}
	}
	return nil
}

func (c *composer) port(s *ComposeService, at value, target, published, protocol string) error {
	from, to, isRange := strings.Cut(target, "-")
	low, err := strconv.Atoi(from)
	high := low
	if isRange && err == nil {
		high, err = strconv.Atoi(to)
	}
	if err != nil || low < 1 || high > 65535 || high < low || high-low > 100 {
		return at.errorf("%q is no port, or range of at most 100", target)
	}
	if published != "" && published != target {
		c.leave(at, "port %s of the host: a task in awsvpc mode has an address of its own, and listens on %s; a load balancer's listener can have another port", published, target)
	}
	ports, _ := s.Container["portMappings"].([]any)
	for n := low; n <= high; n++ {
		p := map[string]any{"containerPort": n}
		if protocol != "tcp" {
			p["protocol"] = protocol
		}
		ports = append(ports, p)
	}
	s.Container["portMappings"] = ports
	return nil
}

func (c *composer) healthCheck(s *ComposeService, v value) error {
	var test []string
	disabled := false
	check := map[string]any{}
	put := func(field string, low, high int) func(value) error {
		return func(v value) error { return c.seconds(v, low, high, func(n int) { check[field] = n }) }
	}
	err := c.fields(v, schema{
		"test": func(v value) error {
			if v.kind == stringKind {
				test = []string{"CMD-SHELL", v.text}
				return nil
			}
			return texts(&test)(v)
		},
		// ECS takes 5 to 300, 2 to 60 and 0 to 300 seconds.
		"interval": put("interval", 5, 300), "timeout": put("timeout", 2, 60), "start_period": put("startPeriod", 0, 300),
		"retries": func(v value) error {
			n := 0
			err := whole(&n)(v)
			check["retries"] = min(max(n, 1), 10)
			return err
		},
		"disable": truth(&disabled),
	})
	if err != nil || disabled || len(test) == 0 || test[0] == "NONE" {
		return err
	}
	check["command"] = test
	s.Container["healthCheck"] = check
	return nil
}

// dependsOn is a list of services, or an object with their conditions.
func (c *composer) dependsOn(s *ComposeService, v value) error {
	var depends []any
	add := func(name, condition string) {
		depends = append(depends, map[string]any{"containerName": name, "condition": condition})
	}
	conditions := map[string]string{"service_started": "START", "service_healthy": "HEALTHY", "service_completed_successfully": "SUCCESS"}
	if v.kind == listKind {
		var names []string
		if err := texts(&names)(v); err != nil {
			return err
		}
		for _, name := range names {
			add(name, "START")
		}
	} else {
		err := v.entries(func(name string, child value) error {
			condition := "service_started"
			err := c.fields(child, schema{
				"condition": oneOf(&condition, "service_started", "service_healthy", "service_completed_successfully"),
				"restart":   nothing, "required": nothing,
			})
			add(name, conditions[condition])
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(depends) > 0 {
		s.Container["dependsOn"] = depends
	}
	return nil
}

// labels become Docker's labels.
func (c *composer) labels(s *ComposeService, v value) error {
	labels := map[string]any{}
	err := c.pairs(v, func(name, val string, _ bool, _ value) { labels[name] = val })
	if len(labels) > 0 {
		s.Container["dockerLabels"] = labels
	}
	return err
}
