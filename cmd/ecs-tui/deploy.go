package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// deployOptions are those of `ecs-tui deploy [DIR]`.
type deployOptions struct {
	*factory
	Dir string
	planOptions
	Pause onPause
	Busy  whenBusy
}

// planOptions are what the command line changes of a plan.
type planOptions struct {
	Force    bool // a new deployment though nothing changed
	Rollback bool // by this program, where ECS does not do it
	// Promotion reads where the images come from; nil: they are built.
	Promotion func(context.Context, deploy.Request) (*deploy.Promotion, error)
}

func newDeployCmd(f *factory) *cobra.Command {
	o := &deployOptions{factory: f, Pause: pauseWait, Busy: busyAsk}
	cmd := &cobra.Command{
		Use:   "deploy [DIR]",
		Short: "Build, register, update, and watch the rollout to its end",
		Long: "Shows what would change, asks, then builds, pushes where the backend needs it, registers the task definition, " +
			"updates the service and watches the rollout. At a PAUSE hook it waits for an answer: c or r on a terminal, " +
			"`ecs-tui continue` or `ecs-tui rollback` from elsewhere, or the one that --on-pause gives. " +
			"The environment's hooks in the app file run on the way: a task before the update, a smoke check after the rollout, a command that is told the outcome. Exit codes: 0 stable, 3 rolled back, 4 failed, 130 cancelled, 1 when nothing was begun.",
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runDeploy(cmd.Context(), o)
		},
	}
	o.register(cmd)
	return cmd
}

func (o *deployOptions) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.Force, "force", false, "deploy anew though nothing changed")
	cmd.Flags().BoolVar(&o.Rollback, "rollback", false, "roll back where the rollout fails, also without a circuit breaker")
	o.Pause.register(cmd)
	o.Busy.register(cmd)
}

func runDeploy(ctx context.Context, o *deployOptions) error {
	s, plan, docs, err := o.plan(ctx, o.Dir, o.planOptions)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	if err := o.tell(plan, docs); err != nil {
		return err
	}
	for plan.GoingOn != nil && !plan.Nothing() && !s.cfg.ReadOnly {
		answer, err := o.Busy.choose(ctx, s, plan.GoingOn)
		if err != nil {
			return err
		}
		if answer == busyTakeOver {
			break
		}
		if err := s.waitFor(ctx, plan.GoingOn); err != nil {
			return err
		}
		if plan, docs, err = s.plan(ctx, o.planOptions); err != nil { // on what there is now
			return err
		}
		if err := o.tell(plan, docs); err != nil {
			return err
		}
	}
	if err := s.tellGoingOn(plan); err != nil {
		return err
	}
	typed := ""
	if plan.Request.Protected {
		typed = plan.Request.App
	}
	question := fmt.Sprintf("Deploy %s to %s?", plan.Request.App, s.where(plan.Request.Cluster))
	if from := plan.Request.Promotion; from != nil {
		question = fmt.Sprintf("Promote %s from %s to %s?", plan.Request.App, from, s.where(plan.Request.Cluster))
	}
	if err := s.confirm(ctx, question, typed); err != nil {
		return err
	}
	if err := s.confirmRepositories(ctx, plan); err != nil {
		return err
	}
	return s.pursue(ctx, deploy.Run(ctx, s.backend, plan, s.following(plan.Request.Cluster)), o.Pause)
}

// giveUp is how long a rollout may stay unread where nobody watches: a runner
// would wait for an engine that has ended until its own time is over.
const giveUp = 5 * time.Minute

// following says how a rollout is followed: as long as the environment has it.
func (s *session) following(cluster string) deploy.Options {
	opts := deploy.Options{Clock: s.clock, Command: s.commands(cluster)}
	if !s.live() {
		opts.GiveUp = giveUp
	}
	if s.cfg.Environment != nil {
		opts.Timeout = s.cfg.Environment.Timeout
	}
	return opts
}

// confirmRepositories asks before repositories are made, each by its name.
func (s *session) confirmRepositories(ctx context.Context, plan *deploy.Plan) error {
	for _, spec := range plan.Missing {
		question := fmt.Sprintf("There is no repository %s. Make it (%s)?", spec.Name, deploy.DescribeRepository(spec))
		if err := s.confirm(ctx, question, ""); err != nil {
			return err
		}
	}
	return nil
}

// tell writes the plan, and is an error where it can't be carried out.
func (o *deployOptions) tell(plan *deploy.Plan, docs *documents) error {
	var err error
	if o.flags.json() {
		err = newJSONProgress(o.io.Out).plan(planOf(plan, docs))
	} else {
		err = plan.WriteText(o.io.Out)
	}
	if err != nil {
		return err
	}
	o.github.planned(plan, docs)
	return docs.refuse(plan.Findings)
}

// plan opens the backend and makes the plan of a deploy. Whoever calls it
// closes the session's backend.
func (f *factory) plan(ctx context.Context, dir string, o planOptions) (*session, *deploy.Plan, *documents, error) {
	s, err := f.openNoted(ctx, dir)
	if err != nil {
		return nil, nil, nil, err
	}
	plan, docs, err := s.plan(ctx, o)
	if err != nil {
		s.backend.Close()
		return nil, nil, nil, err
	}
	return s, plan, docs, nil
}

func (s *session) plan(ctx context.Context, o planOptions) (*deploy.Plan, *documents, error) {
	if _, err := s.needApp(); err != nil {
		return nil, nil, err
	}
	cluster, err := s.cluster(ctx)
	if err != nil {
		return nil, nil, err
	}
	req, docs, err := s.requestWith(ctx, cluster, o.Promotion)
	if err != nil {
		return nil, nil, err
	}
	req.Force, req.Rollback = o.Force, o.Rollback || req.Rollback
	plan, err := deploy.NewPlan(ctx, s.backend, req)
	return plan, docs, err
}

// refuse is the error for findings that forbid a deploy: each with its place.
func (d *documents) refuse(findings []backend.Finding) error {
	var problems []error
	for _, f := range findings {
		if f.Severity == backend.Problem {
			problems = append(problems, d.problem(f))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return advise(errors.Join(problems...), "correct this; nothing was changed")
}

// problem is a finding as an error: place, field, message, remedy.
func (d *documents) problem(f backend.Finding) error {
	text := f.Message
	if f.Remedy != "" {
		text += " (" + f.Remedy + ")"
	}
	if f.Path == "" {
		return errors.New(text)
	}
	return &config.Error{Position: d.position(f.Path), Field: f.Path, Err: errors.New(text)}
}

// tellGoingOn says that what would be deployed is being deployed already: it is
// watched from here on, or answered where it waits.
func (s *session) tellGoingOn(plan *deploy.Plan) error {
	if plan.GoingOn == nil || !plan.Nothing() || s.flags.json() {
		return nil
	}
	_, err := fmt.Fprintf(s.io.Out, "\n▲ a deployment goes on, it is watched from here on\n  %s\n",
		rolloutLine(deploy.RolloutProgress{Deployment: plan.GoingOn.ServiceDeployment}))
	return err
}
