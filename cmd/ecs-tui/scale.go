package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// scaleOptions are those of `ecs-tui scale N`.
type scaleOptions struct {
	*factory
	Desired int
}

func newScaleCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "scale N",
		Short: "Set how many tasks a service keeps running",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("scale takes one number: how many tasks")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[0])
			if err != nil || n < 0 || n > 5000 {
				return usagef("%q is no number of tasks: 0 to 5000", args[0])
			}
			return runScale(cmd.Context(), &scaleOptions{factory: f, Desired: n})
		},
	}
}

func runScale(ctx context.Context, o *scaleOptions) error {
	return o.inService(ctx, "", func(s *session, service backend.Service, cluster string) error {
		return o.run(ctx, s, service, cluster)
	})
}

func (o *scaleOptions) run(ctx context.Context, s *session, service backend.Service, cluster string) error {
	question := fmt.Sprintf("Scale service %s on %s from %d to %s?", service.Name, s.where(cluster), service.Desired, plural(o.Desired, "task"))
	if err := s.confirm(ctx, question, ""); err != nil {
		return err
	}
	p, err := deploy.ReadPause(ctx, s.backend, cluster, service.Name)
	if err != nil {
		return err
	}
	after, err := p.Scale(ctx, o.Desired)
	if err != nil {
		return err
	}
	if o.flags.json() {
		return printJSON(o.io.Out, statusOf(s, cluster, []backend.Service{after}))
	}
	_, err = fmt.Fprintf(o.io.Out, "%s: %d → %s\n", service.Name, service.Desired, plural(o.Desired, "task"))
	return err
}
