package screen

import (
	"context"
	"fmt"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// planJob is what a plan is made from, apart from the screen that asks.
type planJob struct {
	env    *Env
	target DeployTarget
	key    DeployKey
	force  bool
}

// plan reads the app's files and plans.
func (j planJob) plan(ctx context.Context) (*deploy.Plan, error) {
	if j.env.App == nil {
		return nil, backend.Errorf("Deploy", backend.NotFound, j.key.Service, "%s", j.env.noApp())
	}
	if !j.env.isApps(j.key.Service) {
		e := backend.Errorf("Deploy", backend.Invalid, j.key.Service, "%s", j.env.notTheApps(j.key.Service))
		e.Remedy = "open ecs-tui in the folder of its app"
		return nil, e
	}
	req, err := j.request(ctx)
	if err != nil {
		return nil, err
	}
	req.Force = j.force
	return deploy.NewPlan(ctx, j.env.Backend, req)
}

func (j planJob) request(ctx context.Context) (deploy.Request, error) {
	if j.target.From != "" {
		return j.env.App.Promote(ctx, j.target.From, j.env.Environment)
	}
	return j.env.App.Request(ctx, j.env.Environment)
}

// underWay gives the ARN of a deployment of the service that goes on already,
// "" when there is none. What can't be read is left to the plan to say.
func (j planJob) underWay(ctx context.Context) string {
	if j.key.Service == "" {
		return ""
	}
	found, err := j.env.Backend.DescribeServices(ctx, j.key.Cluster, []string{j.key.Service})
	if err != nil || len(found) == 0 || found[0].Current == "" {
		return ""
	}
	current, err := j.env.Backend.DescribeServiceDeployments(ctx, []string{found[0].Current})
	if err != nil || len(current) == 0 || current[0].Status.Ended() {
		return ""
	}
	return found[0].Current
}

// options are those of every deploy that is run from here.
func (d *deployScreen) options() deploy.Options {
	opts := deploy.Options{Clock: d.env.Clock, Detach: true}
	if command, cluster := d.env.Command, d.key.Cluster; command != nil {
		opts.Command = func(words ...string) string { return command(cluster, words...) }
	}
	return opts
}

// start begins what was planned.
func (d *deployScreen) start(plan *deploy.Plan) tea.Cmd {
	b, opts := d.env.Backend, d.options()
	job := DeployJob{
		Key: d.key, Kind: DeployWhole, Environment: d.env.Environment, Protected: d.env.Protected,
		Steps:  plan.PlannedSteps(),
		Events: func(ctx context.Context) iter.Seq[deploy.Event] { return deploy.Run(ctx, b, plan, opts) },
	}
	if d.target.BuildOnly {
		job.Kind = DeployBuild
		job.Events = func(ctx context.Context) iter.Seq[deploy.Event] { return buildOnly(ctx, b, plan, opts.Clock) }
	}
	return d.begin(job)
}

// followJob watches a deployment that somebody else started.
func (d *deployScreen) followJob(arn string) DeployJob {
	b, key, opts := d.env.Backend, d.key, d.options()
	return DeployJob{
		Key: key, Kind: DeployFollow, Environment: d.env.Environment, Protected: d.env.Protected,
		Events: func(ctx context.Context) iter.Seq[deploy.Event] {
			return deploy.Follow(ctx, b, key.Cluster, key.Service, arn, opts)
		},
	}
}

// imageBuilder builds images, and says whether they are pushed afterwards.
type imageBuilder interface {
	backend.Builder
	backend.Describer
}

// buildOnly builds the images of a plan and stops there, in a deploy's events.
func buildOnly(ctx context.Context, b imageBuilder, plan *deploy.Plan, clock backend.Clock) iter.Seq[deploy.Event] {
	return func(yield func(deploy.Event) bool) {
		began := clock.Now()
		var made []string
		for _, src := range plan.Request.Images {
			tag := taggedAs(plan, src)
			if err := buildImage(ctx, b, src, tag, clock, yield); err != nil {
				end := deploy.Ended{Outcome: deploy.Failed, At: clock.Now(), Elapsed: clock.Now().Sub(began), Reason: "the build of " + src.Container + " failed", Advice: backend.AdviceFor(err), Err: err}
				if ctx.Err() != nil {
					end.Outcome, end.Reason, end.Advice = deploy.Cancelled, "the build was cancelled, nothing was changed", ""
				}
				yield(end)
				return
			}
			made = append(made, tag)
		}
		yield(deploy.Ended{Outcome: deploy.Stable, At: clock.Now(), Elapsed: clock.Now().Sub(began), Reason: fmt.Sprintf("built %v", made)})
	}
}

// buildImage builds one image. It returns nil when it was built, whether or
// not anybody still listens.
func buildImage(ctx context.Context, b imageBuilder, src deploy.ImageSource, tag string, clock backend.Clock, yield func(deploy.Event) bool) error {
	began := clock.Now()
	if !yield(deploy.StepStarted{Step: deploy.Build, Subject: src.Container, At: began}) {
		return context.Canceled
	}
	var fold buildFold // for the summary
	for _, req := range src.Builds(tag, b.Unsupported(backend.CanPush) == "") {
		for ev, err := range b.Build(ctx, req) {
			if err != nil {
				yield(deploy.StepFailed{Step: deploy.Build, Subject: src.Container, At: clock.Now(), Elapsed: clock.Now().Sub(began), Err: err, Advice: backend.AdviceFor(err)})
				return err
			}
			fold.apply(ev)
			if !yield(deploy.BuildProgress{Container: src.Container, Event: ev}) {
				return context.Canceled
			}
		}
	}
	total, _, cached := fold.counts()
	done := deploy.StepFinished{
		Step: deploy.Build, Subject: src.Container, At: clock.Now(), Elapsed: clock.Now().Sub(began),
		Summary: fmt.Sprintf("%d steps, %d cached", total, cached), Result: tag,
	}
	if !yield(done) {
		return context.Canceled
	}
	return nil
}

// taggedAs is the reference that a plan gives an image.
func taggedAs(plan *deploy.Plan, src deploy.ImageSource) string {
	for _, img := range plan.Images {
		if img.Container == src.Container {
			return src.Repository + ":" + img.Tag
		}
	}
	return src.Repository + ":latest"
}

// plannedAs is the reference that a container's image will have.
func plannedAs(plan *deploy.Plan, container string) string {
	for _, src := range plan.Request.Images {
		if src.Container == container {
			return taggedAs(plan, src)
		}
	}
	return ""
}
