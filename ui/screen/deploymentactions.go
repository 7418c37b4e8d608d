package screen

import (
	"context"
	"iter"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// rollbackToAction goes back to the revision under the cursor, where it
// completed once.
func rollbackToAction(env *Env, service string, l *list[backend.ServiceDeployment]) Action {
	return Action{
		Keys: []string{"R"}, Name: "roll back to it", Help: "run this deployment's revision again, if it completed", Group: groupChange, Footer: true,
		Disabled: func() string {
			if why := env.Backend.Unsupported(backend.CanWrite); why != "" {
				return why
			}
			if why := l.needRow(); why != "" {
				return why
			}
			if d := l.current(); d.Status != backend.Successful {
				return backend.ShortName(d.Target.TaskDefinition) + " did not complete here"
			}
			return ""
		},
		Ask: func() (widget.Question, func() tea.Cmd) {
			d := l.current()
			q := widget.Question{
				Title: "Roll back", Target: service + " (cluster " + env.Cluster + ")", Verb: "roll back", Danger: true, Typed: protectedName(env, service),
				Body: []string{backend.ShortName(d.Target.TaskDefinition) + ", deployed " + widget.Ago(env.Clock.Now(), d.CreatedAt) + ", comes back. A deployment that goes on gives way to it."},
			}
			return q, func() tea.Cmd {
				return Do(Push{env.Make.Deploy(env, DeployTarget{Service: service, Rollback: true, To: d.Target.TaskDefinition})})
			}
		},
	}
}

// describeDeployment shows the whole of a deployment, and its service revisions.
func describeDeployment(env *Env, d backend.ServiceDeployment) tea.Cmd {
	return Do(Push{NewDescribe(env, "deployment of "+backend.ShortName(d.Target.TaskDefinition), nil, func(ctx context.Context) (backend.Document, error) {
		return backend.RolloutDocumentOf(ctx, env.Backend, d)
	})})
}

// deploymentOrigins reads where the visible revisions come from, each once: a
// revision never changes.
func deploymentOrigins(env *Env, service string) func(context.Context, func() []backend.ServiceDeployment) iter.Seq[map[string]extra] {
	return func(ctx context.Context, visible func() []backend.ServiceDeployment) iter.Seq[map[string]extra] {
		return func(yield func(map[string]extra) bool) {
			known, found := map[string]deploy.Origin{}, map[string]extra{}
			for ctx.Err() == nil {
				var bad []string
				if s, err := env.Backend.DescribeServices(ctx, env.Cluster, []string{service}); err == nil && len(s) == 1 {
					bad = deploy.Unfit(s[0])
				}
				for _, d := range visible() {
					ref := d.Target.TaskDefinition
					if _, ok := known[ref]; !ok && ref != "" {
						td, err := env.Backend.DescribeTaskDefinition(ctx, ref)
						if err != nil {
							env.Log.Debug("describe a deployment's task definition", "err", err)
						}
						known[ref] = deploy.OriginOf(td)
					}
					found[d.ARN] = extra{Origin: known[ref], Unfit: slices.Contains(bad, backend.ShortName(ref))}
				}
				if !yield(maps.Clone(found)) || !pause(ctx, env, extrasEvery) {
					return
				}
			}
		}
	}
}
