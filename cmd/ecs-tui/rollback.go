package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// rollbackOptions are those of `ecs-tui rollback`.
type rollbackOptions struct {
	*factory
	Dir string
	To  string
}

func newRollbackCmd(f *factory) *cobra.Command {
	o := &rollbackOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "rollback [DIR]",
		Short: "Take a service back to what it ran before",
		Long: "Stops the deployment that is going on, or, where none is, deploys the newest task definition that was " +
			"deployed successfully before this one; with --to, one that completed earlier. Then it watches until that runs. " +
			"Exit codes are those of deploy: 0 once the older version runs. ecs-tui history lists what there is to go back to.",
		Example: "ecs-tui rollback\necs-tui rollback --to 12",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runRollback(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.To, "to", "", "revision to go back to: its number, or family:revision")
	return cmd
}

func runRollback(ctx context.Context, o *rollbackOptions) error {
	return o.inService(ctx, o.Dir, func(s *session, service backend.Service, cluster string) error {
		return o.run(ctx, s, service, cluster)
	})
}

func (o *rollbackOptions) run(ctx context.Context, s *session, service backend.Service, cluster string) error {
	question := fmt.Sprintf("Roll back service %s on %s to %s?", service.Name, s.where(cluster), cmp.Or(o.To, "what it ran before"))
	if err := s.confirm(ctx, question, s.typedName()); err != nil {
		return err
	}
	return s.pursue(ctx, deploy.Rollback(ctx, s.backend, service, o.To, s.following(cluster)), pauseWait)
}
