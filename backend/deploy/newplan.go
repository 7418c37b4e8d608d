package deploy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// NewPlan reads what runs now and says what a deploy of req would change and
// what is wrong with it. It changes nothing. What is wrong with the request is
// in the plan's Findings; an error means that the plan could not be made.
func NewPlan(ctx context.Context, b Planner, req Request) (*Plan, error) {
	p := &Plan{Request: req}
	var tag string
	var err error
	if p.Source, tag, err = p.readSource(ctx); err != nil {
		return nil, err
	}
	if err := p.readCurrent(ctx, b); err != nil {
		return nil, err
	}
	p.readCommits(ctx)
	planned := map[string]string{}
	for _, i := range req.Images {
		ip := ImagePlan{Container: i.Container, Tag: tag}
		if req.Promotion != nil {
			ip.Tag = req.Promotion.Tags[i.Container]
		}
		if p.Running != nil {
			c, _ := p.Running.Container(i.Container)
			ip.From = p.fromImage(ctx, b, c, i.Repository+":"+ip.Tag)
		}
		p.Images = append(p.Images, ip)
		planned[i.Container] = i.Repository + ":" + ip.Tag
	}
	want, err := req.Definition.WithImages(planned)
	if err != nil {
		return nil, &backend.Error{Op: "Plan", Kind: backend.Invalid, Resource: req.Definition.Family, Err: err}
	}
	p.Changes = definitionChanges(p.Running, want, req.Images)
	if req.Service != nil {
		if b.Unsupported(backend.CanShift) == "" { // else Verify says that it is rolled out
			p.Way = Way(req.Service.Config)
		}
		var now backend.Document
		if p.Current != nil {
			now = p.Current.Document
		}
		if p.Current != nil {
			p.Paused, _ = p.Current.Paused()
		}
		p.Changes = append(p.Changes, unlessPaused(p.Current, serviceChanges(now, req.Service.Document))...)
	}
	hideValues(p.Changes, req.Hidden)
	found, err := p.checkSmoke(ctx, b, want)
	if err != nil {
		return nil, err
	}
	promoted, err := p.checkPromotion(ctx, b)
	if err != nil {
		return nil, err
	}
	if p.Findings, err = check(ctx, b, req, want, slices.Concat(promoted, p.foreign(), found)); err != nil {
		return nil, err
	}
	if err := p.readRegistry(ctx, b); err != nil {
		return nil, err
	}
	return p, p.readSchedules(ctx, b, want)
}

// foreign tells of a service that is not ECS's to deploy: before anything is
// built for it.
func (p *Plan) foreign() []backend.Finding {
	if p.Current == nil || p.Current.Foreign() == "" {
		return nil
	}
	return []backend.Finding{{
		Severity: backend.Problem, Path: "deploymentController.type", Message: p.Current.Foreign(), Remedy: backend.ForeignRemedy,
	}}
}

// readCurrent reads the service and what it runs; neither has to exist.
func (p *Plan) readCurrent(ctx context.Context, b Planner) error {
	ref := p.Request.Definition.Family
	if spec := p.Request.Service; spec != nil {
		all, err := b.DescribeServices(ctx, p.Request.Cluster, []string{spec.Name})
		if err != nil && backend.KindOf(err) != backend.NotFound {
			return err
		}
		p.Current = activeService(all)
		if p.Current == nil {
			return nil
		}
		ref = p.Current.TaskDefinition
		if p.GoingOn, err = readGoingOn(ctx, b, *p.Current); err != nil {
			return err
		}
	}
	td, err := b.DescribeTaskDefinition(ctx, ref)
	switch {
	case err == nil:
		p.Running = &td
	case backend.KindOf(err) != backend.NotFound:
		return err
	}
	return nil
}

// readableImage gives a tag for an image that is pinned by its id or digest,
// where the backend knows one: the planned one if the image has it.
func readableImage(ctx context.Context, b any, image, planned string) string {
	images, ok := b.(backend.Images)
	if !ok || !strings.Contains(image, "sha256:") {
		return image
	}
	detail, err := images.DescribeImage(ctx, image)
	switch {
	case err != nil || len(detail.Tags) == 0:
		return image
	case slices.Contains(detail.Tags, planned):
		return planned
	}
	return detail.Tags[0]
}

