package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ImagePruner is what [PlanImages] and [PruneImages] work on.
type ImagePruner interface {
	backend.Images
	backend.Repositories
	Unsupported(c backend.Capability) string
}

// PrunePlan says which images go and which stay, before anything is touched.
type PrunePlan struct {
	Keep  int
	Parts []PrunePart // by repository
}

// PrunePart is the plan for one repository of a registry, or, with "", for the
// store of an engine.
type PrunePart struct {
	Repository string
	backend.Prune
}

// Going counts the images that go.
func (p *PrunePlan) Going() int {
	n := 0
	for _, part := range p.Parts {
		n += len(part.Images)
	}
	return n
}

// Staying counts those that stay.
func (p *PrunePlan) Staying() int {
	n := 0
	for _, part := range p.Parts {
		n += len(part.Kept)
	}
	return n
}

// Frees is how many bytes that gives back.
func (p *PrunePlan) Frees() int64 {
	n := int64(0)
	for _, part := range p.Parts {
		n += part.Prune.Frees
	}
	return n
}

// repositoriesAtOnce is how many repositories are looked through at a time.
const repositoriesAtOnce = 4

// PlanImages plans to keep the newest images of each repository and all that
// something needs, and to delete the others. Without repositories it is about
// all of them. An engine has one store and no registry: there only what this
// program built, and what has no name, can go, and the newest of each name stay.
func PlanImages(ctx context.Context, b ImagePruner, repositories []string, keep int) (*PrunePlan, error) {
	const op = "PlanImages"
	if keep < 1 {
		return nil, backend.Errorf(op, backend.Invalid, "keep", "is %d, should be at least 1", keep)
	}
	if b.Unsupported(backend.CanRepositories) != "" {
		return planStore(ctx, b, repositories, keep)
	}
	if len(repositories) == 0 {
		for r, err := range backend.All(ctx, b.ListRepositories) {
			if err != nil {
				return nil, err
			}
			repositories = append(repositories, r.Name)
		}
	}
	parts := make([]PrunePart, len(repositories))
	one := func(i int) error {
		plan, err := b.PlanRepositoryPrune(ctx, repositories[i], keep)
		parts[i] = PrunePart{repositories[i], plan}
		return err
	}
	if len(parts) > 0 {
		if err := one(0); err != nil { // who uses what is found out once, for all of them
			return nil, err
		}
	}
	if err := several(1, len(parts), one); err != nil {
		return nil, err
	}
	slices.SortFunc(parts, func(a, b PrunePart) int { return strings.Compare(a.Repository, b.Repository) })
	return &PrunePlan{keep, parts}, nil
}

