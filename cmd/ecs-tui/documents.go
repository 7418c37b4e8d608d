package main

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// documents are the task definition and the service of an app, read and with
// the places of their fields.
type documents struct {
	Task       *config.Document
	Service    *config.Document // nil without one
	Definition backend.TaskDefinition
	Spec       *backend.ServiceSpec
}

// documents reads those of the app, with their templates filled in. Errors name
// file, line, column and field.
func (s *session) documents() (*documents, error) {
	app, values := s.cfg.App, s.cfg.Values(s.io.lookup)
	var d documents
	var err error
	if d.Task, err = config.LoadDocument(app.Path(app.TaskDefinition), values); err != nil {
		return nil, pointedAt(app, "taskDefinition", err)
	}
	if d.Definition, err = backend.ParseTaskDefinition(d.Task.JSON); err != nil {
		return nil, placed(d.Task, err)
	}
	d.Service, d.Spec, err = s.serviceDocument()
	return &d, err
}

// serviceDocument reads the service alone: its name can be known where the task
// definition waits for a value. Both are nil without one.
func (s *session) serviceDocument() (*config.Document, *backend.ServiceSpec, error) {
	app := s.cfg.App
	if !app.HasService() {
		return nil, nil, nil
	}
	if app.Service == "" {
		doc, err := config.ParseDocument(app.File, []byte("{}"), config.Values{})
		if err != nil {
			return nil, nil, err
		}
		return s.named(doc)
	}
	doc, err := config.LoadDocument(app.Path(app.Service), s.cfg.Values(s.io.lookup))
	if err != nil {
		return nil, nil, pointedAt(app, "service", err)
	}
	return s.named(doc)
}

// named reads a service's document, which the app file may name, and in which
// what a describe call adds is left out.
func (s *session) named(doc *config.Document) (*config.Document, *backend.ServiceSpec, error) {
	created, err := backend.CreatableService(doc.JSON)
	if err != nil {
		return nil, nil, placed(doc, err)
	}
	if name := s.cfg.App.ServiceName; name != "" {
		created, err = created.Edit(func(tree map[string]any) { tree["serviceName"] = name })
		if err != nil {
			return nil, nil, placed(doc, err)
		}
	}
	// The form is checked on what was written, for the places of its fields.
	if _, err := backend.ParseServiceSpec(doc.JSON); err != nil {
		return nil, nil, placed(doc, err)
	}
	spec, err := backend.ParseServiceSpec(created)
	if err != nil {
		return nil, nil, placed(doc, err)
	}
	if spec.Name == "" {
		return nil, nil, placed(doc, &backend.FieldError{Path: "serviceName", Offset: -1, Err: errors.New("is missing")})
	}
	return doc, &spec, nil
}

// hidden are the values of the environment's variables that the documents were
// filled in with and whose names say that they are secret.
func (d *documents) hidden() []string {
	var out []string
	for _, doc := range []*config.Document{d.Task, d.Service} {
		if doc == nil {
			continue
		}
		for _, v := range doc.Variables {
			if deploy.SecretName(v.Name) {
				out = append(out, v.Value)
			}
		}
	}
	return out
}

// pointedAt says where the app file names a file that is not there.
func pointedAt(app *config.App, field string, err error) error {
	var e *config.Error
	if errors.As(err, &e) && e.Line == 0 {
		return explain(&config.Error{Position: app.Locate(field), Field: app.Field(field), Err: err, Advice: e.Advice})
	}
	return explain(err)
}

// placed turns a field's error into one with the field's place in the file.
func placed(doc *config.Document, err error) error {
	var field *backend.FieldError
	if doc == nil || !errors.As(err, &field) {
		return err
	}
	e := &config.Error{Position: doc.Locate(field.Path), Field: field.Path, Err: field.Err}
	if field.Offset >= 0 {
		e.Position, e.Field = doc.At(field.Offset)
	}
	return e
}

// place is where a finding's field stands: in the task definition, or in the
// service where only that has it.
func (d *documents) place(path string) string {
	if path == "" {
		return ""
	}
	return d.position(path).String()
}

func (d *documents) position(path string) config.Position {
	if d.Service != nil && !d.Task.Has(path) && (d.Service.Has(path) || ofService(path)) {
		return d.Service.Locate(path)
	}
	return d.Task.Locate(path)
}

// ofService says whether a field that no document has belongs into the
// service's.
func ofService(path string) bool {
	top, _, _ := strings.Cut(path, ".")
	top, _, _ = strings.Cut(top, "[")
	switch top {
	case "serviceName", "desiredCount", "launchType", "deploymentConfiguration", "deploymentController", "networkConfiguration",
		"loadBalancers", "healthCheckGracePeriodSeconds", "capacityProviderStrategy", "schedulingStrategy", "serviceRegistries",
		"serviceConnectConfiguration", "volumeConfigurations", "enableExecuteCommand", "platformVersion":
		return true
	}
	return false
}

