package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

func newRollbackCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "rollback [DIR]",
		Short: "Take a service back to what it ran before",
		Long: "Stops the deployment that is going on, or, where none is, deploys the newest task definition that was " +
			"deployed successfully before this one; then watches until it runs. Exit codes are those of deploy: 0 once the older version runs.",
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRollback(cmd.Context(), f, argOr(args, 0, ""))
		},
	}
}

func runRollback(ctx context.Context, f *factory, dir string) error {
	s, err := f.openNoted(ctx, dir)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	service, cluster, err := s.describeService(ctx)
	if err != nil {
		return err
	}
	if err := s.confirm(fmt.Sprintf("Roll back service %s on %s?", service.Name, s.where(cluster)), s.typedName(service.Name)); err != nil {
		return err
	}
	return s.pursue(ctx, deploy.Rollback(ctx, s.backend, cluster, service.Name, deploy.Options{Clock: s.clock}), pauseWait)
}
