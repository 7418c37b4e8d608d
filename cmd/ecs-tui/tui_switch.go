package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ecs-tui/ecs-tui/config"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// places are the sessions of one screen: the one that it was opened with, and
// those that it switched to. All stay open until the screen ends, since a deploy
// may still go on in one that was left.
type places struct {
	mu  sync.Mutex
	all []*session
	// lent are environments that the screen did not switch to, but promotes from.
	lent []*session
}

// lend gives the session of an environment of the app, to read from.
func (p *places) lend(ctx context.Context, environment string) (*session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range slices.Concat(p.all, p.lent) {
		if s.cfg.App != nil && s.cfg.Environment != nil && s.cfg.Environment.Name == environment {
			return s, nil
		}
	}
	next := *p.all[len(p.all)-1]
	if err := next.enter(screen.Switch{Environment: environment}); err != nil {
		return nil, err
	}
	next.cfg.ReadOnly = true // nothing is changed there
	if err := next.openBackend(ctx); err != nil {
		return nil, err
	}
	p.lent = append(p.lent, &next)
	return &next, nil
}

// open opens another place.
func (p *places) open(ctx context.Context, to screen.Switch) (screen.Place, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := *p.all[len(p.all)-1]
	next.note = ""
	change := next.change
	if to.Environment != "" {
		change = next.enter
	}
	if err := change(to); err != nil {
		return screen.Place{}, err
	}
	if err := next.openBackend(ctx); err != nil {
		return screen.Place{}, err
	}
	p.all = append(p.all, &next)
	cluster, err := next.cluster(ctx)
	place := screen.Place{Backend: next.backend, Cluster: cluster, Where: next.placeName(), Command: next.commandLine, Shell: next.shellCommand(), Note: next.note}
	if next.cfg.App != nil {
		place.App, place.Environment = newScreenApp(&next), next.environment
		place.Protected = next.cfg.Environment != nil && next.cfg.Environment.Protected
	}
	return place, err
}

// placeName tells a place from the others that can be switched to.
func (s *session) placeName() string {
	return strings.Join([]string{s.cfg.Backend, s.cfg.Profile, s.cfg.Region}, " ")
}

// enter settles the configuration anew for an environment of the folder's app.
// What the command line said of another place does not hold there.
func (s *session) enter(to screen.Switch) error {
	if s.app == nil {
		return noApp(s.paths.Dir)
	}
	cfg, err := config.Load(s.paths, s.io.Getenv, config.Flags{
		Env: to.Environment, Service: s.flags.Service, ReadOnly: s.cfg.ReadOnly, NoColor: s.cfg.NoColor,
	})
	if err != nil {
		return explain(err)
	}
	s.cfg, s.environment = cfg, to.Environment
	return nil
}

// newest is the session that the screen ended in.
func (p *places) newest() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[len(p.all)-1]
}

func (p *places) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []error
	for _, s := range slices.Concat(p.all, p.lent) {
		all = append(all, s.backend.Close())
	}
	return errors.Join(all...)
}

// change settles the configuration anew. The app stays behind: its environments
// name places of their own.
func (s *session) change(to screen.Switch) error {
	s.cfg.From = maps.Clone(s.cfg.From)
	set := func(dst *string, name, value string) {
		if value != "" {
			*dst, s.cfg.From[name] = value, ":"+name
		}
	}
	if to.Backend != "" && !slices.Contains([]string{config.AWS, config.Docker, config.Demo}, to.Backend) {
		return usagef("%q is not a backend: aws, docker or demo", to.Backend)
	}
	if to.Backend != "" && to.Backend != s.cfg.Backend || to.Profile != "" || to.Region != "" {
		s.cfg.Cluster = "" // of another place
	}
	set(&s.cfg.Backend, "backend", to.Backend)
	set(&s.cfg.Profile, "profile", to.Profile)
	set(&s.cfg.Region, "region", to.Region)
	if to.Backend == "" && (to.Profile != "" || to.Region != "") {
		s.cfg.Backend = config.AWS // only AWS has them
	}
	s.cfg.App, s.cfg.Environment = nil, nil
	return nil
}
