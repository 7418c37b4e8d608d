package config

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Hooks are what runs around a deploy of an environment; nil ones are not there.
type Hooks struct {
	Before *TaskHook
	Smoke  *Smoke
	Notify *Notify
}

// TaskHook is a task of the revision that is deployed.
type TaskHook struct {
	Container string   // "" for the first of the task definition
	Command   []string // never empty
	Timeout   time.Duration
}

// Smoke is the check after a rollout: a request, or a task.
type Smoke struct {
	Task *TaskHook // else nil, and a request is made

	URL       string // whole; else Path on the service's address
	Path      string
	Container string
	Port      int    // of the container; 0 where it has only one
	Status    string // "200", "2xx"; "" for any 2xx
	Body      string // that the answer must contain
	Within    time.Duration
}

// Notify is a command on this machine that is told how a deploy ended.
type Notify struct {
	Command []string
	Env     []string // variables whose names look secret, that it gets all the same
}

// Rollback says whether a deployment that failed is rolled back by the deploy,
// where ECS does not do it.
type Rollback struct {
	Automatic bool
	Within    time.Duration // how long a rollout may take; 0 for the default
}

// What hooks get where the file says nothing.
const (
	taskHookTimeout = 10 * time.Minute
	smokeWithin     = time.Minute
	longestHook     = 24 * time.Hour
)

func (h *Hooks) read(v value) error {
	return v.object(schema{
		"before": func(v value) error {
			h.Before = &TaskHook{}
			return h.Before.read(v)
		},
		"smoke": func(v value) error {
			h.Smoke = &Smoke{}
			return h.Smoke.read(v)
		},
		"notify": func(v value) error {
			h.Notify = &Notify{}
			return h.Notify.read(v)
		},
	})
}

func (h *TaskHook) fields() schema {
	return schema{"container": text(&h.Container), "command": command(&h.Command), "timeout": duration(&h.Timeout)}
}

func (h *TaskHook) read(v value) error {
	h.Timeout = taskHookTimeout
	if err := v.object(h.fields()); err != nil {
		return err
	}
	if len(h.Command) == 0 {
		return v.errorf("needs a command")
	}
	return nil
}

// statusForm is a status, or a class of them.
var statusForm = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5]xx)$`)

func (s *Smoke) read(v value) error {
	if v.get("command") != nil {
		s.Task = &TaskHook{}
		return s.Task.read(v)
	}
	s.Within = smokeWithin
	if err := v.object(schema{
		"url": text(&s.URL), "path": text(&s.Path), "container": text(&s.Container), "port": whole(&s.Port),
		"status": scalar(&s.Status), "body": scalar(&s.Body), "within": duration(&s.Within),
		"command": command(new([]string)), "timeout": duration(new(time.Duration)), // known, for the advice
	}); err != nil {
		return err
	}
	at := func(field, format string, args ...any) error {
		return value{v.get(field), v.file, join(v.path, field)}.errorf(format, args...)
	}
	u, err := url.Parse(s.URL)
	switch {
	case v.get("timeout") != nil:
		return at("timeout", "is for a command; a request is tried again within a time")
	case s.URL == "" && s.Path == "":
		return v.errorf("needs a path, a url or a command")
	case s.URL != "" && (s.Path != "" || s.Container != "" || s.Port != 0):
		return at("url", "is a whole address: path, port and container are for the service's own")
	case s.URL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == ""):
		return at("url", "is no address: https://shop.example.com/healthz")
	case s.URL != "" && u.User != nil:
		return at("url", "may hold no password: it would be shown")
	case s.Path != "" && !strings.HasPrefix(s.Path, "/"):
		return at("path", "%q should begin with /", s.Path)
	case v.get("port") != nil && (s.Port < 1 || s.Port > 65535):
		return at("port", "is no port: 1 to 65535")
	case s.Status != "" && !statusForm.MatchString(s.Status):
		return at("status", "%q is no status: 200, or 2xx", s.Status)
	}
	return nil
}

func (n *Notify) read(v value) error {
	if v.kind == listKind {
		return command(&n.Command)(v)
	}
	if err := v.object(schema{"command": command(&n.Command), "env": texts(&n.Env)}); err != nil {
		return err
	}
	if len(n.Command) == 0 {
		return v.errorf("needs a command")
	}
	return nil
}

// read takes true, false, or how long a rollout may take.
func (r *Rollback) read(v value) error {
	if v.kind != objectKind {
		return truth(&r.Automatic)(v)
	}
	r.Automatic = true
	return v.object(schema{"within": duration(&r.Within)})
}

// command reads a program and its arguments. One text is refused: it would need
// a shell to take it apart.
func command(dst *[]string) func(value) error {
	return func(v value) error {
		if v.kind != listKind {
			return v.wrong("a list: [./migrate, up]")
		}
		if err := texts(dst)(v); err != nil {
			return err
		}
		if len(*dst) == 0 || (*dst)[0] == "" {
			return v.errorf("names no program")
		}
		return nil
	}
}

// duration reads "90s", "10m".
func duration(dst *time.Duration) func(value) error {
	return func(v value) error {
		var t string
		if err := scalar(&t)(v); err != nil {
			return err
		}
		d, err := time.ParseDuration(t)
		switch {
		case err != nil:
			return v.errorf("%q is no duration: 90s, 10m", t)
		case d <= 0 || d > longestHook:
			return v.errorf("%s is out of bounds: up to 24h", t)
		}
		*dst = d
		return nil
	}
}
