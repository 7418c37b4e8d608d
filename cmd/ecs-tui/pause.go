package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// pauseOptions are those of `ecs-tui pause` and `ecs-tui resume`.
type pauseOptions struct {
	*factory
	Dir    string
	Resume bool
}

func newPauseCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "pause [DIR]",
		Short: "Stop all tasks of a service, and remember how many there were",
		Long: "Scales a service to zero. How many tasks it wanted stays with the service, as a tag, so that `ecs-tui resume` brings them " +
			"back, also when a colleague calls it. Its autoscaling is suspended meanwhile. A deploy leaves it paused; `ecs-tui scale` ends it.",
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPause(cmd.Context(), &pauseOptions{factory: f, Dir: argOr(args, 0, "")})
		},
	}
}

func newResumeCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "resume [DIR]",
		Short: "Start the tasks of a paused service again, as many as there were",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPause(cmd.Context(), &pauseOptions{factory: f, Dir: argOr(args, 0, ""), Resume: true})
		},
	}
}

func runPause(ctx context.Context, o *pauseOptions) error {
	return o.inService(ctx, o.Dir, func(s *session, service backend.Service, cluster string) error {
		return o.run(ctx, s, service, cluster)
	})
}

func (o *pauseOptions) run(ctx context.Context, s *session, service backend.Service, cluster string) error {
	p, err := deploy.ReadPause(ctx, s.backend, cluster, service.Name)
	if err != nil {
		return err
	}
	if o.Resume {
		return o.resume(ctx, s, cluster, p)
	}
	return o.pause(ctx, s, cluster, p)
}

func (o *pauseOptions) pause(ctx context.Context, s *session, cluster string, p *deploy.Pausing) error {
	name := p.Service.Name
	switch {
	case p.Paused:
		return o.answer(s, cluster, p.Service, fmt.Sprintf("%s is paused already; %s brings %s back", name, s.commandLine(cluster, "resume", "--service", name), plural(p.Count, "task")))
	case p.Service.Desired == 0:
		return o.answer(s, cluster, p.Service, name+" wants no tasks: there is nothing to pause")
	}
	question := fmt.Sprintf("Pause service %s on %s? %s", name, s.where(cluster), strings.Join(p.Explain(), " "))
	if err := s.confirm(ctx, question, s.typedName()); err != nil {
		return err
	}
	after, err := p.Pause(ctx)
	if err != nil {
		return err
	}
	return o.answer(s, cluster, after, fmt.Sprintf("%s is paused: its tasks are stopping; %s brings %s back", name, s.commandLine(cluster, "resume", "--service", name), plural(p.Count, "task")))
}

func (o *pauseOptions) resume(ctx context.Context, s *session, cluster string, p *deploy.Pausing) error {
	name := p.Service.Name
	if p.Paused {
		question := fmt.Sprintf("Resume service %s on %s? %s", name, s.where(cluster), strings.Join(p.Explain(), " "))
		if err := s.confirm(ctx, question, ""); err != nil {
			return err
		}
	}
	after, err := p.Resume(ctx)
	if err != nil {
		return err
	}
	if !p.Paused {
		return o.answer(s, cluster, after, fmt.Sprintf("%s is not paused: it wants %s", name, plural(after.Desired, "task")))
	}
	return o.answer(s, cluster, after, fmt.Sprintf("%s: 0 → %s", name, plural(p.Count, "task")))
}

func (o *pauseOptions) answer(s *session, cluster string, service backend.Service, text string) error {
	if o.flags.json() {
		return printJSON(o.io.Out, statusOf(s, cluster, []backend.Service{service}))
	}
	_, err := fmt.Fprintln(o.io.Out, text)
	return err
}
