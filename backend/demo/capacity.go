package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// machine is a container instance of a cluster.
type machine struct {
	arn, cluster, id string
	kind             string
	provider         string // "" for one outside of AWS
	zone             string
	cpu, memory      int // in all: units and MiB
	usedCPU, usedMem int
	status           string
	away             bool // its agent does not answer
	since            time.Time
}

func (m *machine) external() bool { return m.provider == "" }

// place says whether a task fits on the machine.
func (m *machine) place(cpu, memory int) bool {
	return m.status == "ACTIVE" && !m.away && !m.external() && m.usedCPU+cpu <= m.cpu && m.usedMem+memory <= m.memory
}

// machinesOf are those that a cluster begins with.
func (b *Backend) machinesOf(cluster string) []*machine {
	var out []*machine
	add := func(kind, provider, status string, cpu, memory int) *machine {
		m := b.newMachine(cluster, len(out), kind, provider, cpu, memory)
		m.status = status
		out = append(out, m)
		return m
	}
	if cluster != "demo" {
		add("m6i.large", onDemand(cluster), "ACTIVE", 2048, 7764)
		add("m6i.large", onDemand(cluster), "ACTIVE", 2048, 7764).away = true
		return out
	}
	add("c6i.xlarge", onDemand(cluster), "ACTIVE", 4096, 7681)
	add("c6i.xlarge", onDemand(cluster), "ACTIVE", 4096, 7681)
	add("m6i.large", "shop-spot", "ACTIVE", 2048, 7764)
	add("m6i.large", "shop-spot", "DRAINING", 2048, 7764)
	add("", "", "ACTIVE", 4096, 15804)
	return out
}

// onDemand is the provider of a cluster's machines that are there to stay.
func onDemand(cluster string) string {
	if cluster == "demo" {
		return "shop-ondemand"
	}
	return cluster + "-ondemand"
}

func (b *Backend) newMachine(cluster string, n int, kind, provider string, cpu, memory int) *machine {
	name := cluster + " machine " + strconv.Itoa(n)
	m := &machine{
		arn: b.names.ContainerInstance(cluster, fingerprint(name)[:32]), cluster: cluster,
		id: "i-0" + fingerprint(name + " id")[:16], kind: kind, provider: provider, cpu: cpu, memory: memory,
		zone: "eu-west-1" + string(rune('a'+n%3)), status: "ACTIVE", since: b.sim.now,
	}
	if m.external() {
		m.id, m.zone = "mi-0"+fingerprint(name + " id")[:16], ""
	}
	return m
}

// placeTask finds a machine for a task: the one with the most memory left. Where
// none has room, the cluster grows by one, as its Auto Scaling group does.
func (b *Backend) placeTask(t *task) {
	cluster := t.view.Cluster
	cpu, memory := t.rev.td.Reserves()
	var best *machine
	for _, m := range b.machines[cluster] {
		if m.place(cpu, memory) && (best == nil || m.memory-m.usedMem > best.memory-best.usedMem) {
			best = m
		}
	}
	if best == nil {
		best = b.newMachine(cluster, len(b.machines[cluster]), "c6i.4xlarge", onDemand(cluster), max(16384, cpu), max(31250, memory))
		b.machines[cluster] = append(b.machines[cluster], best)
	}
	best.usedCPU += cpu
	best.usedMem += memory
	t.instance = best
	b.addresses++
	t.address = fmt.Sprintf("10.0.%d.%d", 16+b.addresses/250%200, 4+b.addresses%250)
}

// freeTask gives a machine its room back.
func (b *Backend) freeTask(t *task) {
	if t.freed || t.instance == nil {
		return
	}
	t.freed = true
	cpu, memory := t.rev.td.Reserves()
	t.instance.usedCPU -= cpu
	t.instance.usedMem -= memory
}

func zoneOf(m *machine) string {
	if m == nil {
		return ""
	}
	return m.zone
}

// ListContainerInstances gives the ARNs of a cluster's machines.
func (b *Backend) ListContainerInstances(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListContainerInstances"
	return inCluster(ctx, b, op, cluster, func() (backend.Page[string], error) {
		var arns []string
		for _, m := range b.machines[b.clusterName(cluster)] {
			arns = append(arns, m.arn)
		}
		return page(op, arns, p)
	})
}

