package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
)

var (
	errNoImage     = errors.New("the build ended without an image")
	errNoReference = errors.New("the push ended without a digest")
)

// build builds every image of the request, one after the other.
func (r *run) build(ctx context.Context) bool {
	req := r.plan.Request
	if len(req.Images) == 0 {
		s, ok := r.start(ctx, Build, req.Definition.Family)
		return ok && s.finish("", "", "no images to build")
	}
	for i, src := range req.Images {
		s, ok := r.start(ctx, Build, src.Container)
		if !ok {
			return false
		}
		if err := r.makeRepository(ctx, src); err != nil {
			return s.fail(ctx, err)
		}
		if reference := r.known(ctx, src); reference != "" {
			r.pinned[src.Container] = reference
			if !s.finish("", reference, "the registry has an image of this source") {
				return false
			}
			continue
		}
		tag := src.Repository + ":" + r.plan.Images[i].Tag
		summary, err := r.buildImage(ctx, src, tag)
		switch {
		case r.out.gone:
			return false
		case err != nil:
			return s.fail(ctx, err)
		}
		if !s.finish(summary, tag, "") {
			return false
		}
	}
	return true
}

// buildImage builds an image, where it is for several platforms one for each:
// not every engine has place for several under one name.
func (r *run) buildImage(ctx context.Context, src ImageSource, tag string) (summary string, err error) {
	total, all := 0, 0
	for _, build := range src.Builds(tag, r.b.Unsupported(backend.CanPush) == "") {
		several := "" // the platform, where there is more than one
		if len(src.Platforms) > 0 {
			several = build.Platform
		}
		id, steps, cached, err := r.buildOne(ctx, src.Container, build, several)
		if err != nil || r.out.gone {
			return "", err
		}
		total, all = total+steps, all+cached
		r.ids[src.Container], r.pinned[src.Container] = id, id
		if several != "" {
			r.parts[src.Container] = append(r.parts[src.Container], backend.PlatformImage{Platform: build.Platform, Image: id})
		}
	}
	return fmt.Sprintf("%d steps, %d cached", total, all), nil
}

// markPlatform says of which platform's build an event is, where there are several.
func markPlatform(ev backend.BuildEvent, platform string) backend.BuildEvent {
	if platform == "" {
		return ev
	}
	switch e := ev.(type) {
	case backend.BuildVertex:
		e.ID, e.Name = platform+" "+e.ID, platform+" "+e.Name
		return e
	case backend.BuildLog:
		e.Vertex = platform + " " + e.Vertex
		return e
	}
	return ev
}

func (r *run) buildOne(ctx context.Context, container string, req backend.BuildRequest, several string) (id string, steps, cached int, err error) {
	vertexes := map[string]bool{} // whether it came from the cache
	for ev, err := range r.b.Build(ctx, req) {
		if err != nil {
			return "", 0, 0, err
		}
		ev = markPlatform(ev, several)
		switch e := ev.(type) {
		case backend.BuildVertex:
			vertexes[e.ID] = e.Cached
		case backend.BuildDone:
			id = e.ImageID
		}
		if !r.out.emit(BuildProgress{container, ev}) {
			return "", 0, 0, nil
		}
	}
	for _, c := range vertexes {
		if c {
			cached++
		}
	}
	if id == "" {
		err = &backend.Error{Op: "Build", Kind: backend.KindOf(ctx.Err()), Resource: container, Err: errNoImage}
	}
	return id, len(vertexes), cached, err
}

// push brings the images to where tasks pull them from, where that is needed.
func (r *run) push(ctx context.Context) bool {
	req := r.plan.Request
	reason := r.b.Unsupported(backend.CanPush)
	if len(req.Images) == 0 {
		reason = "no images to push"
	}
	if reason != "" {
		s, ok := r.start(ctx, Push, req.Definition.Family)
		return ok && s.finish("", "", reason)
	}
	for i, src := range req.Images {
		s, ok := r.start(ctx, Push, src.Container)
		if !ok {
			return false
		}
		if r.ids[src.Container] == "" { // not built, since it is there
			if !s.finish("", r.pinned[src.Container], "it is there") {
				return false
			}
			continue
		}
		push := backend.PushRequest{Image: r.ids[src.Container], Parts: r.parts[src.Container], Repository: src.Repository, Tags: []string{r.plan.Images[i].Tag}}
		if tag := r.sources[src.Container]; tag != "" { // first: a push that is cut off after it need not be made again
			push.Tags = []string{tag, r.plan.Images[i].Tag}
		}
		reference := ""
		for ev, err := range r.b.Push(ctx, push) {
			if err != nil {
				return s.fail(ctx, err)
			}
			if done, ok := ev.(backend.PushDone); ok {
				reference = done.Reference
			}
			if !r.out.emit(PushProgress{src.Container, ev}) {
				return false
			}
		}
		if reference == "" {
			return s.fail(ctx, &backend.Error{Op: "Push", Kind: backend.KindOf(ctx.Err()), Resource: src.Repository, Err: errNoReference})
		}
		r.pinned[src.Container] = reference
		if !s.finish("", reference, "") {
			return false
		}
	}
	return true
}

