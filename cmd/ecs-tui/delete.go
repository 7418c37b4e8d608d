package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
)

// deleteOptions are those of `ecs-tui delete`.
type deleteOptions struct {
	*factory
	Dir string
}

func newDeleteCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "delete [DIR]",
		Short: "Stop all tasks of a service and delete it",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDelete(cmd.Context(), &deleteOptions{factory: f, Dir: argOr(args, 0, "")})
		},
	}
}

func runDelete(ctx context.Context, o *deleteOptions) error {
	s, err := o.openNoted(ctx, o.Dir)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	service, cluster, err := s.describeService(ctx)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Delete service %s on %s, with its %s?", service.Name, s.where(cluster), plural(service.Running, "running task"))
	if err := s.confirm(question, s.typedName(service.Name)); err != nil {
		return err
	}
	gone, err := s.backend.DeleteService(ctx, cluster, service.Name, true)
	if err != nil {
		return err
	}
	if o.flags.json() {
		return printJSON(o.io.Out, statusOf(s, cluster, []backend.Service{gone}))
	}
	_, err = fmt.Fprintf(o.io.Out, "service %s is deleted; its tasks are stopping\n", service.Name)
	return err
}
