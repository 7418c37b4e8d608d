package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// session is an open backend with the configuration that led to it.
type session struct {
	*factory
	cfg     config.Config
	paths   config.Paths
	backend backend.Backend
	// app is the folder's, also after the screen has gone to a place outside it;
	// environment is the last of its environments that was used.
	app         *config.App
	environment string
	// places are those of the screen; nil for a command.
	places *places
	// note says why this backend was taken, where nobody named one, and what was
	// noticed when it was opened.
	note string
}

// open settles the configuration for dir and opens the backend that it names,
// or that is found. Whoever calls it closes the backend.
func (f *factory) open(ctx context.Context, dir string) (*session, error) {
	cfg, paths, err := f.load(dir)
	if err != nil {
		return nil, err
	}
	s := &session{factory: f, cfg: cfg, paths: paths, app: cfg.App, environment: nameOf(cfg.Environment)}
	if s.cfg.Backend == "" {
		s.cfg.Backend, s.note = f.lookAround(ctx, cfg)
	}
	return s, s.openBackend(ctx)
}

// openNoted is open for commands: standard error says which backend was taken and
// why, where nobody named one, and what was noticed.
func (f *factory) openNoted(ctx context.Context, dir string) (*session, error) {
	s, err := f.open(ctx, dir)
	if err == nil && s.note != "" {
		fmt.Fprintf(f.io.Err, "note: %s\n", s.note)
	}
	return s, err
}

// nameOf is an environment's name, "" without one.
func nameOf(e *config.Environment) string {
	if e == nil {
		return ""
	}
	return e.Name
}

// inCluster opens the backend that is named, does something in the cluster to
// work in, and closes it again.
func (f *factory) inCluster(ctx context.Context, dir string, do func(s *session, cluster string) error) error {
	s, err := f.openNoted(ctx, dir)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	cluster, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	return do(s, cluster)
}

// inService is inCluster for the service to work on, with everything about it.
func (f *factory) inService(ctx context.Context, dir string, do func(s *session, service backend.Service, cluster string) error) error {
	s, err := f.openNoted(ctx, dir)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	service, cluster, err := s.describeService(ctx)
	if err != nil {
		return err
	}
	return do(s, service, cluster)
}

func (s *session) openBackend(ctx context.Context) error {
	b, err := s.openers[s.cfg.Backend](ctx, openRequest{s.cfg, s.paths, s.addNote})
	if err != nil {
		return err
	}
	if s.cfg.ReadOnly {
		b = backend.ReadOnly(b)
	}
	s.backend = b
	return nil
}

// addNote adds to what is said once the session is open.
func (s *session) addNote(text string) {
	if s.note != "" {
		text = s.note + "; " + text
	}
	s.note = text
}

// startEngine is how to get from no engine to one.
const startEngine = "start Docker, or on Debian: sudo apt-get install docker.io && sudo systemctl start docker; ecs-tui doctor shows the rest"

