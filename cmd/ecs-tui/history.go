package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// historyOptions are those of `ecs-tui history`.
type historyOptions struct {
	*factory
	Dir  string
	Last int
}

func newHistoryCmd(f *factory) *cobra.Command {
	o := &historyOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "history [DIR]",
		Short: "List the deployments of a service: what, when, by whom, and how each ended",
		Long: "Lists the deployments that the backend remembers, newest first. Who registered a revision, from which commit, and " +
			"what it was to change, is kept beside it as tags that begin with ecs-tui:, so that colleagues see it too.",
		Example: "ecs-tui history\necs-tui history --service web --last 50 -o json",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runHistory(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.Last, "last", 20, "how many of the newest to list; 0 for all")
	return cmd
}

func runHistory(ctx context.Context, o *historyOptions) error {
	return o.inService(ctx, o.Dir, func(s *session, service backend.Service, cluster string) error {
		return o.run(ctx, s, service, cluster)
	})
}

func (o *historyOptions) run(ctx context.Context, s *session, service backend.Service, cluster string) error {
	past, err := deploy.History(ctx, s.backend, cluster, service.Name, o.Last)
	if err != nil {
		return err
	}
	if o.flags.json() {
		out := make([]pastJSON, 0, len(past))
		for _, p := range past {
			out = append(out, jsonOf(p))
		}
		return printJSON(o.io.Out, out)
	}
	if len(past) == 0 {
		_, err := fmt.Fprintf(o.io.Out, "%s was never deployed here\n", service.Name)
		return err
	}
	now := o.clock.Now()
	var rows [][]string
	for _, p := range past {
		sign := "✗"
		switch {
		case p.Completed():
			sign = "✓"
		case !p.Status.Ended():
			sign = "◐"
		}
		rows = append(rows, []string{
			sign + " " + pastWord(p), backend.ShortName(p.Target.TaskDefinition), cmp.Or(p.Origin.Commit, "–"), cmp.Or(p.Origin.Deployed(), "–"),
			ago(now, p.CreatedAt), tookOf(p, now), imagesOf(p), cmp.Or(p.Origin.Plan, "–"),
		})
	}
	return printTable(o.io.Out, []string{"  OUTCOME", "REVISION", "COMMIT", "BY", "STARTED", "TOOK", "IMAGE", "PLAN"}, map[int]bool{5: true}, rows)
}

// pastWord is how a deployment ended: one that ECS completed is none where its
// smoke check failed.
func pastWord(p deploy.Past) string {
	if p.Unfit && p.Status == backend.Successful {
		return "smoke check failed"
	}
	return outcomeWord(p.Status)
}

// outcomeWord is ECS's status as a person reads it.
func outcomeWord(s backend.ServiceDeploymentStatus) string {
	return strings.ToLower(strings.ReplaceAll(string(s), "_", " "))
}

// imagesOf names the images; of one that is pinned by its id or digest, as much of
// that as people use.
func imagesOf(p deploy.Past) string {
	all := slices.Sorted(maps.Values(p.Images))
	for i, image := range all {
		if at := strings.LastIndex(image, "sha256:"); at >= 0 {
			all[i] = image[:min(len(image), at+len("sha256:")+12)]
		}
	}
	return strings.Join(all, " ")
}

func tookOf(p deploy.Past, now time.Time) string {
	end, start := p.FinishedAt, p.StartedAt
	if end.IsZero() {
		end = now
	}
	if start.IsZero() {
		start = p.CreatedAt
	}
	return elapsed(end.Sub(start))
}

// pastJSON is a deployment in `history -o json`.
type pastJSON struct {
	ARN            string            `json:"serviceDeploymentArn"`
	Status         string            `json:"status"`
	SmokeFailed    bool              `json:"smokeCheckFailed,omitempty"`
	Reason         string            `json:"reason,omitempty"`
	TaskDefinition string            `json:"taskDefinition"`
	Images         map[string]string `json:"images"`
	Origin         deploy.Origin     `json:"origin"`
	CreatedAt      time.Time         `json:"createdAt"`
	FinishedAt     *time.Time        `json:"finishedAt,omitempty"`
}

func jsonOf(p deploy.Past) pastJSON {
	out := pastJSON{
		ARN: p.ARN, Status: string(p.Status), SmokeFailed: p.Unfit, Reason: cmp.Or(p.RollbackReason, p.Reason),
		TaskDefinition: p.Target.TaskDefinition, Images: p.Images, Origin: p.Origin, CreatedAt: p.CreatedAt,
	}
	if !p.FinishedAt.IsZero() {
		out.FinishedAt = &p.FinishedAt
	}
	return out
}
