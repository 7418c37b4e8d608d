package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What each kind of thing is described by, and how it is read again.

func describeService(env *Env, s backend.Service) tea.Cmd {
	return Do(Push{NewDescribe(env, s.Name, s.Document, oneDocument(s.Name, func(ctx context.Context) ([]backend.Service, error) {
		return env.Backend.DescribeServices(ctx, env.Cluster, []string{s.Name})
	}, func(s backend.Service) backend.Document { return s.Document }))})
}

func describeTask(env *Env, t backend.Task) tea.Cmd {
	id := backend.ShortID(t.ARN)
	return Do(Push{NewDescribe(env, id, t.Document, oneDocument(id, func(ctx context.Context) ([]backend.Task, error) {
		return env.Backend.DescribeTasks(ctx, env.Cluster, []string{t.ARN})
	}, func(t backend.Task) backend.Document { return t.Document }))})
}

func describeRevision(env *Env, td backend.TaskDefinition) tea.Cmd {
	return Do(Push{NewDescribe(env, td.Ref(), td.Document, revisionReader(env, td.Ref()))})
}

func revisionReader(env *Env, ref string) documentReader {
	return func(ctx context.Context) (backend.Document, error) {
		td, err := env.Backend.DescribeTaskDefinition(ctx, ref)
		return td.Document, err
	}
}

func describeCluster(env *Env, c backend.Cluster) tea.Cmd {
	return Do(Push{NewDescribe(env, c.Name, c.Document, oneDocument(c.Name, func(ctx context.Context) ([]backend.Cluster, error) {
		return env.Backend.DescribeClusters(ctx, []string{c.ARN})
	}, func(c backend.Cluster) backend.Document { return c.Document }))})
}

func imageReader(env *Env, ref string) documentReader {
	return func(ctx context.Context) (backend.Document, error) {
		d, err := env.Backend.DescribeImage(ctx, ref)
		return d.Document, err
	}
}
