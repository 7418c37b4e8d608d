package docker

import (
	"context"
	"database/sql"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ListServiceDeployments gives the ARNs of a service's rollouts, newest first.
func (b *Backend) ListServiceDeployments(ctx context.Context, cluster, ref string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListServiceDeployments"
	var arns []string
	err := b.read(ctx, op, backend.Clean(ref), func(q querier) error {
		s, err := b.service(ctx, q, op, cluster, ref)
		if err == nil {
			arns = s.rec.ServiceDeployments()
		}
		return err
	})
	if err != nil {
		return backend.Page[string]{}, err
	}
	return page(op, arns, p)
}

// DescribeServiceDeployments gives rollouts; unknown ones are left out.
func (b *Backend) DescribeServiceDeployments(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
	var out []backend.ServiceDeployment
	err := b.read(ctx, "DescribeServiceDeployments", "", func(q querier) error {
		for _, arn := range arns {
			cluster, name, ok := ofDeployment(arn)
			if !ok {
				continue
			}
			s, err := service(ctx, q, cluster, name)
			if err == errNoRow {
				continue
			}
			if err != nil {
				return err
			}
			rows, err := tasksOf(ctx, q, cluster, name)
			if err != nil {
				return err
			}
			if d, ok := s.rec.ServiceDeployment(arn, views(rows)); ok {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// ofDeployment gives the service that a service deployment's ARN names.
func ofDeployment(arn string) (cluster, service string, ok bool) {
	kind, parts, ok := backend.SplitARN(arn)
	if !ok || kind != "service-deployment" || len(parts) != 3 {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// StopServiceDeployment rolls a deployment back.
func (b *Backend) StopServiceDeployment(ctx context.Context, arn string) (backend.ServiceDeployment, error) {
	const op = "StopServiceDeployment"
	cluster, name, ok := ofDeployment(arn)
	if !ok {
		return backend.ServiceDeployment{}, missing(errNoRow, op, arn, "no such service deployment")
	}
	var out backend.ServiceDeployment
	_, err := b.changeService(ctx, op, cluster, name, func(tx *sql.Tx, s *serviceRow) error {
		if err := s.rec.Rollback(b.clock.Now(), arn); err != nil {
			return err
		}
		rows, err := tasksOf(ctx, tx, cluster, name)
		out, _ = s.rec.ServiceDeployment(arn, views(rows))
		return err
	})
	return out, err
}

// noPauses is why no traffic is shifted and nothing waits for an answer here.
const noPauses = "the local engine rolls out task by task (ROLLING): a deployment pauses at no lifecycle hook"

// ContinueServiceDeployment has nothing to answer: deployments here do not pause.
func (b *Backend) ContinueServiceDeployment(ctx context.Context, arn, _ string, _ backend.HookAction) (backend.ServiceDeployment, error) {
	const op = "ContinueServiceDeployment"
	found, err := b.DescribeServiceDeployments(ctx, []string{arn})
	switch {
	case err != nil:
		return backend.ServiceDeployment{}, err
	case len(found) == 0:
		return backend.ServiceDeployment{}, missing(errNoRow, op, arn, "no such service deployment")
	}
	return backend.ServiceDeployment{}, backend.Errorf(op, backend.Unsupported, found[0].Service, "%s", noPauses)
}