// lookAround picks a backend where nothing names one: AWS where credentials are
// configured, or a profile is named, else Docker where an engine answers, else the
// demo. The note says why.
func (f *factory) lookAround(ctx context.Context, cfg config.Config) (name, note string) {
	if found, _ := f.readAWS(ctx, cfg); found.Credentials != "" || found.Profile != "" {
		return config.AWS, "AWS credentials are configured, so this is AWS; the local engine is --backend docker"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := f.engine(ctx); err != nil {
		return config.Demo, "no Docker engine answers, so this is the demo. To get an engine: " + startEngine
	}
	return config.Docker, ""
}

// cluster is the cluster to work in: the configured one, else the backend's.
// ECS's own default is known without a call.
func (s *session) cluster(ctx context.Context) (string, error) {
	switch {
	case s.cfg.Cluster != "":
		return s.cfg.Cluster, nil
	case s.cfg.Backend == config.AWS:
		return "default", nil
	}
	info, err := s.backend.Info(ctx)
	return info.Cluster, err
}

// hasService says whether there is a service to work on: one that was named, or
// the app's.
func (s *session) hasService() bool {
	return s.cfg.Service != "" || s.cfg.App != nil && s.cfg.App.HasService()
}

// service is the service to work on: the one that was named, else the app's.
func (s *session) service() (string, error) {
	if s.cfg.Service != "" {
		return s.cfg.Service, nil
	}
	if s.cfg.App == nil {
		return "", advise(usagef("which service?"), "name it: --service NAME, or go to a folder with an app")
	}
	_, spec, err := s.serviceDocument()
	if err != nil {
		return "", err
	}
	if spec == nil {
		return "", advise(usagef("app %s has no service", s.cfg.App.Name), "name one: --service NAME")
	}
	return spec.Name, nil
}

// describeService finds the service to work on, with everything about it.
func (s *session) describeService(ctx context.Context) (backend.Service, string, error) {
	cluster, err := s.cluster(ctx)
	if err != nil {
		return backend.Service{}, "", err
	}
	name, err := s.service()
	if err != nil {
		return backend.Service{}, "", err
	}
	found, err := s.backend.DescribeServices(ctx, cluster, []string{name})
	if err != nil {
		return backend.Service{}, "", err
	}
	if len(found) == 0 || found[0].Status == "INACTIVE" {
		err := backend.Errorf("DescribeServices", backend.NotFound, name, "cluster %s has no such service", cluster)
		err.Remedy = "ecs-tui status lists the services; ecs-tui deploy creates the app's"
		return backend.Service{}, "", err
	}
	return found[0], cluster, nil
}

// confirm asks before something is changed. With -y it doesn't; without a
// terminal it can't, and says so. typed, where it is not empty, is what must
// be typed instead of y. A read-only session, which the backend would refuse
// anyway, is not even asked.
func (s *session) confirm(ctx context.Context, question, typed string) error {
	if s.cfg.ReadOnly {
		return advise(errors.New("this session is read-only"), "start without --read-only to change things")
	}
	if s.flags.Yes {
		return nil
	}
	if !s.io.asks() {
		return advise(usagef("this changes something, and there is no terminal to ask on"), "add -y to go ahead")
	}
	hint, want := "[y/N]", []string{"y", "yes"}
	if typed != "" {
		hint, want = fmt.Sprintf("Type %s to go ahead:", typed), []string{typed}
	}
	answer, err := s.io.ask(ctx, question+" "+hint+" ")
	if err != nil || !slices.Contains(want, answer) {
		return context.Canceled
	}
	return nil
}

// typedName is what must be typed before something is deployed, taken back or
// deleted where the environment is protected: the app's name. "" elsewhere.
func (s *session) typedName() string {
	if s.cfg.Environment != nil && s.cfg.Environment.Protected && s.cfg.App != nil {
		return s.cfg.App.Name
	}
	return ""
}

// needApp is the app of the folder, or an error that says how to get one.
func (s *session) needApp() (*config.App, error) {
	if s.cfg.App == nil {
		return nil, noApp(s.paths.Dir)
	}
	return s.cfg.App, nil
}

func noApp(dir string) error {
	return advise(fmt.Errorf("there is no %s in %s", config.AppFile, dir), "write one with: ecs-tui init")
}

// where is the place in words, for questions and first lines.
func (s *session) where(cluster string) string {
	if s.cfg.Environment != nil {
		return fmt.Sprintf("%s (%s, cluster %s)", s.cfg.Environment.Name, s.cfg.Backend, cluster)
	}
	return fmt.Sprintf("%s, cluster %s", s.cfg.Backend, cluster)
}

// explain gives config's errors their advice, and makes wrong flags usage
// errors.
func explain(err error) error {
	var e *config.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.File == "" || e.Usage {
		err = usageError{err}
	}
	if e.Advice != "" {
		return advise(err, "%s", e.Advice)
	}
	return err
}
