package demo

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// image is one image of the demo's store.
type image struct {
	view   backend.Image // UsedBy is filled in when it is read
	layers []backend.Layer
	cmd    []string
	port   string
	marks  string // words from its Dockerfile that foretell a fate

	repository      string    // it was pushed to last
	scanned, pulled time.Time // when a scan was begun, when it was deployed
}

// splitRef takes a reference apart: repository, and tag or digest.
func splitRef(ref string) (repository, rest string) {
	if repo, digest, ok := strings.Cut(ref, "@"); ok {
		return repo, digest
	}
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		return ref[:i], ref[i+1:]
	}
	return ref, "latest"
}

// findImage gives an image by id, by a prefix of it, by repository@digest, or
// by tag.
func (b *Backend) findImage(ref string) *image {
	if i := b.images[ref]; i != nil {
		return i
	}
	repo, rest := splitRef(ref)
	for _, i := range b.images {
		switch {
		case slices.Contains(i.view.Tags, ref), slices.Contains(i.view.Tags, repo+":"+rest):
			return i
		case strings.Contains(ref, "@") && i.view.Digest == rest:
			return i
		}
	}
	id := "sha256:" + strings.TrimPrefix(ref, "sha256:")
	if len(id) >= 7+6 {
		for _, i := range b.images {
			if strings.HasPrefix(i.view.ID, id) {
				return i
			}
		}
	}
	return nil
}

// resolve gives the digest that a task definition's image stands for. An image
// of a repository that the demo has never heard of is believed to exist, with
// a digest of its own; a tag that is missing in a known one is not.
func (b *Backend) resolve(ref string) (digest string, known bool) {
	if i := b.findImage(ref); i != nil {
		return i.view.ID, true
	}
	repo, rest := splitRef(ref)
	if strings.HasPrefix(ref, "sha256:") {
		return "", false
	}
	for _, i := range b.images {
		for _, tag := range i.view.Tags {
			if r, _ := splitRef(tag); r == repo && len(foretold(rest)) == 0 {
				return "", false
			}
		}
	}
	return "sha256:" + fingerprint(ref), true
}

// foretold are the words of text that stand for a fate.
func foretold(text string) []string {
	var out []string
	known := fates()
	for _, w := range words(text) {
		if _, ok := known[w]; ok {
			out = append(out, w)
		}
	}
	return out
}

// imageWords is what an image says about the fate of its tasks: its tag, those
// it was built with, and its Dockerfile.
func (b *Backend) imageWords(ref string) string {
	_, tag := splitRef(ref)
	if i := b.findImage(ref); i != nil {
		for _, t := range i.view.Tags {
			_, rest := splitRef(t)
			tag += " " + rest
		}
		tag += " " + i.marks
	}
	return tag
}

func (b *Backend) imagesOf(td backend.TaskDefinition) []backend.ContainerImage {
	var out []backend.ContainerImage
	for _, c := range td.Containers {
		digest, _ := b.resolve(c.Image)
		out = append(out, backend.ContainerImage{Container: c.Name, Image: c.Image, Digest: digest})
	}
	return out
}

// uses finds who needs which image: services by their current task definition,
// and everything that runs.
func (b *Backend) uses() map[*image][]backend.ImageUse {
	out := map[*image][]backend.ImageUse{}
	type key struct {
		img          *image
		service, ref string
	}
	running := map[key]int{}
	cache := map[string]*image{}
	find := func(ref string) *image {
		i, ok := cache[ref]
		if !ok {
			i = b.findImage(ref)
			cache[ref] = i
		}
		return i
	}
	for _, t := range b.tasks {
		if t.view.LastStatus == backend.TaskStopped {
			continue
		}
		for _, c := range t.view.Containers {
			if i := find(c.Image); i != nil {
				running[key{i, t.view.Service, t.rev.td.Ref()}]++
			}
		}
	}
	for _, s := range b.order {
		rev := b.findRevision(s.rec.TaskDefinition)
		if s.rec.Status != "ACTIVE" || rev == nil {
			continue
		}
		for _, c := range rev.td.Containers {
			if i := find(c.Image); i != nil {
				running[key{i, s.rec.Name, rev.td.Ref()}] += 0
			}
		}
	}
	for k, n := range running {
		out[k.img] = append(out[k.img], backend.ImageUse{Service: k.service, TaskDefinition: k.ref, Running: n})
	}
	for _, all := range out {
		sort.Slice(all, func(i, j int) bool {
			return all[i].Service+all[i].TaskDefinition < all[j].Service+all[j].TaskDefinition
		})
	}
	return out
}

func (i *image) read(uses map[*image][]backend.ImageUse) backend.Image {
	v := i.view
	v.Tags = slices.Clone(v.Tags)
	v.UsedBy = uses[i]
	return v
}

func (b *Backend) sortedImages() []*image {
	all := make([]*image, 0, len(b.images))
	for _, i := range b.images {
		all = append(all, i)
	}
	sort.Slice(all, func(i, j int) bool {
		x, y := all[i].view, all[j].view
		if !x.CreatedAt.Equal(y.CreatedAt) {
			return x.CreatedAt.After(y.CreatedAt)
		}
		return x.ID < y.ID
	})
	return all
}