// register makes the next revision, unless the service runs the same document.
func (r *run) register(ctx context.Context) (backend.TaskDefinition, bool) {
	def := r.plan.Request.Definition
	s, ok := r.start(ctx, Register, def.Family)
	if !ok {
		return def, false
	}
	td, err := def.WithImages(r.pinned)
	if err != nil {
		return td, s.fail(ctx, &backend.Error{Op: "RegisterTaskDefinition", Kind: backend.Invalid, Resource: def.Family, Err: err})
	}
	if running := r.plan.Running; running != nil && running.Family == td.Family && sameDefinition(*running, td) {
		return *running, s.finish("", running.Ref(), "unchanged")
	}
	// An earlier try may have come as far as this, its answer lost on the way.
	if newest, err := r.b.DescribeTaskDefinition(ctx, td.Family); err == nil && newest.Status == backend.ActiveDefinition && sameDefinition(newest, td) {
		return newest, s.finish("", newest.Ref(), "registered already")
	}
	doc, err := td.Registrable()
	if err != nil {
		return td, s.fail(ctx, &backend.Error{Op: "RegisterTaskDefinition", Kind: backend.Invalid, Resource: def.Family, Err: err})
	}
	if td, err = r.registerStamped(ctx, doc); err != nil {
		return td, s.fail(ctx, err)
	}
	return td, s.finish("", td.Ref(), "")
}

// registerStamped registers a document with its origin, and without it where
// whoever deploys may not set tags: the deploy is worth more than its history.
func (r *run) registerStamped(ctx context.Context, doc backend.Document) (backend.TaskDefinition, error) {
	call, cancel := committed(ctx)
	defer cancel()
	stamped, err := r.plan.origin().stamp(doc)
	if err != nil {
		return backend.TaskDefinition{}, &backend.Error{Op: "RegisterTaskDefinition", Kind: backend.Invalid, Resource: r.plan.Request.Definition.Family, Err: err}
	}
	td, err := r.b.RegisterTaskDefinition(call, stamped)
	if backend.KindOf(err) == backend.Denied {
		return r.b.RegisterTaskDefinition(call, doc)
	}
	return td, err
}

// updated is what became of the service: the deployment to follow, or that
// there is none to follow.
type updated struct {
	deployment string
	unchanged  bool // there was nothing to change, and it stands on the task definition already
	idle       bool // there was nothing to change, whatever goes on
	settles    bool // it changes without a deployment
}

// update creates or changes the service.
func (r *run) update(ctx context.Context, td backend.TaskDefinition) (to updated, ok bool) {
	req := r.plan.Request
	s, ok := r.start(ctx, Update, req.Service.Name)
	if !ok {
		return to, false
	}
	call, cancel := committed(ctx)
	defer cancel()
	found, err := r.b.DescribeServices(call, req.Cluster, []string{req.Service.Name})
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return to, s.fail(ctx, err)
	}
	now := activeService(found)
	if now == nil {
		spec := *req.Service
		spec.TaskDefinition = td.ARN
		made, err := r.b.CreateService(call, req.Cluster, spec)
		if err != nil {
			return to, s.fail(ctx, err)
		}
		return updated{deployment: current(made)}, s.finish("", "created "+made.Name, "")
	}
	if err := r.overtaken(call, now, td); err != nil {
		return to, s.fail(ctx, err)
	}
	change, any := changeOf(req, *now, td)
	if !any {
		d, _ := now.Primary()
		to = updated{deployment: current(*now), unchanged: d.Rollout == backend.RolloutCompleted, idle: true}
		return to, s.finish("", "", "unchanged")
	}
	after, err := r.b.UpdateService(call, req.Cluster, req.Service.Name, change)
	if err != nil {
		return to, s.fail(ctx, err)
	}
	to = updated{deployment: begun(call, r.b, after), settles: beginsNone(*now, after)}
	if warning := r.takenOver(call, *now, after); warning != "" {
		return to, s.finishWarning(changed(*now, change), warning)
	}
	return to, s.finish("", changed(*now, change), "")
}

// changeOf is the update that brings a service to what the request says; any
// is false when it is there already.
func changeOf(req Request, now backend.Service, td backend.TaskDefinition) (change backend.ServiceChange, any bool) {
	change.Force = req.Force
	if now.TaskDefinition != td.ARN {
		change.TaskDefinition = &td.ARN
	}
	for _, c := range unlessPaused(&now, serviceChanges(now.Document, req.Service.Document)) {
		if c.Path == "desiredCount" {
			desired := req.Service.Desired
			change.Desired = &desired
			continue
		}
		spec := *req.Service
		spec.TaskDefinition = td.ARN
		change.Spec = &spec
	}
	return change, change.Force || change.TaskDefinition != nil || change.Desired != nil || change.Spec != nil
}

// activeService is the first that still exists.
func activeService(all []backend.Service) *backend.Service {
	for i := range all {
		if all[i].Status != "INACTIVE" {
			return &all[i]
		}
	}
	return nil
}
