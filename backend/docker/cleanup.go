package docker

import (
	"context"
	"database/sql"
	"net/netip"
	"slices"
	"time"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What is kept of tasks that have stopped.
const (
	keepTask   = time.Hour // what is known of it; ECS keeps it as long
	keepLogs   = 3         // its containers, for their logs: of the last so many of a service
	mostKept   = 20        // and of no more than so many within the hour
	mostKnown  = 500       // records of one service
	ourNetwork = "network"
)

// clean removes the containers of tasks that stopped long enough ago, those
// that no task has any more, and in the end what is known of the tasks. What
// fails is tried again by the next pass.
func (a *agent) clean(ctx context.Context, rows []*taskRow, w world) {
	known := map[string]*taskRow{}
	for _, t := range rows {
		known[t.View.ARN] = t
	}
	keep := a.kept(ctx, rows)
	for arn, containers := range w.tasks {
		t := known[arn]
		if t != nil && (!t.over() || keep[arn]) {
			continue
		}
		if t == nil && a.justMade(ctx, arn) {
			continue
		}
		for _, o := range containers {
			if err := a.remove(ctx, o.id); err != nil {
				a.log.Warn("a container could not be removed", "container", o.id, "err", err)
			}
		}
		a.removeVolumes(ctx, arn)
	}
	a.forget(ctx, rows, keep)
	a.sweep(ctx)
}

// nothingToClear says that no task has stopped so long ago that what is left of
// it goes.
func (b *Backend) nothingToClear(ctx context.Context) (bool, error) {
	var old bool
	before := b.clock.Now().Add(-keepTask).UnixMilli()
	err := b.read(ctx, "AgentStatus", "", func(q querier) error {
		return q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM tasks WHERE status = 'STOPPED' AND stopped BETWEEN 1 AND ?)", before).Scan(&old)
	})
	return !old, err
}

// justMade says whether a task has come into being since the rows were read.
func (a *agent) justMade(ctx context.Context, arn string) bool {
	err := a.read(ctx, "Reconcile", "", func(q querier) error {
		_, err := task(ctx, q, backend.ShortName(arn))
		return err
	})
	return err == nil || ctx.Err() != nil || backend.KindOf(err) == backend.Unreachable
}

// kept are the stopped tasks whose containers stay, by ARN. Those of a service
// that was deleted go at once.
func (a *agent) kept(ctx context.Context, rows []*taskRow) map[string]bool {
	alive := map[string]bool{"": true}
	if err := a.read(ctx, "Reconcile", "", func(q querier) error {
		all, err := services(ctx, q, "")
		for _, s := range all {
			alive[s.rec.Cluster+"/"+s.rec.Name] = true
		}
		return err
	}); err != nil {
		for _, t := range rows { // not known now: keep everything
			alive[t.View.Cluster+"/"+t.View.Service] = true
		}
	}
	stopped := slices.DeleteFunc(slices.Clone(rows), func(t *taskRow) bool { return !t.over() })
	slices.SortFunc(stopped, func(x, y *taskRow) int { return y.View.StoppedAt.Compare(x.View.StoppedAt) })
	keep, count := map[string]bool{}, map[string]int{}
	for _, t := range stopped {
		v := t.View
		group := v.Cluster + "/" + v.Service
		if v.Service != "" && !alive[group] {
			continue
		}
		n := count[group]
		count[group]++
		recent := a.clock.Now().Sub(v.StoppedAt) < keepTask
		if v.Service != "" && n < keepLogs || recent && n < mostKept {
			keep[v.ARN] = true
		}
	}
	return keep
}

// forget drops the rows of tasks that stopped over an hour ago, unless their
// containers are still there.
func (a *agent) forget(ctx context.Context, rows []*taskRow, keep map[string]bool) {
	var ids []string
	count := map[string]int{}
	for _, t := range rows { // newest first
		group := t.View.Cluster + "/" + t.View.Service
		if !t.over() {
			continue
		}
		count[group]++
		old := a.clock.Now().Sub(t.View.StoppedAt) > keepTask
		if (old || count[group] > mostKnown) && !keep[t.View.ARN] {
			ids = append(ids, t.id())
		}
	}
	if len(ids) == 0 {
		return
	}
	err := a.write(ctx, "Reconcile", "", func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, "DELETE FROM tasks WHERE id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.log.Warn("old tasks could not be forgotten", "err", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		delete(a.done, id)
		delete(a.due, id)
		delete(a.tries, id)
	}
}

// removeVolumes removes the volumes that lived as long as a task.
func (a *agent) removeVolumes(ctx context.Context, arn string) {
	list, err := a.client.VolumeList(ctx, client.VolumeListOptions{
		Filters: client.Filters{}.Add("label", LabelTaskARN+"="+arn, labelState+"="+a.state),
	})
	if err != nil {
		return
	}
	for _, v := range list.Items {
		if _, err := a.client.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{}); err != nil && !gone(err) {
			a.log.Info("a volume could not be removed", "volume", v.Name, "err", err)
		}
	}
}

// ensureNetwork makes a cluster's network where it does not exist.
func (a *agent) ensureNetwork(ctx context.Context, cluster string) error {
	name := networkName(cluster)
	if _, err := a.client.NetworkInspect(ctx, name, client.NetworkInspectOptions{}); err == nil || !gone(err) {
		return wrap(opStart, name, err)
	}
	a.making.Lock()
	defer a.making.Unlock()
	if _, err := a.client.NetworkInspect(ctx, name, client.NetworkInspectOptions{}); err == nil || !gone(err) {
		return wrap(opStart, name, err)
	}
	_, err := a.client.NetworkCreate(ctx, name, client.NetworkCreateOptions{
		Driver: "bridge", Labels: map[string]string{LabelApp: ourNetwork, LabelCluster: cluster, labelState: a.state},
	})
	return wrap(opStart, name, err)
}

// removeNetworks removes the networks that were made here, once nothing is left
// in their clusters. One that another state's tasks use stays: the engine
// refuses.
func (a *agent) removeNetworks(ctx context.Context) {
	list, err := a.client.NetworkList(ctx, client.NetworkListOptions{
		Filters: client.Filters{}.Add("label", LabelApp+"="+ourNetwork, labelState+"="+a.state),
	})
	if err != nil {
		return
	}
	for _, n := range list.Items {
		_, _ = a.client.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
	}
}

// inspectedPorts reads where the engine listens for a container, out of an
// inspection.
func inspectedPorts(ports network.PortMap) []backend.PortBinding {
	var out []backend.PortBinding
	for port, all := range ports {
		for _, b := range all {
			if b.HostIP.Is6() && slices.ContainsFunc(all, func(o network.PortBinding) bool { return o.HostIP.Is4() }) {
				continue
			}
			var n int
			for _, r := range b.HostPort {
				n = n*10 + int(r-'0')
			}
			ip := ""
			if b.HostIP != (netip.Addr{}) {
				ip = b.HostIP.String()
			}
			out = append(out, backend.PortBinding{ContainerPort: int(port.Num()), HostPort: n, Protocol: string(port.Proto()), HostIP: ip})
		}
	}
	slices.SortFunc(out, func(x, y backend.PortBinding) int { return x.ContainerPort - y.ContainerPort })
	return out
}
