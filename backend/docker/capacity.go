package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// instanceARN is the engine as the one container instance of a cluster.
func (b *Backend) instanceARN(ctx context.Context, cluster string) (string, error) {
	id, err := b.ID(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(id))
	return b.names.ContainerInstance(cluster, hex.EncodeToString(sum[:16])), nil
}

// ListContainerInstances gives the one machine that there is.
func (b *Backend) ListContainerInstances(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListContainerInstances"
	err := b.read(ctx, op, backend.Clean(cluster), func(q querier) error { return b.known(ctx, q, op, cluster) })
	if err != nil {
		return backend.Page[string]{}, err
	}
	arn, err := b.instanceARN(ctx, b.cluster(cluster))
	if err != nil {
		return backend.Page[string]{}, err
	}
	return page(op, []string{arn}, p)
}

// DescribeContainerInstances describes the engine. What is free is what the
// tasks of all clusters leave: they share the machine, and so do containers of
// others, which reserve nothing, and whose ports are taken.
func (b *Backend) DescribeContainerInstances(ctx context.Context, cluster string, arns []string) ([]backend.ContainerInstance, error) {
	const op = "DescribeContainerInstances"
	cluster = b.cluster(cluster)
	err := b.read(ctx, op, backend.Clean(cluster), func(q querier) error { return b.known(ctx, q, op, cluster) })
	if err != nil {
		return nil, err
	}
	arn, err := b.instanceARN(ctx, cluster)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(arns, func(ref string) bool { return backend.ShortName(ref) == backend.ShortName(arn) }) {
		return nil, nil
	}
	info, err := b.info(ctx)
	if err != nil {
		return nil, err
	}
	i := backend.ContainerInstance{
		ARN: arn, Cluster: cluster, Instance: backend.Clean(info.Name), External: true, Status: "ACTIVE",
		Type: backend.Clean(info.OSType + "/" + goArch(info.Architecture)), Engine: backend.Clean(info.ServerVersion),
		Total: backend.Resources{CPU: 1024 * info.NCPU, Memory: int(info.MemTotal >> 20)},
	}
	if i.Connected, err = b.agentRuns(); err != nil {
		return nil, wrap(op, backend.Clean(cluster), err)
	}
	i.Free = i.Total
	if err := b.subtractTasks(ctx, op, &i); err != nil {
		return nil, err
	}
	if i.Free.Ports, err = b.takenPorts(ctx, op); err != nil {
		return nil, err
	}
	if status, err := b.AgentStatus(ctx); err == nil {
		i.RegisteredAt = status.Since
	}
	i.Document = backend.InstanceDocument(i)
	return []backend.ContainerInstance{i}, nil
}

// subtractTasks takes what the tasks reserve from what is free, and counts those
// of the instance's own cluster.
func (b *Backend) subtractTasks(ctx context.Context, op string, i *backend.ContainerInstance) error {
	return b.read(ctx, op, "", func(q querier) error {
		all, err := tasks(ctx, q, "")
		if err != nil {
			return err
		}
		reserved := map[string][2]int{} // by task definition
		for _, t := range all {
			v := t.View
			if v.LastStatus == backend.TaskStopped {
				continue
			}
			r, known := reserved[v.TaskDefinition]
			if !known {
				d, err := b.definition(ctx, q, op, v.TaskDefinition)
				if err != nil && backend.KindOf(err) != backend.NotFound {
					return err
				}
				r[0], r[1] = d.td.Reserves()
				reserved[v.TaskDefinition] = r
			}
			i.Free.CPU -= r[0]
			i.Free.Memory -= r[1]
			switch {
			case v.Cluster != i.Cluster:
			case v.LastStatus == backend.Running:
				i.Running++
			default:
				i.Pending++
			}
		}
		return nil
	})
}

// takenPorts are those that containers publish on the machine, whoever's they are.
func (b *Backend) takenPorts(ctx context.Context, op string) ([]string, error) {
	list, err := b.client.ContainerList(ctx, client.ContainerListOptions{})
	if err != nil {
		return nil, wrap(op, "", err)
	}
	var ports []int
	udp := map[int]bool{}
	for _, c := range list.Items {
		for _, p := range c.Ports {
			if n := int(p.PublicPort); n > 0 && !slices.Contains(ports, n) {
				ports = append(ports, n)
				udp[n] = p.Type == "udp"
			}
		}
	}
	slices.Sort(ports)
	out := make([]string, 0, len(ports))
	for _, n := range ports {
		text := strconv.Itoa(n)
		if udp[n] {
			text += "/udp"
		}
		out = append(out, text)
	}
	return out, nil
}

// DescribeCapacity is empty: nothing gives the cluster machines.
func (b *Backend) DescribeCapacity(ctx context.Context, cluster string) (backend.Capacity, error) {
	const op = "DescribeCapacityProviders"
	err := b.read(ctx, op, backend.Clean(cluster), func(q querier) error { return b.known(ctx, q, op, cluster) })
	return backend.Capacity{}, err
}
