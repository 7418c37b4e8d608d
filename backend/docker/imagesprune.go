package docker

import (
	"context"
	"slices"

	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/ecs-tui/ecs-tui/backend"
)

// PlanPrune names the images that nothing uses and that are ours to remove:
// those that this program built, and those without a name. Base images and
// what others have loaded or built stay, however unused they look.
func (e *Engine) PlanPrune(ctx context.Context) (backend.Prune, error) {
	const op = "PlanPrune"
	all, err := e.images(ctx)
	if err != nil {
		return backend.Prune{}, wrap(op, "", err)
	}
	list, err := e.client.ImageList(ctx, client.ImageListOptions{Filters: client.Filters{}.Add("label", LabelApp)})
	if err != nil {
		return backend.Prune{}, wrap(op, "", err)
	}
	ours := map[string]bool{}
	for _, s := range list.Items {
		ours[s.ID] = true
	}
	var plan backend.Prune
	for _, img := range all {
		if len(img.UsedBy) == 0 && (ours[img.ID] || len(img.Tags) == 0) {
			plan.Images = append(plan.Images, img)
		}
	}
	plan.Frees, err = e.frees(ctx, all, plan.Images)
	return plan, wrap(op, "", err)
}

// PruneImages removes a plan's images, except those that are used by now.
func (e *Engine) PruneImages(ctx context.Context, p backend.Prune) (backend.Prune, error) {
	const op = "PruneImages"
	all, err := e.images(ctx)
	if err != nil {
		return backend.Prune{}, wrap(op, "", err)
	}
	var unused []backend.Image
	for _, img := range all {
		if len(img.UsedBy) == 0 && slices.ContainsFunc(p.Images, func(i backend.Image) bool { return i.ID == img.ID }) {
			unused = append(unused, img)
		}
	}
	sizes, err := e.frees(ctx, all, unused)
	if err != nil {
		return backend.Prune{}, wrap(op, "", err)
	}
	done := backend.Prune{Frees: sizes}
	for _, img := range unused {
		err := e.removeAll(ctx, img.ID, img.Tags)
		switch {
		case err == nil:
			done.Images = append(done.Images, img)
		case gone(err): // in use since, or removed already
			e.log.Info("image not pruned", "image", img.ID, "err", err)
		default:
			return done, wrap(op, img.ID, err)
		}
	}
	if len(done.Images) < len(unused) {
		done.Frees, err = 0, nil // what has gone can no longer be measured exactly: count what was its own
		for _, img := range done.Images {
			done.Frees += img.Size
		}
		done.Frees = min(done.Frees, sizes)
	}
	return done, err
}

// imageLayers are the layers of an image, each named by all that lies below it
// too, as the engine stores them, and their sizes where they can be told.
type imageLayers struct {
	chain []string
	sizes []int64 // nil where unknown
}

// frees adds up what removing the images gives back: each layer once, and only
// those that no image that stays has too. Where an image does not tell its
// layers' sizes it counts only if it shares none, so that the sum promises
// less rather than more.
func (e *Engine) frees(ctx context.Context, all, going []backend.Image) (int64, error) {
	parts := make([]imageLayers, len(all))
	leaving := map[string]bool{}
	for _, img := range going {
		leaving[img.ID] = true
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, img := range all {
		group.Go(func() error {
			var err error
			parts[i], err = e.layersOf(gctx, img.ID, leaving[img.ID])
			if err != nil && gone(err) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	kept := map[string]bool{}
	for i, img := range all {
		if !leaving[img.ID] {
			for _, layer := range parts[i].chain {
				kept[layer] = true
			}
		}
	}
	sum := int64(0)
	for i, img := range all {
		if !leaving[img.ID] {
			continue
		}
		if parts[i].sizes == nil && !slices.ContainsFunc(parts[i].chain, func(l string) bool { return kept[l] }) {
			sum += img.Size
		}
		for n, layer := range parts[i].chain {
			if parts[i].sizes != nil && !kept[layer] {
				sum += parts[i].sizes[n]
			}
			kept[layer] = true // counted once
		}
	}
	return sum, nil
}

func (e *Engine) layersOf(ctx context.Context, id string, sizes bool) (imageLayers, error) {
	img, err := e.client.ImageInspect(ctx, id)
	if err != nil {
		return imageLayers{}, err
	}
	var out imageLayers
	below := ""
	for _, diff := range img.RootFS.Layers {
		below += diff + " "
		out.chain = append(out.chain, below)
	}
	if !sizes {
		return out, nil
	}
	history, err := e.client.ImageHistory(ctx, id)
	if err != nil {
		return out, err
	}
	for _, l := range layers(history.Items) {
		if !l.Empty {
			out.sizes = append(out.sizes, l.Size)
		}
	}
	if len(out.sizes) != len(out.chain) {
		out.sizes = nil
	}
	return out, nil
}
