package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// continueOptions are those of `ecs-tui continue [DIR]`.
type continueOptions struct {
	*factory
	Dir   string
	Pause onPause
}

func newContinueCmd(f *factory) *cobra.Command {
	o := &continueOptions{factory: f, Pause: pauseWait}
	cmd := &cobra.Command{
		Use:   "continue [DIR]",
		Short: "Let a deployment go on that is paused at a lifecycle hook",
		Long: "Answers the PAUSE hook that the service's deployment waits at, then watches the rollout to its end; `ecs-tui rollback` is the other answer. " +
			"Exit codes are those of deploy.",
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runContinue(cmd.Context(), o)
		},
	}
	o.Pause.register(cmd)
	return cmd
}

func runContinue(ctx context.Context, o *continueOptions) error {
	return o.inService(ctx, o.Dir, func(s *session, service backend.Service, cluster string) error {
		return o.run(ctx, s, service, cluster)
	})
}

func (o *continueOptions) run(ctx context.Context, s *session, service backend.Service, cluster string) error {
	if err := s.confirm(ctx, fmt.Sprintf("Continue the deployment of service %s on %s?", service.Name, s.where(cluster)), s.typedName()); err != nil {
		return err
	}
	return s.pursue(ctx, deploy.Continue(ctx, s.backend, cluster, service.Name, s.following(cluster)), o.Pause)
}