// DescribeContainerInstances gives machines by ARN or id, in the order asked for.
func (b *Backend) DescribeContainerInstances(ctx context.Context, cluster string, arns []string) ([]backend.ContainerInstance, error) {
	const op = "DescribeContainerInstances"
	return inCluster(ctx, b, op, cluster, func() ([]backend.ContainerInstance, error) {
		name := b.clusterName(cluster)
		want := map[string]*backend.ContainerInstance{}
		out := make([]backend.ContainerInstance, 0, len(arns))
		for _, arn := range arns {
			i := slices.IndexFunc(b.machines[name], func(m *machine) bool { return backend.ShortName(m.arn) == backend.ShortName(arn) })
			if i >= 0 && want[b.machines[name][i].arn] == nil {
				out = append(out, b.instance(b.machines[name][i]))
				want[b.machines[name][i].arn] = &backend.ContainerInstance{}
			}
		}
		for i := range out {
			want[out[i].ARN] = &out[i]
		}
		b.countTasks(name, want)
		for i := range out {
			out[i].Document = backend.InstanceDocument(out[i])
		}
		return out, nil
	})
}

// keptPorts are those that ECS's own agent and ssh take on a machine.
func keptPorts() []string { return []string{"22", "2375", "2376", "51678", "51679"} }

func (b *Backend) instance(m *machine) backend.ContainerInstance {
	return backend.ContainerInstance{
		ARN: m.arn, Cluster: m.cluster, Instance: m.id, External: m.external(), Type: m.kind, Zone: m.zone, Provider: m.provider,
		Status: m.status, Connected: !m.away, Agent: "1.86.3", Engine: "25.0.6", RegisteredAt: m.since,
		Total: backend.Resources{CPU: m.cpu, Memory: m.memory, Ports: keptPorts()},
		Free:  backend.Resources{CPU: m.cpu - m.usedCPU, Memory: m.memory - m.usedMem, Ports: keptPorts()},
	}
}

// countTasks adds what the tasks of a cluster take on their machines.
func (b *Backend) countTasks(cluster string, on map[string]*backend.ContainerInstance) {
	for _, t := range b.launched {
		if t.forgotten || t.view.Cluster != cluster || t.instance == nil {
			continue
		}
		i := on[t.instance.arn]
		switch {
		case i == nil:
		case t.view.LastStatus == backend.Running:
			i.Running++
			for _, c := range t.view.Containers {
				for _, p := range c.Ports {
					i.Free.Ports = append(i.Free.Ports, strconv.Itoa(p.HostPort))
				}
			}
		case t.view.LastStatus != backend.TaskStopped:
			i.Pending++
		}
	}
}

// DescribeCapacity gives the providers of a cluster, and what a service goes by
// that names none.
func (b *Backend) DescribeCapacity(ctx context.Context, cluster string) (backend.Capacity, error) {
	const op = "DescribeCapacityProviders"
	if err := ended(ctx, op); err != nil {
		return backend.Capacity{}, err
	}
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, cluster); err != nil {
		return backend.Capacity{}, err
	}
	group := func(name string, load int, protected bool) backend.CapacityProvider {
		return backend.CapacityProvider{
			ARN: b.names.CapacityProvider(name), Name: name, Status: "ACTIVE", Scaling: load > 0, TargetLoad: load, Protected: protected, Draining: true,
			Group: fmt.Sprintf("arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/ecs-%s", b.names.Region, b.names.Account, fingerprint("asg " + name)[:12], name),
		}
	}
	var out backend.Capacity
	if b.clusterName(cluster) == "demo" {
		out.Providers = []backend.CapacityProvider{group(onDemand("demo"), 90, true), group("shop-spot", 100, false)}
		out.Default = []backend.ProviderShare{{Provider: onDemand("demo"), Base: 1, Weight: 1}, {Provider: "shop-spot", Weight: 3}}
	} else {
		out.Providers = []backend.CapacityProvider{group(onDemand(b.clusterName(cluster)), 0, false)}
	}
	for _, name := range []string{"FARGATE", "FARGATE_SPOT"} {
		out.Providers = append(out.Providers, backend.CapacityProvider{ARN: b.names.CapacityProvider(name), Name: name, Status: "ACTIVE"})
	}
	for i := range out.Providers {
		out.Providers[i].Document = backend.ProviderDocument(out.Providers[i])
	}
	return out, nil
}
