package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// imagesOptions are those of `ecs-tui images` and what is below it.
type imagesOptions struct {
	*factory
	Repositories []string
	Last, Keep   int
}

func newImagesCmd(f *factory) *cobra.Command {
	o := &imagesOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "images [REPOSITORY…]",
		Short: "Images in ECR or on the local engine: list, delete old ones",
		Long: "Lists the images of the repositories that are named, or of all, newest first, with who uses them: those of ECR on AWS, " +
			"those of the engine's store locally. What is below it deletes those that are old and unused.",
		Example: "ecs-tui images shop/web\necs-tui images prune --keep 10\necs-tui images prune shop/web shop/api --keep 3 -y",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Repositories = args
			return o.inBackend(cmd.Context(), func(s *session) error { return o.list(cmd.Context(), s) })
		},
	}
	cmd.Flags().IntVar(&o.Last, "last", 20, "how many of the newest to list; 0 for all")
	cmd.AddCommand(newImagesPruneCmd(f))
	return cmd
}

func newImagesPruneCmd(f *factory) *cobra.Command {
	o := &imagesOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "prune [REPOSITORY…]",
		Short: "Delete old images: keeps the newest of each repository, and all in use",
		Long: "Shows which images of the repositories that are named, or of all, go and which stay and why, and what that frees; asks; then deletes them. " +
			"The newest of each repository stay, and so does every one that a service or a task of any cluster needs. " +
			"On the local engine only images that ecs-tui built, and those without a name, can go.",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Repositories = args
			if o.Keep < 1 {
				return usagef("--keep is %d, should be at least 1", o.Keep)
			}
			return o.inBackend(cmd.Context(), func(s *session) error { return o.prune(cmd.Context(), s) })
		},
	}
	cmd.Flags().IntVar(&o.Keep, "keep", 10, "how many of the newest stay, in each repository")
	return cmd
}

func (o *imagesOptions) inBackend(ctx context.Context, do func(s *session) error) error {
	s, err := o.openNoted(ctx, "")
	if err != nil {
		return err
	}
	defer s.backend.Close()
	return do(s)
}

// imageSummary is an image in `images -o json`.
type imageSummary struct {
	ID        string         `json:"id"`
	Digest    string         `json:"digest,omitempty"`
	Tags      []string       `json:"tags"`
	Size      int64          `json:"size"`
	CreatedAt time.Time      `json:"createdAt"`
	UsedBy    []imageUseJSON `json:"usedBy"`
}

type imageUseJSON struct {
	Service        string `json:"service,omitempty"`
	TaskDefinition string `json:"taskDefinition,omitempty"`
	Running        int    `json:"running"`
}

func (o *imagesOptions) list(ctx context.Context, s *session) error {
	images, err := o.read(ctx, s)
	if err != nil {
		return err
	}
	slices.SortStableFunc(images, func(a, b backend.Image) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	if o.Last > 0 && len(images) > o.Last {
		images = images[:o.Last]
	}
	if o.flags.json() {
		out := []imageSummary{}
		for _, img := range images {
			sum := imageSummary{ID: img.ID, Digest: img.Digest, Tags: append([]string{}, img.Tags...), Size: img.Size, CreatedAt: img.CreatedAt, UsedBy: []imageUseJSON{}}
			for _, u := range img.UsedBy {
				sum.UsedBy = append(sum.UsedBy, imageUseJSON(u))
			}
			out = append(out, sum)
		}
		return printJSON(o.io.Out, out)
	}
	var rows [][]string
	for _, img := range images {
		use := "–"
		if len(img.UsedBy) > 0 {
			use = img.UsedBy[0].String()
		}
		if more := len(img.UsedBy) - 1; more > 0 {
			use += fmt.Sprintf(" and %d more", more)
		}
		rows = append(rows, []string{deploy.ImageName(img), size(img.Size), ago(o.clock.Now(), img.CreatedAt), use})
	}
	return printTable(o.io.Out, []string{"IMAGE", "SIZE", "CREATED", "USED BY"}, map[int]bool{1: true}, rows)
}

// imagesAgain is how often it is looked whether it is known by now who uses what.
const imagesAgain = time.Second

// read reads the images, and waits until it is known who uses them.
func (o *imagesOptions) read(ctx context.Context, s *session) ([]backend.Image, error) {
	for told := false; ; {
		images, err := o.readOnce(ctx, s)
		if err != nil || !slices.ContainsFunc(images, func(i backend.Image) bool { return i.UsePending }) {
			return images, err
		}
		if !told && o.io.ErrTTY {
			fmt.Fprintln(o.io.Err, "looking through the services of all clusters, to see who uses them …")
		}
		told = true
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-o.clock.After(imagesAgain):
		}
	}
}

