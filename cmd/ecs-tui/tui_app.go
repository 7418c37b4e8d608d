package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// screenApp is the app of the folder as the screens see it.
type screenApp struct {
	session *session
	app     *config.App
	service string
}

var _ screen.App = (*screenApp)(nil)

// newScreenApp reads the service's name once, so that screens can ask for it
// while they draw. A service document that can't be read has no name yet; what
// is wrong with it shows when a deploy is planned.
func newScreenApp(s *session) *screenApp {
	a := &screenApp{session: s, app: s.cfg.App, service: s.cfg.Service}
	if _, spec, err := s.serviceDocument(); a.service == "" && err == nil && spec != nil {
		a.service = spec.Name
	}
	return a
}

func (a *screenApp) Name() string    { return a.app.Name }
func (a *screenApp) Dir() string     { return a.app.Dir }
func (a *screenApp) Service() string { return a.service }

func (a *screenApp) Environments() []string {
	var names []string
	for _, e := range a.app.Environments {
		names = append(names, e.Name)
	}
	return names
}

// Files are the app's own file, its documents, and the Dockerfiles, from the app's
// folder where they can be.
func (a *screenApp) Files() []string {
	files := []string{filepath.Base(a.app.File), a.app.TaskDefinition}
	if a.app.Service != "" {
		files = append(files, a.app.Service)
	}
	for _, image := range a.app.Images {
		file := a.app.Dockerfile(image)
		if rel, err := filepath.Rel(a.app.Dir, file); err == nil {
			file = rel
		}
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// Request reads the app anew, so that what was edited since counts.
func (a *screenApp) Request(ctx context.Context, environment string) (deploy.Request, error) {
	return a.request(ctx, environment, nil)
}

// Promote reads the app, and what runs in the environment that is promoted. That
// stays open until the screen ends.
func (a *screenApp) Promote(ctx context.Context, from, to string) (deploy.Request, error) {
	return a.request(ctx, to, func(ctx context.Context, req deploy.Request) (*deploy.Promotion, error) {
		s, err := a.session.places.lend(ctx, from)
		if err != nil {
			return nil, err
		}
		return s.promotion(ctx, req)
	})
}

func (a *screenApp) request(ctx context.Context, environment string, promotion func(context.Context, deploy.Request) (*deploy.Promotion, error)) (deploy.Request, error) {
	app, err := config.LoadApp(a.app.Dir, a.session.io.Getenv)
	if err != nil {
		return deploy.Request{}, explain(err)
	}
	if app == nil {
		return deploy.Request{}, noApp(a.app.Dir)
	}
	s := *a.session
	s.cfg.App = app
	if environment != "" {
		s.cfg.Environment = app.Environment(environment)
	}
	cluster, err := s.cluster(ctx)
	if err != nil {
		return deploy.Request{}, err
	}
	req, _, err := s.requestWith(ctx, cluster, promotion)
	return req, err
}

// screenFolder is a folder that has no app yet, as the welcome screen sees it.
type screenFolder struct {
	session *session
	dir     string
}

var _ screen.Folder = (*screenFolder)(nil)

// Dir is the whole path where that can be had: "." tells nobody where he is.
func (f *screenFolder) Dir() string {
	if abs, err := filepath.Abs(f.dir); err == nil {
		return abs
	}
	return f.dir
}

// Facts reads what is there. A folder without a Dockerfile is no error: there
// is just nothing to set up.
func (f *screenFolder) Facts(ctx context.Context) (screen.FolderFacts, error) {
	facts := screen.FolderFacts{Backends: []string{config.Docker, config.AWS, config.Demo}}
	if err := f.session.engine(ctx); err != nil {
		facts.EngineHint = startEngine
	}
	dockerfile := filepath.Join(f.dir, "Dockerfile")
	if _, err := os.Stat(dockerfile); errors.Is(err, fs.ErrNotExist) {
		return facts, nil
	}
	read, err := readDockerfile(dockerfile)
	if err != nil {
		return facts, err
	}
	s, err := newScaffold(f.dir)
	if err != nil {
		return facts, err
	}
	facts.Dockerfile, facts.Ports = true, read.Ports
	if read.HealthCheck != nil {
		facts.HealthCheck = strings.Join(read.HealthCheck.Command[1:], " ")
	}
	facts.Proposed = screen.SetupAnswers{Name: s.Name, Port: s.Port, CPU: s.CPU, Memory: s.Memory, Desired: s.Desired, Backend: f.session.cfg.Backend}
	return facts, nil
}

// Setup writes the app's files, as init does.
func (f *screenFolder) Setup(_ context.Context, a screen.SetupAnswers) (screen.App, error) {
	s, err := newScaffold(f.dir)
	if err != nil {
		return nil, err
	}
	s.Name, s.Port, s.CPU, s.Memory, s.Desired, s.Backend = a.Name, a.Port, a.CPU, a.Memory, a.Desired, a.Backend
	if flags := f.session.flags; s.Backend == f.session.cfg.Backend {
		s.Profile, s.Region, s.Cluster = flags.Profile, flags.Region, flags.Cluster
	}
	if _, err := s.write(false); err != nil {
		return nil, err
	}
	app, err := config.LoadApp(f.dir, f.session.io.Getenv)
	if err != nil {
		return nil, explain(err)
	}
	if app == nil {
		return nil, noApp(f.dir)
	}
	f.session.cfg.App, f.session.app = app, app
	for i := range app.Environments {
		if app.Environments[i].Backend == f.session.cfg.Backend {
			f.session.cfg.Environment, f.session.environment = &app.Environments[i], app.Environments[i].Name
		}
	}
	return newScreenApp(f.session), nil
}