// ListImages gives the images, newest first.
func (b *Backend) ListImages(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
	const op = "ListImages"
	if err := ended(ctx, op); err != nil {
		return backend.Page[backend.Image]{}, err
	}
	b.lock()
	defer b.unlock()
	uses := b.uses()
	var all []backend.Image
	for _, i := range b.sortedImages() {
		all = append(all, i.read(uses))
	}
	return page(op, all, p)
}

func unknownImage(op, ref string) error {
	return backend.Errorf(op, backend.NotFound, backend.Clean(ref), "no such image")
}

// DescribeImage gives an image with its layers.
func (b *Backend) DescribeImage(ctx context.Context, ref string) (backend.ImageDetail, error) {
	const op = "DescribeImage"
	if err := ended(ctx, op); err != nil {
		return backend.ImageDetail{}, err
	}
	b.lock()
	defer b.unlock()
	i := b.findImage(ref)
	if i == nil {
		return backend.ImageDetail{}, unknownImage(op, ref)
	}
	d := backend.ImageDetail{
		Image: i.read(b.uses()), Cmd: i.cmd, User: "app", WorkDir: "/app", Layers: slices.Clone(i.layers),
	}
	if i.port != "" {
		d.Exposed = []string{i.port + "/tcp"}
	}
	d.Document = b.imageDocument(i, d)
	return d, nil
}

// TagImage gives an image one more tag, taking it from the image that had it.
func (b *Backend) TagImage(ctx context.Context, ref, tag string) error {
	const op = "TagImage"
	if err := ended(ctx, op); err != nil {
		return err
	}
	b.lock()
	defer b.unlock()
	i := b.findImage(ref)
	if i == nil {
		return unknownImage(op, ref)
	}
	repo, rest := splitRef(backend.Clean(tag))
	if repo == "" || rest == "" || strings.ContainsAny(tag, " @") || tag != strings.ToLower(repo)+":"+rest && tag != repo {
		return backend.Errorf(op, backend.Invalid, backend.Clean(tag), "is no image tag; write it as repository:tag")
	}
	b.tag(i, repo+":"+rest)
	b.changed = true
	return nil
}

func (b *Backend) tag(i *image, tag string) {
	for _, other := range b.images {
		other.view.Tags = slices.DeleteFunc(other.view.Tags, func(t string) bool { return t == tag })
	}
	i.view.Tags = append(i.view.Tags, tag)
}

// RemoveImage removes one tag, or an image by its id.
func (b *Backend) RemoveImage(ctx context.Context, ref string) error {
	const op = "RemoveImage"
	if err := ended(ctx, op); err != nil {
		return err
	}
	b.lock()
	defer b.unlock()
	i := b.findImage(ref)
	if i == nil {
		return unknownImage(op, ref)
	}
	repo, rest := splitRef(ref)
	at := slices.Index(i.view.Tags, repo+":"+rest)
	last := at < 0 || len(i.view.Tags) == 1
	if used := b.uses()[i]; last && len(used) > 0 {
		by := used[0].TaskDefinition
		if used[0].Service != "" {
			by = used[0].Service + " (" + by + ")"
		}
		return &backend.Error{
			Op: op, Kind: backend.Conflict, Resource: backend.Clean(ref),
			Err: fmt.Errorf("the image is used by %s", by), Remedy: "deploy another version first, or stop its tasks",
		}
	}
	if repo, _, byDigest := strings.Cut(ref, "@"); byDigest {
		b.removePushed(i, repo)
	} else if last {
		delete(b.images, i.view.ID)
	} else {
		i.view.Tags = slices.Delete(i.view.Tags, at, at+1)
	}
	b.changed = true
	return nil
}

// PlanPrune gives the images that nobody uses.
func (b *Backend) PlanPrune(ctx context.Context) (backend.Prune, error) {
	if err := ended(ctx, "PlanPrune"); err != nil {
		return backend.Prune{}, err
	}
	b.lock()
	defer b.unlock()
	uses := b.uses()
	var p backend.Prune
	for _, i := range b.sortedImages() {
		if len(uses[i]) == 0 {
			p.Images = append(p.Images, i.read(uses))
			p.Frees += i.view.Size
		}
	}
	return p, nil
}

// PruneImages removes what was planned and is still unused.
func (b *Backend) PruneImages(ctx context.Context, plan backend.Prune) (backend.Prune, error) {
	if err := ended(ctx, "PruneImages"); err != nil {
		return backend.Prune{}, err
	}
	b.lock()
	defer b.unlock()
	uses := b.uses()
	var done backend.Prune
	for _, p := range plan.Images {
		i := b.images[p.ID]
		if i == nil || len(uses[i]) > 0 {
			continue
		}
		done.Images = append(done.Images, i.read(uses))
		done.Frees += i.view.Size
		delete(b.images, p.ID)
	}
	b.changed = true
	return done, nil
}