// several does something for each number, a few at a time, and gives the errors.
func several(from, to int, do func(int) error) error {
	errs := make([]error, max(0, to-from))
	slots := make(chan struct{}, repositoriesAtOnce)
	var wg sync.WaitGroup
	for i := range errs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(from + i)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// planStore is the plan for an engine's own store.
func planStore(ctx context.Context, b ImagePruner, repositories []string, keep int) (*PrunePlan, error) {
	plan, err := b.PlanPrune(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(plan.Images, func(a, b backend.Image) int { return b.CreatedAt.Compare(a.CreatedAt) })
	part := PrunePart{}
	if part.Kept, err = stayInStore(ctx, b, repositories, plan.Images); err != nil {
		return nil, err
	}
	newest := map[string]int{}
	for _, img := range plan.Images {
		if len(repositories) > 0 && !InRepositories(img, repositories) {
			continue
		}
		why := ""
		for _, tag := range img.Tags {
			name := repositoryOfTag(tag)
			if newest[name]++; newest[name] <= keep {
				why = fmt.Sprintf("one of the newest %d of %s", keep, name)
			}
		}
		if why != "" {
			part.Kept = append(part.Kept, backend.KeptImage{Image: img, Why: why})
			continue
		}
		part.Images = append(part.Images, img)
		part.Prune.Frees += img.Size
	}
	if len(part.Images) == len(plan.Images) {
		part.Prune.Frees = plan.Frees // layers that they share counted once
	} else {
		part.Prune.Frees = min(part.Prune.Frees, plan.Frees)
	}
	return &PrunePlan{keep, []PrunePart{part}}, nil
}

// stayInStore are the images that an engine's own plan leaves out, and why.
func stayInStore(ctx context.Context, b backend.Images, repositories []string, going []backend.Image) ([]backend.KeptImage, error) {
	var kept []backend.KeptImage
	for img, err := range backend.All(ctx, b.ListImages) {
		switch {
		case err != nil:
			return nil, err
		case len(repositories) > 0 && !InRepositories(img, repositories),
			slices.ContainsFunc(going, func(g backend.Image) bool { return g.ID == img.ID }):
		case len(img.UsedBy) > 0:
			kept = append(kept, backend.KeptImage{Image: img, Why: "used by " + img.UsedBy[0].String()})
		default:
			kept = append(kept, backend.KeptImage{Image: img, Why: "not built by ecs-tui"})
		}
	}
	return kept, nil
}

// InRepositories says whether one of an image's tags is of one of these.
func InRepositories(img backend.Image, repositories []string) bool {
	return slices.ContainsFunc(img.Tags, func(tag string) bool { return slices.Contains(repositories, repositoryOfTag(tag)) })
}

func repositoryOfTag(tag string) string { return tag[:max(0, strings.LastIndexByte(tag, ':'))] }

// ImageProgress is how far [PruneImages] is.
type ImageProgress struct {
	At          string // the image that is worked on
	Done, Total int    // images deleted, of those that were to go
	Freed       int64
	Kept        int // in use since the plan was made
}

// imagesAtOnce is how many images go between two looks at how far it is.
const imagesAtOnce = 100

// PruneImages carries a plan out. What came into use since stays.
func PruneImages(ctx context.Context, b backend.Images, plan *PrunePlan) iter.Seq2[ImageProgress, error] {
	return func(yield func(ImageProgress, error) bool) {
		at := ImageProgress{Total: plan.Going()}
		for _, part := range plan.Parts {
			for images := range slices.Chunk(part.Images, imagesAtOnce) {
				some := backend.Prune{Images: images}
				if len(images) == len(part.Images) {
					some.Frees = part.Prune.Frees
				}
				at.At = images[0].Name()
				done, err := b.PruneImages(ctx, some)
				at.Done += len(done.Images)
				at.Freed += done.Frees
				if err == nil {
					at.Kept += len(images) - len(done.Images)
				}
				if !yield(at, err) || err != nil {
					return
				}
			}
		}
	}
}

// WriteText writes the plan for a person. size writes bytes.
func (p *PrunePlan) WriteText(w io.Writer, size func(int64) string) error {
	var out strings.Builder
	for _, part := range p.Parts {
		title := cmp.Or(part.Repository, "The engine's images")
		if len(part.Images) == 0 {
			fmt.Fprintf(&out, "%s: nothing goes, %d stay\n", title, len(part.Kept))
		} else {
			fmt.Fprintf(&out, "%s: %d go, which frees %s, and %d stay\n", title, len(part.Images), size(part.Prune.Frees), len(part.Kept))
		}
		for _, img := range part.Images {
			fmt.Fprintf(&out, "  - %s  %s\n", ImageName(img), size(img.Size))
		}
		for _, img := range part.Kept {
			fmt.Fprintf(&out, "    %s  %s\n", ImageName(img.Image), img.Why)
		}
	}
	if len(p.Parts) != 1 {
		fmt.Fprintf(&out, "Together %d of %d go, which frees %s.\n", p.Going(), p.Going()+p.Staying(), size(p.Frees()))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// ImageName is an image's tags, or the start of its digest.
func ImageName(img backend.Image) string {
	if len(img.Tags) == 0 {
		return img.Name() + " (untagged)"
	}
	return strings.Join(img.Tags, ", ")
}
