package deploy

import (
	"context"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// registryOf is b's registry; nil where nothing is pushed, or where it has no
// repositories to look after.
func registryOf(b backend.Describer) backend.Repositories {
	pushes := b.Unsupported(backend.CanPush) == "" || b.Unsupported(backend.CanWrite) != "" // a read-only plan sees them too
	if !pushes || b.Unsupported(backend.CanRepositories) != "" {
		return nil
	}
	r, _ := b.(backend.Repositories)
	return r
}

// readRegistry finds the repositories that are missing, and says before
// anything is built where a tag is taken that can't be moved.
func (p *Plan) readRegistry(ctx context.Context, b Planner) error {
	registry := registryOf(b)
	if registry == nil {
		return nil
	}
	for i, src := range p.Request.Images {
		found, err := registry.DescribeRepositories(ctx, []string{src.Repository})
		switch {
		case backend.KindOf(err) == backend.Denied: // Verify says so; a push may work all the same
		case err != nil:
			return err
		case len(found) == 0:
			p.plansRepository(src)
		case found[0].Immutable():
			if err := p.checkTag(ctx, b, src, p.Images[i].Tag); err != nil {
				return err
			}
		}
	}
	return nil
}

// plansRepository notes that a repository will be made, once for all images
// that go there.
func (p *Plan) plansRepository(src ImageSource) {
	spec := src.Create
	spec.Name, spec.Tags = src.Repository, map[string]string{backend.TagApp: p.Request.App}
	if !backend.ValidRepository(spec.Name) || slices.ContainsFunc(p.Missing, func(m backend.RepositorySpec) bool { return m.Name == spec.Name }) {
		return
	}
	p.Missing = append(p.Missing, spec)
	p.Changes = append(p.Changes, Change{Document: inRegistry, Path: backend.Clean(spec.Name), New: "made anew: " + DescribeRepository(spec)})
}

// DescribeRepository says in a few words how a repository is made.
func DescribeRepository(spec backend.RepositorySpec) string {
	tags, scan := "its tags can be moved", "it is not scanned on push"
	if spec.Immutable {
		tags = "its tags are immutable"
	}
	if spec.ScanOnPush {
		scan = "it is scanned on push"
	}
	return tags + ", " + scan
}

// checkTag finds a tag that has an image already, in a repository where tags
// can't be moved, unless that image is of this very source: that one is not
// built again.
func (p *Plan) checkTag(ctx context.Context, b Planner, src ImageSource, tag string) error {
	images, ok := b.(backend.Images)
	if !ok {
		return nil
	}
	there, err := images.DescribeImage(ctx, src.Repository+":"+tag)
	if backend.KindOf(err) == backend.NotFound || err == nil && there.Digest == "" { // built here, never pushed
		return nil
	}
	if err != nil {
		return err
	}
	if from := p.Request.Promotion; from != nil {
		if there.Digest != digestOf(from.Images[src.Container]) {
			p.Findings = slices.Insert(p.Findings, 0, tagTaken(src, tag, there.Digest, "delete that tag, or let the tags of the repository be moved: another image was deployed under it"))
		}
		return nil
	}
	if source, err := sourceTag(ctx, src); err == nil && !p.Request.Force && pinnedAs(ctx, b, src.Repository, source) != "" {
		return nil
	}
	p.Findings = slices.Insert(p.Findings, 0, tagTaken(src, tag, there.Digest,
		"commit, so that the tag is another one; or name that image in the task definition, to deploy it as it is"))
	return nil
}

func tagTaken(src ImageSource, tag, digest, remedy string) backend.Finding {
	return backend.Finding{
		Severity: backend.Problem, Path: "images." + src.Container, Remedy: remedy,
		Message: backend.Clean("the tag " + tag + " of " + src.Repository + " has the image " + digest + " already, and tags are immutable there"),
	}
}

// pinnedAs is the image that the registry has under a tag, by its digest; ""
// where it has none, or where that can't be found out.
func pinnedAs(ctx context.Context, b any, repository, tag string) string {
	pinner, ok := b.(backend.Pinner)
	if !ok {
		return ""
	}
	reference, err := pinner.Pinned(ctx, repository, tag)
	if err != nil {
		return ""
	}
	return reference
}

// makeRepository makes the repository of an image where the plan says so. One
// that somebody else has made meanwhile is as good.
func (r *run) makeRepository(ctx context.Context, src ImageSource) error {
	i := slices.IndexFunc(r.plan.Missing, func(m backend.RepositorySpec) bool { return m.Name == src.Repository })
	registry := registryOf(r.b)
	if i < 0 || registry == nil || r.made[src.Repository] {
		return nil
	}
	call, cancel := committed(ctx)
	defer cancel()
	made, err := registry.CreateRepository(call, r.plan.Missing[i])
	if err != nil && backend.KindOf(err) != backend.Conflict {
		return err
	}
	r.made[src.Repository] = true
	said := "made the repository " + made.Name
	switch {
	case err != nil:
	case r.plan.Request.Promotion != nil:
		r.out.emit(PushProgress{src.Container, backend.PushNotice{Text: said}})
	default:
		r.out.emit(BuildProgress{src.Container, backend.BuildNotice{Text: said}})
	}
	return nil
}
