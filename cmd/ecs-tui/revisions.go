package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// revisionsOptions are those of `ecs-tui revisions` and what is below it.
type revisionsOptions struct {
	*factory
	Family string
	Last   int
	Keep   int
}

func newRevisionsCmd(f *factory) *cobra.Command {
	o := &revisionsOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "revisions [FAMILY]",
		Short: "Revisions of a task definition: list, compare, delete old ones",
		Long: "Lists the revisions of a family, the app's where none is named, with who uses them; without an app, the families. " +
			"What is below it compares two of them, and deletes those that are old and unused.",
		Example: "ecs-tui revisions web\necs-tui revisions diff web:14 web:15\necs-tui revisions prune web --keep 10",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Family = argOr(args, 0, "")
			return runRevisions(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.Last, "last", 20, "how many of the newest to list; 0 for all")
	cmd.AddCommand(newRevisionsDiffCmd(f), newRevisionsPruneCmd(f))
	return cmd
}

// inFamily opens the backend that is named, does something with the family to
// work on, and closes it again.
func (o *revisionsOptions) inFamily(ctx context.Context, do func(s *session, family string) error) error {
	s, err := o.openNoted(ctx, "")
	if err != nil {
		return err
	}
	defer s.backend.Close()
	family, err := o.family(s)
	if err != nil {
		return err
	}
	return do(s, family)
}

// family is the family to work on: the one that was named, else the app's, or
// "" where there is neither.
func (o *revisionsOptions) family(s *session) (string, error) {
	if o.Family != "" || s.cfg.App == nil {
		return o.Family, nil
	}
	docs, err := s.documents()
	if err != nil {
		return "", err
	}
	return docs.Definition.Family, nil
}

func runRevisions(ctx context.Context, o *revisionsOptions) error {
	return o.inFamily(ctx, func(s *session, family string) error { return o.list(ctx, s, family) })
}

func (o *revisionsOptions) list(ctx context.Context, s *session, family string) error {
	if family == "" {
		return listFamilies(ctx, s)
	}
	found, err := o.revisions(ctx, s, family)
	if err != nil {
		return err
	}
	if o.flags.json() {
		return printJSON(o.io.Out, found)
	}
	var rows [][]string
	for _, r := range found {
		rows = append(rows, []string{r.Ref, r.Status, ago(o.clock.Now(), r.RegisteredAt), cmp.Or(deploy.DescribeUses(r.uses), "–")})
	}
	return printTable(o.io.Out, []string{"REVISION", "STATUS", "REGISTERED", "USED BY"}, nil, rows)
}

func listFamilies(ctx context.Context, s *session) error {
	families := []string{}
	for family, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return s.backend.ListFamilies(ctx, backend.AnyDefinition, p)
	}) {
		if err != nil {
			return err
		}
		families = append(families, family)
	}
	if s.flags.json() {
		return printJSON(s.io.Out, families)
	}
	for _, family := range families {
		fmt.Fprintln(s.io.Out, family)
	}
	return nil
}

// revisionSummary is a revision in `revisions -o json`.
type revisionSummary struct {
	Ref          string            `json:"taskDefinition"`
	ARN          string            `json:"arn"`
	Status       string            `json:"status"`
	RegisteredAt time.Time         `json:"registeredAt"`
	UsedBy       []revisionUseJSON `json:"usedBy"`

	uses []deploy.RevisionUse
}

type revisionUseJSON struct {
	Cluster  string `json:"cluster"`
	Service  string `json:"service,omitempty"`
	Running  int    `json:"running"`
	Schedule string `json:"schedule,omitempty"`
}

// revisions reads the newest revisions of a family, those that are ACTIVE
// first, and who uses them.
func (o *revisionsOptions) revisions(ctx context.Context, s *session, family string) ([]revisionSummary, error) {
	var uses deploy.Uses
	for found, err := range deploy.ReadUses(ctx, s.backend, family, s.cfg.Cluster, 0) {
		if err != nil {
			return nil, err
		}
		uses = found.Uses
	}
	out := []revisionSummary{}
	for _, status := range []string{backend.ActiveDefinition, backend.InactiveDefinition, backend.DeletingDefinition} {
		for arn, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return s.backend.ListTaskDefinitions(ctx, family, status, p)
		}) {
			if err != nil {
				return nil, err
			}
			if o.Last > 0 && len(out) == o.Last {
				return out, nil
			}
			td, err := s.backend.DescribeTaskDefinition(ctx, arn)
			if err != nil {
				return nil, err
			}
			r := revisionSummary{Ref: td.Ref(), ARN: td.ARN, Status: td.Status, RegisteredAt: td.RegisteredAt, UsedBy: []revisionUseJSON{}, uses: uses[td.Ref()]}
			for _, u := range r.uses {
				r.UsedBy = append(r.UsedBy, revisionUseJSON(u))
			}
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		e := backend.Errorf("ListTaskDefinitions", backend.NotFound, family, "there is no revision of this family")
		e.Remedy = "ecs-tui revisions, in a folder without an app, lists the families"
		return nil, e
	}
	return out, nil
}

func newRevisionsDiffCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "diff FROM TO",
		Short: "What is different between two revisions (family:revision)",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("revisions diff takes two revisions, such as web:14 web:15")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRevisionsDiff(cmd.Context(), f, args[0], args[1])
		},
	}
}

func runRevisionsDiff(ctx context.Context, f *factory, from, to string) error {
	s, err := f.openNoted(ctx, "")
	if err != nil {
		return err
	}
	defer s.backend.Close()
	a, err := s.backend.DescribeTaskDefinition(ctx, from)
	if err != nil {
		return err
	}
	b, err := s.backend.DescribeTaskDefinition(ctx, to)
	if err != nil {
		return err
	}
	changes := deploy.CompareDefinitions(a, b)
	if f.flags.json() {
		return printJSON(f.io.Out, changeDocuments(changes))
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintf(f.io.Out, "%s and %s say the same\n", a.Ref(), b.Ref())
		return err
	}
	fmt.Fprintf(f.io.Out, "%s → %s\n", a.Ref(), b.Ref())
	return deploy.WriteChanges(f.io.Out, changes)
}

func newRevisionsPruneCmd(f *factory) *cobra.Command {
	o := &revisionsOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "prune [FAMILY]",
		Short: "Deregister and delete old revisions: keeps the newest, and all in use",
		Long: "Shows which revisions of a family go and which stay, asks, then deregisters and deletes those that go. " +
			"The newest stay, and so does every one that a service or a task of any cluster needs.",
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Family = argOr(args, 0, "")
			return runRevisionsPrune(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.Keep, "keep", 10, "how many of the newest stay")
	return cmd
}

func runRevisionsPrune(ctx context.Context, o *revisionsOptions) error {
	if o.Keep < 1 {
		return usagef("--keep is %d, should be at least 1", o.Keep)
	}
	return o.inFamily(ctx, func(s *session, family string) error { return o.pruneFamily(ctx, s, family) })
}

// pruneFamily shows what would go, asks, and does it.
func (o *revisionsOptions) pruneFamily(ctx context.Context, s *session, family string) error {
	if family == "" {
		return advise(usagef("which family?"), "name it: ecs-tui revisions prune FAMILY; ecs-tui revisions lists them")
	}
	plan, err := deploy.PlanRevisions(ctx, s.backend, family, o.Keep)
	if err != nil {
		return err
	}
	if !o.flags.json() {
		if err := plan.WriteText(o.io.Out); err != nil {
			return err
		}
	}
	if len(plan.Going) > 0 {
		question := fmt.Sprintf("Delete %s of %s on %s?", plural(len(plan.Going), "revision"), family, s.cfg.Backend)
		if err := s.confirm(ctx, question, s.typedName()); err != nil {
			return err
		}
	}
	return o.prune(ctx, s, plan)
}

// prune carries a plan out; on a terminal its progress is told.
func (o *revisionsOptions) prune(ctx context.Context, s *session, plan *deploy.RevisionPlan) error {
	done := deploy.PruneProgress{}
	for at, err := range deploy.PruneRevisions(ctx, s.backend, plan) {
		if err != nil {
			return fmt.Errorf("%d of %d deleted: %w", done.Done, len(plan.Going), err)
		}
		if at.Done > done.Done && o.io.ErrTTY {
			fmt.Fprintf(o.io.Err, "deleted %d of %d\n", at.Done, at.Total)
		}
		done = at
	}
	if o.flags.json() {
		return printJSON(o.io.Out, map[string]any{"family": plan.Family, "deleted": done.Done, "kept": len(plan.Staying) + len(done.Kept)})
	}
	_, err := fmt.Fprintf(o.io.Out, "deleted %s of %s; %d stay\n", plural(done.Done, "revision"), plan.Family, len(plan.Staying)+len(done.Kept))
	return err
}
