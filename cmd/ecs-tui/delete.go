package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// deleteOptions are those of `ecs-tui delete`.
type deleteOptions struct {
	*factory
	Dir        string
	KeepImages bool
	DryRun     bool
}

func newDeleteCmd(f *factory) *cobra.Command {
	o := &deleteOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "delete [DIR]",
		Short: "Delete a service and everything that its app made, after showing the list",
		Long: "Shows what goes and what stays, each with its reason, asks once, and deletes: the service with its tasks, the app's schedules, " +
			"its scalable target, the revisions that it registered, and its images. What others use or made stays. " +
			"Cut off in the middle, it can be run again for what is left.",
		Example: "ecs-tui delete --dry-run\necs-tui delete --service web --keep-images",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runDelete(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.KeepImages, "keep-images", false, "leave images and repositories")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only show what would go")
	return cmd
}

func runDelete(ctx context.Context, o *deleteOptions) error {
	return o.inCluster(ctx, o.Dir, func(s *session, cluster string) error {
		req, err := s.removal(cluster)
		if err != nil {
			return err
		}
		req.KeepImages = o.KeepImages
		plan, err := deploy.PlanRemoval(ctx, s.backend, req)
		if err != nil {
			return err
		}
		if !o.flags.json() {
			if err := plan.WriteText(o.io.Out); err != nil {
				return err
			}
		}
		if o.DryRun {
			return o.outcome(plan, deploy.RemovalProgress{}, false)
		}
		what := req.Service
		if what == "" {
			what = req.App
		}
		if err := s.confirm(ctx, fmt.Sprintf("Delete %s of %s on %s?", plural(len(plan.Going), "thing"), what, s.where(cluster)), s.typedName()); err != nil {
			return err
		}
		return o.carryOut(ctx, s, plan)
	})
}

// removal says what is to be removed: what was named, or all of the app.
func (s *session) removal(cluster string) (deploy.RemovalRequest, error) {
	req := deploy.RemovalRequest{Cluster: cluster, Service: s.cfg.Service}
	app := s.cfg.App
	if app == nil {
		var err error
		req.Service, err = s.service()
		return req, err
	}
	docs, err := s.documents()
	if err != nil && req.Service == "" {
		return req, err
	}
	if err != nil || docs.Spec != nil && req.Service != "" && req.Service != docs.Spec.Name {
		return req, nil // of a service that is not the app's, only its revisions say whose it is
	}
	req.App, req.Family = app.Name, docs.Definition.Family
	if req.Service == "" && docs.Spec != nil {
		req.Service = docs.Spec.Name
	}
	for _, image := range imageSources(app, "") {
		req.Repositories = append(req.Repositories, image.Repository)
	}
	return req, nil
}

// carryOut deletes what a plan says, and tells how far it came.
func (o *deleteOptions) carryOut(ctx context.Context, s *session, plan *deploy.Removal) error {
	var at deploy.RemovalProgress
	for step, err := range deploy.Remove(ctx, s.backend, plan, deploy.Options{Clock: o.clock}) {
		at = step
		if err != nil {
			if o.flags.json() {
				_ = o.outcome(plan, at, true)
			}
			left := len(plan.Left(at))
			return fmt.Errorf("%d of %s deleted, %d left (run it again to go on): %w", at.Done, plural(at.Total, "thing"), left, err)
		}
		if o.io.ErrTTY && at.Done < at.Total {
			fmt.Fprintf(o.io.Err, "deleting %s %s\n", at.Item.Kind, at.Item.Name)
		}
	}
	return o.outcome(plan, at, true)
}

// outcome tells what was deleted.
func (o *deleteOptions) outcome(plan *deploy.Removal, at deploy.RemovalProgress, done bool) error {
	if o.flags.json() {
		return printJSON(o.io.Out, removalOf(plan, at, done))
	}
	if !done {
		return nil
	}
	for _, k := range at.Kept {
		fmt.Fprintf(o.io.Out, "%s %s stays: %s\n", k.Kind, k.Name, k.Why)
	}
	text := plural(at.Done, "thing") + " deleted"
	if plan.Service != nil {
		text = "service " + plan.Service.Name + " is deleted; " + text + " in all"
	}
	_, err := fmt.Fprintln(o.io.Out, text)
	return err
}

// The document of `delete -o json`.
type (
	removalDocument struct {
		Cluster string        `json:"cluster"`
		App     string        `json:"app,omitempty"`
		Service string        `json:"service,omitempty"`
		Deleted int           `json:"deleted"`
		Going   []removalItem `json:"going"`
		Staying []removalItem `json:"staying"`
		Left    []removalItem `json:"left"` // that should have gone
	}
	removalItem struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
		Note string `json:"note,omitempty"`
		Why  string `json:"why,omitempty"`
	}
)

func removalOf(plan *deploy.Removal, at deploy.RemovalProgress, done bool) removalDocument {
	items := func(all []deploy.RemovalItem) []removalItem {
		out := []removalItem{}
		for _, i := range all {
			out = append(out, removalItem{string(i.Kind), i.Name, i.Note, i.Why})
		}
		return out
	}
	doc := removalDocument{
		Cluster: plan.Request.Cluster, App: plan.Request.App, Service: plan.Request.Service, Deleted: at.Done,
		Going: items(plan.Going), Staying: items(append(plan.Staying, at.Kept...)), Left: []removalItem{},
	}
	if done {
		doc.Left = items(plan.Left(at))
	}
	return doc
}
