package deploy

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Promotion says that the images of a deploy are not built, but are those that
// another environment runs, to the digest.
type Promotion struct {
	Environment string // that they come from
	Backend     string // its kind, as in [backend.Info]
	Cluster     string
	Service     string
	Revision    string // "web:14", what runs there
	Origin      Origin // of that revision
	// Images are what the containers run from, by name: references by digest, or
	// ids of images on the local engine. Tags are what they are called there.
	Images, Tags map[string]string
	// Remark is what is special about what runs there, "" for nothing.
	Remark string
	// Auth gives what an image is pulled with. It is asked when it is copied.
	Auth func(ctx context.Context, image string) (*backend.RegistryAuth, error)
}

// String is "staging (web:14)".
func (p Promotion) String() string { return p.Environment + " (" + p.Revision + ")" }

// Lending is what [ReadPromotion] reads from.
type Lending interface {
	backend.Describer
	backend.ServiceReader
	backend.TaskReader
	backend.TaskDefinitionReader
	backend.DeploymentReader
}

const opPromote = "Promote"

// ReadPromotion reads which images a service of an environment runs. Only what
// has been deployed to its end is promoted: Kind Conflict says what goes on there,
// or how it ended.
func ReadPromotion(ctx context.Context, b Lending, environment, cluster, service string, images []ImageSource) (*Promotion, error) {
	if len(images) == 0 {
		e := backend.Errorf(opPromote, backend.Invalid, service, "the app file names no images, so there is none to promote")
		e.Remedy = "name the app's own containers under images"
		return nil, e
	}
	info, err := b.Info(ctx)
	if err != nil {
		return nil, err
	}
	found, err := b.DescribeServices(ctx, cluster, []string{service})
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return nil, err
	}
	s := activeService(found)
	if s == nil {
		e := backend.Errorf(opPromote, backend.NotFound, service, "%s has no such service in cluster %s", environment, cluster)
		e.Remedy = "deploy it there first: ecs-tui deploy -e " + environment
		return nil, e
	}
	p := &Promotion{Environment: environment, Backend: info.Backend, Cluster: cluster, Service: s.Name, Images: map[string]string{}, Tags: map[string]string{}}
	if p.Remark, err = settled(ctx, b, environment, *s); err != nil {
		return nil, err
	}
	td, err := b.DescribeTaskDefinition(ctx, s.TaskDefinition)
	if err != nil {
		return nil, err
	}
	p.Revision, p.Origin = td.Ref(), OriginOf(td)
	for _, src := range images {
		if err := p.readImage(ctx, b, td, src.Container); err != nil {
			return nil, err
		}
	}
	p.Auth = func(context.Context, string) (*backend.RegistryAuth, error) { return nil, nil }
	if l := backend.LenderOf(b); l != nil {
		p.Auth = l.PullAuth
	}
	return p, nil
}

// settled is an error where a service's newest deployment has not ended, or has
// failed. Of one that was rolled back it says which revision runs instead.
func settled(ctx context.Context, b Lending, environment string, s backend.Service) (remark string, err error) {
	refuse := func(remedy, format string, args ...any) error {
		e := backend.Errorf(opPromote, backend.Conflict, s.Name+" in "+environment, format, args...)
		e.Remedy = remedy
		return e
	}
	const wait = "wait until it has ended there"
	going, err := readGoingOn(ctx, b, s)
	if err != nil {
		return "", err
	}
	if going != nil {
		return "", refuse(wait, "%s is being deployed there", going)
	}
	last, err := deploymentsOf(ctx, b, s.Cluster, s.Name, 1)
	if err != nil && backend.KindOf(err) != backend.Unsupported {
		return "", err
	}
	if len(last) == 0 {
		if d, ok := s.Primary(); ok && d.Rollout == backend.RolloutInProgress {
			return "", refuse(wait, "%s is being deployed there", backend.ShortName(d.TaskDefinition))
		}
		return "", nil
	}
	d := last[0]
	what := backend.ShortName(d.Target.TaskDefinition)
	switch {
	case d.Status == backend.Successful:
		return "", nil
	case d.Target.TaskDefinition != s.TaskDefinition:
		return fmt.Sprintf("the last deployment to %s, of %s, was rolled back (%s); what runs there is %s", environment, what,
			cmp.Or(d.RollbackReason, d.Reason, "no reason is known"), backend.ShortName(s.TaskDefinition)), nil
	}
	return "", refuse("deploy a version there that works", "its last deployment, of %s, ended as %s: %s", what, d.Status, cmp.Or(d.RollbackReason, d.Reason, "no reason is known"))
}

// readImage finds what a container runs from, to the digest.
func (p *Promotion) readImage(ctx context.Context, b Lending, td backend.TaskDefinition, container string) error {
	c, ok := td.Container(container)
	if !ok {
		return backend.Errorf(opPromote, backend.NotFound, td.Ref(), "the revision that runs in %s has no container %s", p.Environment, container)
	}
	image := backend.Clean(c.Image)
	if !strings.Contains(image, "sha256:") {
		digest, err := p.runningDigest(ctx, b, td, container)
		if err != nil {
			return err
		}
		image = repositoryOf(image) + "@" + digest
	}
	p.Images[container] = image
	tag := ""
	if name := readableImage(ctx, b, image, ""); name != image {
		tag = tagOf(name)
	}
	if strings.HasPrefix(tag, sourcePrefix) {
		tag = ""
	}
	_, digest, _ := strings.Cut(image, "sha256:")
	p.Tags[container] = cmp.Or(tag, taggableImage(p.Origin.Commit), "promoted-"+digest[:min(12, len(digest))])
	return nil
}

