package demo

import (
	"context"
	"net/http"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// answers are what the tasks of a revision say to a request, by a word in its
// definition: "badanswer" fails, "warmup" fails twice, everything else is fine.
func (r *revision) answer() backend.ProbeAnswer {
	r.probes++
	switch {
	case slices.Contains(r.words, "badanswer"):
		return backend.ProbeAnswer{Status: http.StatusInternalServerError, Body: `{"status":"error","cause":"relation \"orders\" does not exist"}`}
	case slices.Contains(r.words, "warmup") && r.probes < 3:
		return backend.ProbeAnswer{Status: http.StatusServiceUnavailable, Body: "warming up"}
	}
	return backend.ProbeAnswer{Status: http.StatusOK, Body: `{"status":"ok"}`}
}

// Probe answers for the service: its tasks are on no network.
func (b *Backend) Probe(ctx context.Context, req backend.ProbeRequest) (backend.ProbeAnswer, error) {
	const op = "Probe"
	if err := ended(ctx, op); err != nil {
		return backend.ProbeAnswer{}, err
	}
	b.lock()
	defer b.unlock()
	s, err := b.findService(op, req.Cluster, req.Service)
	if err != nil {
		return backend.ProbeAnswer{}, err
	}
	for _, t := range slices.Backward(s.tasks) {
		if t.view.LastStatus == backend.Running && t.view.DesiredStatus == backend.Running {
			return t.rev.answer(), nil
		}
	}
	return backend.ProbeAnswer{}, backend.Errorf(op, backend.Unreachable, s.rec.Name, "connection refused")
}

// ServiceAddresses gives the load balancer of a service that names one, else an
// address for each task.
func (b *Backend) ServiceAddresses(ctx context.Context, q backend.AddressQuery) ([]backend.Address, error) {
	const op = "ServiceAddresses"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	for _, t := range backend.ServiceTargets(backend.Service{Document: q.Service}) {
		if t.Container == q.Container && t.Port == q.Port {
			return []backend.Address{{Scheme: "http", Host: "shop-public.elb.local", Port: 80, Via: "the load balancer shop-public"}}, nil
		}
	}
	const via = "the port that the task publishes"
	var out []backend.Address
	for _, t := range q.Tasks {
		for _, c := range t.Containers {
			for _, p := range c.Ports {
				if c.Name == q.Container && p.ContainerPort == q.Port {
					out = append(out, backend.Address{Scheme: "http", Host: "127.0.0.1", Port: p.HostPort, Via: via})
				}
			}
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case len(q.Tasks) > 0:
		return nil, backend.Errorf(op, backend.NotFound, backend.Clean(q.Container), "no task publishes its port %d", q.Port)
	}
	return []backend.Address{{Scheme: "http", Host: "127.0.0.1", Via: via}}, nil
}