// requestWith is what a deploy of the app is made from. The images are built
// where promotion is nil, else it says where they come from.
func (s *session) requestWith(ctx context.Context, cluster string, promotion func(context.Context, deploy.Request) (*deploy.Promotion, error)) (deploy.Request, *documents, error) {
	req, docs, err := s.request(cluster)
	switch {
	case err != nil:
	case promotion != nil:
		req.Promotion, err = promotion(ctx, req)
	default:
		err = explain(s.cfg.App.CheckSources())
	}
	return req, docs, err
}

// request is what a deploy is made from, apart from the images: everything read
// and checked that can be without a backend.
func (s *session) request(cluster string) (deploy.Request, *documents, error) {
	app, err := s.needApp()
	if err != nil {
		return deploy.Request{}, nil, err
	}
	docs, err := s.documents()
	if err != nil {
		return deploy.Request{}, nil, err
	}
	var names []string
	for _, c := range docs.Definition.Containers {
		names = append(names, c.Name)
	}
	if err := errors.Join(app.CheckContainers(names)); err != nil {
		return deploy.Request{}, nil, explain(err)
	}
	req := deploy.Request{
		App: app.Name, By: who(s.io.Getenv), Dir: app.Dir, Cluster: cluster,
		Images: imageSources(app, s.platform(docs)), Definition: docs.Definition, Service: docs.Spec, Hidden: docs.hidden(),
	}
	if env := s.cfg.Environment; env != nil {
		req.Environment, req.Protected = env.Name, env.Protected
		if err := app.CheckHooks(*env, names); err != nil {
			return deploy.Request{}, nil, explain(err)
		}
		req.Hooks = hooksOf(env.Hooks)
		req.Rollback, req.RolloutWithin = env.Rollback.Automatic, env.Rollback.Within
	}
	if s.cfg.Service == "" || docs.Spec != nil && docs.Spec.Name == s.cfg.Service { // those of another service's name are not the app's
		if req.Schedules, err = appSchedules(app, s.cfg.Environment, docs); err != nil {
			return deploy.Request{}, nil, err
		}
	}
	if req.Service != nil && s.cfg.Service != "" {
		spec := *req.Service
		spec.Name = s.cfg.Service
		req.Service = &spec
	}
	return req, docs, nil
}

// platform is what images are built for where the app file does not say: on AWS
// what the tasks run on there, elsewhere the engine's own, unless the task
// definition asks for another.
func (s *session) platform(docs *documents) string {
	td, service := docs.Definition, docs.Spec
	if s.cfg.Backend != config.AWS {
		td.Requires, service = nil, nil // Fargate is not there
	}
	return deploy.TaskPlatform(td, service)
}

// imageSources says how each image of the app is built.
func imageSources(app *config.App, platform string) []deploy.ImageSource {
	var sources []deploy.ImageSource
	for _, image := range app.Images {
		build := backend.BuildRequest{
			Context: app.Path(image.Context), Dockerfile: image.Dockerfile,
			Args: image.Args, Target: image.Target, Platform: image.Platform,
			CacheFrom: caches(app, image.CacheFrom), CacheTo: caches(app, image.CacheTo),
		}
		platforms := image.Platforms
		if len(platforms) == 1 {
			build.Platform, platforms = platforms[0], nil
		}
		if build.Platform == "" && len(platforms) == 0 {
			build.Platform = platform
		}
		for _, secret := range image.Secrets {
			source := backend.BuildSecret{ID: secret.ID, Env: secret.Env}
			if secret.File != "" {
				source.File = app.Path(secret.File)
			}
			build.Secrets = append(build.Secrets, source)
		}
		repository := image.Repository
		if repository == "" {
			repository = app.Name + "/" + image.Container
		}
		sources = append(sources, deploy.ImageSource{
			Container: image.Container, Repository: repository, Build: build, Platforms: platforms,
			Create: backend.RepositorySpec{Name: repository, Immutable: image.ECR.ImmutableTags, ScanOnPush: image.ECR.ScanOnPush},
		})
	}
	return sources
}

// caches are those of the app file, with folders from the app's own.
func caches(app *config.App, all []config.Cache) []backend.BuildCache {
	var out []backend.BuildCache
	for _, c := range all {
		attrs := maps.Clone(c.Attrs)
		for _, key := range []string{"src", "dest"} {
			if attrs[key] != "" {
				attrs[key] = app.Path(attrs[key])
			}
		}
		out = append(out, backend.BuildCache{Type: c.Type, Attrs: attrs})
	}
	return out
}