// check adds what is wrong with the request to all, and gives it worst first.
func check(ctx context.Context, b Planner, req Request, want backend.TaskDefinition, all []backend.Finding) ([]backend.Finding, error) {
	all = append(append(all, checkImages(req)...), backend.CheckTaskDefinition(want)...)
	builds, err := checkBuilds(ctx, b, req)
	if err != nil {
		return nil, err
	}
	all = append(all, builds...)
	if req.Service != nil {
		all = append(all, backend.CheckService(*req.Service, want)...)
	}
	var repositories, built []string
	for _, i := range req.Images {
		repositories, built = append(repositories, i.Repository), append(built, i.Container)
	}
	found, err := b.Verify(ctx, backend.VerifyRequest{
		Cluster: req.Cluster, TaskDefinition: want, Service: req.Service, Repositories: repositories, Built: built,
	})
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if !aboutBuiltImage(req, want, f.Path) {
			all = append(all, f)
		}
	}
	if req.Rollback { // then a missing circuit breaker is no remark
		all = slices.DeleteFunc(all, func(f backend.Finding) bool {
			return f.Severity == backend.Note && f.Path == "deploymentConfiguration.deploymentCircuitBreaker"
		})
	}
	var out []backend.Finding
	for _, f := range all {
		if !slices.ContainsFunc(out, func(o backend.Finding) bool { return o.Path == f.Path && o.Message == f.Message }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b backend.Finding) int { return int(b.Severity) - int(a.Severity) })
	return out, nil
}

// aboutBuiltImage says whether a finding is about an image that the deploy is
// going to build: it is not there yet.
func aboutBuiltImage(req Request, td backend.TaskDefinition, path string) bool {
	for i, c := range td.Containers {
		if path == fmt.Sprintf("containerDefinitions[%d].image", i) {
			return slices.ContainsFunc(req.Images, func(s ImageSource) bool { return s.Container == c.Name })
		}
	}
	return false
}

// checkImages holds the images to be built against the task definition and
// the disk.
func checkImages(req Request) []backend.Finding {
	var out []backend.Finding
	problem := func(path, remedy, format string, args ...any) {
		out = append(out, backend.Finding{
			Severity: backend.Problem, Path: path, Message: backend.Clean(fmt.Sprintf(format, args...)), Remedy: remedy,
		})
	}
	built := map[string]bool{}
	for _, i := range req.Images {
		built[i.Container] = true
		path := "images." + i.Container
		if _, ok := req.Definition.Container(i.Container); !ok {
			problem(path, "name a container of the task definition: "+containerNames(req.Definition),
				"the task definition has no container %q", i.Container)
		}
		if req.Promotion != nil {
			continue // nothing is built
		}
		if info, err := os.Stat(i.Build.Context); err != nil || !info.IsDir() {
			problem(path+".context", "correct the path of the build context", "the folder %s does not exist", i.Build.Context)
			continue
		}
		if file := dockerfileOf(i.Build); !isFile(file) {
			problem(path+".dockerfile", "write one, or correct its path", "there is no %s", file)
		}
	}
	for n, c := range req.Definition.Containers {
		if !built[c.Name] && isPlaceholder(c.Image) {
			problem(fmt.Sprintf("containerDefinitions[%d].image", n), "add it to images in the app file, or name an image",
				"the container %s has no image: %q is a placeholder", c.Name, c.Image)
		}
	}
	return out
}

func containerNames(td backend.TaskDefinition) string {
	var names []string
	for _, c := range td.Containers {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

func dockerfileOf(b backend.BuildRequest) string {
	switch {
	case b.Dockerfile == "":
		return filepath.Join(b.Context, "Dockerfile")
	case filepath.IsAbs(b.Dockerfile):
		return b.Dockerfile
	}
	return filepath.Join(b.Context, b.Dockerfile)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// isPlaceholder says whether an image is meant to be filled in: "<image>",
// "${IMAGE}", "{{image}}".
func isPlaceholder(image string) bool {
	lower := strings.ToLower(image)
	return strings.ContainsAny(image, "<>{}$") || lower == "placeholder" || lower == "image"
}