// runningDigest asks the tasks what they pulled for an image that the revision
// names by a tag: the tag may have moved since.
func (p *Promotion) runningDigest(ctx context.Context, b Lending, td backend.TaskDefinition, container string) (string, error) {
	digest := ""
	list := func(ctx context.Context, page backend.PageRequest) (backend.Page[string], error) {
		return b.ListTasks(ctx, backend.TaskQuery{Cluster: p.Cluster, Service: p.Service}, page)
	}
	var arns []string
	for arn, err := range backend.All(ctx, list) {
		if err != nil {
			return "", err
		}
		arns = append(arns, arn)
	}
	tasks, err := b.DescribeTasks(ctx, p.Cluster, arns)
	if err != nil {
		return "", err
	}
	const pin = "deploy it there with ecs-tui, which pins the image by its digest"
	for _, t := range tasks {
		for _, c := range t.Containers {
			switch {
			case t.TaskDefinition != td.ARN || c.Name != container || !strings.HasPrefix(c.ImageDigest, "sha256:"):
			case digest != "" && digest != c.ImageDigest:
				e := backend.Errorf(opPromote, backend.Conflict, p.Service+" in "+p.Environment, "its tasks run different images of %s: the tag was moved while it ran", container)
				e.Remedy = pin
				return "", e
			default:
				digest = c.ImageDigest
			}
		}
	}
	if digest == "" {
		e := backend.Errorf(opPromote, backend.Conflict, p.Service+" in "+p.Environment, "%s names the image of %s by a tag, and no task tells which image that is", td.Ref(), container)
		e.Remedy = pin
		return "", e
	}
	return digest, nil
}

// repositoryOf is a reference without its tag.
func repositoryOf(image string) string {
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i]
	}
	return image
}

func tagOf(image string) string {
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') && !strings.Contains(image, "@") {
		return image[i+1:]
	}
	return ""
}

// taggableImage is a text as the tag of an image may be, or "".
func taggableImage(s string) string {
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", r) {
			return ""
		}
	}
	return strings.TrimLeft(s[:min(len(s), 128)], "-.")
}

// digestOf is the digest of a pinned reference; "" for an image's id, which is
// no registry's.
func digestOf(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}

// checkPromotion says what stands against a promotion.
func (p *Plan) checkPromotion(ctx context.Context, b Planner) ([]backend.Finding, error) {
	from := p.Request.Promotion
	if from == nil {
		return nil, nil
	}
	var out []backend.Finding
	if from.Remark != "" {
		out = append(out, backend.Finding{Severity: backend.Warning, Message: backend.Clean(from.Remark), Remedy: "look at what went wrong there, before it comes here"})
	}
	info, err := b.Info(ctx)
	if err != nil {
		return nil, err
	}
	if (from.Backend == "demo") != (info.Backend == "demo") {
		out = append(out, backend.Finding{
			Severity: backend.Problem, Message: "the demo has no images that could be brought elsewhere, or that it could run",
			Remedy: "promote between environments that are on docker or aws",
		})
	}
	return out, nil
}

// promote brings the images here, where they are not yet, instead of building
// and pushing them.
func (r *run) promote(ctx context.Context) bool {
	from := r.plan.Request.Promotion
	for i, src := range r.plan.Request.Images {
		s, ok := r.start(ctx, Copy, src.Container)
		if !ok {
			return false
		}
		if err := r.makeRepository(ctx, src); err != nil {
			return s.fail(ctx, err)
		}
		reference, moved, err := r.copyOne(ctx, src, r.plan.Images[i].Tag)
		switch {
		case r.out.gone:
			return false
		case err != nil:
			return s.fail(ctx, err)
		}
		r.pinned[src.Container] = reference
		summary, skipped := "from "+from.String(), ""
		if !moved {
			summary, skipped = "", "it is there"
		}
		if !s.finish(summary, reference, skipped) {
			return false
		}
	}
	return true
}

// copyOne brings one image here; moved says whether anything had to be.
func (r *run) copyOne(ctx context.Context, src ImageSource, tag string) (reference string, moved bool, err error) {
	from := r.plan.Request.Promotion
	image := from.Images[src.Container]
	copier, ok := r.b.(backend.Copier)
	if !ok {
		return "", false, backend.Errorf("Copy", backend.Unsupported, src.Repository, "images can't be copied to this backend")
	}
	auth, err := from.Auth(ctx, image)
	if err != nil {
		return "", false, err
	}
	for ev, err := range copier.Copy(ctx, backend.CopyRequest{Image: image, Auth: auth, Repository: src.Repository, Tags: []string{tag}}) {
		if err != nil {
			return "", moved, err
		}
		switch e := ev.(type) {
		case backend.PushDone:
			reference = e.Reference
		default:
			moved = true
		}
		if !r.out.emit(PushProgress{src.Container, ev}) {
			return "", moved, nil
		}
	}
	if want, got := digestOf(image), digestOf(reference); reference == "" || want != "" && got != "" && want != got {
		return "", moved, &backend.Error{Op: "Copy", Kind: backend.KindOf(ctx.Err()), Resource: src.Repository, Err: fmt.Errorf("the copy of %s ended as %q", image, reference)}
	}
	return reference, moved, nil
}