func (o *imagesOptions) readOnce(ctx context.Context, s *session) ([]backend.Image, error) {
	if len(o.Repositories) == 0 || s.backend.Unsupported(backend.CanRepositories) != "" {
		var images []backend.Image
		for img, err := range backend.All(ctx, s.backend.ListImages) {
			if err != nil {
				return nil, err
			}
			if len(o.Repositories) == 0 || deploy.InRepositories(img, o.Repositories) {
				images = append(images, img)
			}
		}
		return images, nil
	}
	var images []backend.Image
	for _, name := range o.Repositories {
		for img, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
			return s.backend.ListRepositoryImages(ctx, name, p)
		}) {
			if err != nil {
				return nil, err
			}
			images = append(images, img)
		}
	}
	return images, nil
}

// prune shows what would go, asks, and does it.
func (o *imagesOptions) prune(ctx context.Context, s *session) error {
	plan, err := deploy.PlanImages(ctx, s.backend, o.Repositories, o.Keep)
	if err != nil {
		return err
	}
	if !o.flags.json() {
		if err := plan.WriteText(o.io.Out, size); err != nil {
			return err
		}
	}
	if n := plan.Going(); n > 0 {
		question := fmt.Sprintf("Delete %s on %s, which frees %s?", plural(n, "image"), s.cfg.Backend, size(plan.Frees()))
		if err := s.confirm(ctx, question, s.typedName()); err != nil {
			return err
		}
	}
	done := deploy.ImageProgress{}
	for at, err := range deploy.PruneImages(ctx, s.backend, plan) {
		if err != nil {
			return fmt.Errorf("%d of %d deleted: %w", at.Done, at.Total, err)
		}
		if at.Total > at.Done+at.Kept && o.io.ErrTTY {
			fmt.Fprintf(o.io.Err, "deleted %d of %d\n", at.Done, at.Total)
		}
		done = at
	}
	if o.flags.json() {
		return printJSON(o.io.Out, pruneSummary(plan, done))
	}
	_, err = fmt.Fprintf(o.io.Out, "deleted %s, freed %s; %d stay\n", plural(done.Done, "image"), size(done.Freed), plan.Staying()+done.Kept)
	return err
}

// pruned is the result of `images prune -o json`: what was planned, and how much
// of it was done.
type pruned struct {
	Repositories []prunedRepository `json:"repositories"`
	Deleted      int                `json:"deleted"`
	Freed        int64              `json:"freed"`
	Kept         int                `json:"kept"`
	// InUseNow came into use between the plan and its end.
	InUseNow int `json:"inUseSince"`
}

type prunedRepository struct {
	Repository string        `json:"repository,omitempty"`
	Going      []string      `json:"going"`
	Staying    []prunedStays `json:"staying"`
}

type prunedStays struct {
	Image string `json:"image"`
	Why   string `json:"why"`
}

func pruneSummary(plan *deploy.PrunePlan, done deploy.ImageProgress) pruned {
	out := pruned{Repositories: []prunedRepository{}, Deleted: done.Done, Freed: done.Freed, Kept: plan.Staying() + done.Kept, InUseNow: done.Kept}
	for _, part := range plan.Parts {
		r := prunedRepository{Repository: part.Repository, Going: []string{}, Staying: []prunedStays{}}
		for _, img := range part.Images {
			r.Going = append(r.Going, deploy.ImageName(img))
		}
		for _, img := range part.Kept {
			r.Staying = append(r.Staying, prunedStays{deploy.ImageName(img.Image), img.Why})
		}
		out.Repositories = append(out.Repositories, r)
	}
	return out
}
