package screen

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// ServiceDetail is one service and what it stands on: what it used over the last
// hours, the targets of its load balancers, how it is scaled, and what it is
// found as. Each part is read by itself, and only while it is on screen.
type ServiceDetail struct {
	env     *Env
	name    string
	cluster string
	tabs    *widget.Tabs

	service   panel[backend.Service]
	history   panel[backend.UsageHistory]
	targets   panel[targetsView]
	scaling   panel[backend.Scaling]
	discovery panel[[]backend.Discovery]
	more      Stream[map[string]extra]
	extra     extra

	targetTable    *widget.Table[targetRow]
	policyTable    *widget.Table[backend.ScalingPolicy]
	discoveryTable *widget.Table[discoveryRow]

	span int // into spans
	// seen is the service for those that read in the background.
	seen atomic.Pointer[backend.Service]
}

// The tabs, in their order.
const (
	tabOverview = iota
	tabTargets
	tabScaling
	tabDiscovery
)

var (
	_ Screen = (*ServiceDetail)(nil)
	_ Noted  = (*ServiceDetail)(nil)
)

// spans are how far back the charts go.
var spans = [...]struct {
	span time.Duration
	name string
}{
	{3 * time.Hour, "3 hours"}, {12 * time.Hour, "12 hours"}, {24 * time.Hour, "24 hours"}, {7 * 24 * time.Hour, "7 days"}, {time.Hour, "1 hour"},
}

// How often the parts are read. What costs a call that is counted is kept by
// the backend for as long as it is the newest.
const (
	serviceEvery   = 5 * time.Second
	historyEvery   = 10 * time.Second
	targetsEvery   = 5 * time.Second
	scalingEvery   = 15 * time.Second
	discoveryEvery = 10 * time.Second
)

// NewServiceDetail makes the screen of a service, from what the list knows of it.
func NewServiceDetail(env *Env, s backend.Service) *ServiceDetail {
	th := env.Theme
	d := &ServiceDetail{
		env: env, name: s.Name, cluster: env.Cluster, more: Stream[map[string]extra]{Keep: 1},
		tabs:           widget.NewTabs(th, "overview", "targets", "scaling", "discovery"),
		targetTable:    widget.NewTable(th, targetColumns(false), func(r targetRow) string { return r.group + " " + targetKey(r.Target) }),
		policyTable:    widget.NewTable(th, policyColumns(), func(p backend.ScalingPolicy) string { return p.ARN }),
		discoveryTable: widget.NewTable(th, discoveryColumns(false), func(r discoveryRow) string { return r.host + " " + r.ID }),
	}
	d.targetTable.SetEmpty("No task is registered now.", "")
	d.policyTable.SetEmpty("It has no scaling policy: only its bounds hold.", "")
	d.discoveryTable.SetEmpty("No task is registered now.", "")
	d.service.value, d.service.loaded = s, s.ARN != ""
	d.see()
	return d
}

func (d *ServiceDetail) see() {
	if d.service.loaded {
		s := d.service.value
		d.seen.Store(&s)
	}
}

// current is the service with its document, for those that read in the
// background: as it was read last, or read now.
func (d *ServiceDetail) current(ctx context.Context) (backend.Service, error) {
	if s := d.seen.Load(); s != nil && len(s.Document) > 0 {
		return *s, nil
	}
	return d.read(ctx)
}

// Crumb is the service's name, and that this is about what it stands on.
func (d *ServiceDetail) Crumb() string { return d.name + " health" }

// Init reads what is on screen.
func (d *ServiceDetail) Init() tea.Cmd { return tea.Batch(d.readService(), d.readTab()) }

// readTab reads the parts that the tab shows.
func (d *ServiceDetail) readTab() tea.Cmd {
	can := func(c backend.Capability) bool { return d.env.Backend.Unsupported(c) == "" }
	var cmds []tea.Cmd
	tab := d.tabs.Active()
	if tab == tabOverview {
		cmds = append(cmds, d.readHistory(), d.more.Start(d.env.Ctx, d.measure))
	}
	if (tab == tabOverview || tab == tabTargets) && can(backend.CanBalance) {
		cmds = append(cmds, d.readTargets(tab == tabTargets))
	}
	if (tab == tabOverview || tab == tabScaling) && can(backend.CanAutoscale) {
		cmds = append(cmds, d.readScaling())
	}
	if tab == tabDiscovery && can(backend.CanDiscover) {
		cmds = append(cmds, d.readDiscovery())
	}
	return tea.Batch(cmds...)
}

// stopTab ends what readTab began.
func (d *ServiceDetail) stopTab() {
	d.history.stop()
	d.more.Stop()
	d.targets.stop()
	d.scaling.stop()
	d.discovery.stop()
}

// show goes to a tab.
func (d *ServiceDetail) show(tab int) tea.Cmd {
	d.stopTab()
	d.tabs.SetActive(tab)
	return d.readTab()
}

func (d *ServiceDetail) readService() tea.Cmd { return d.service.start(d.env, serviceEvery, d.read) }

func (d *ServiceDetail) read(ctx context.Context) (backend.Service, error) {
	found, err := d.env.Backend.DescribeServices(ctx, d.cluster, []string{d.name})
	switch {
	case err != nil:
		return backend.Service{}, err
	case len(found) == 0:
		return backend.Service{}, &backend.Error{
			Op: "DescribeServices", Kind: backend.NotFound, Resource: d.name,
			Err: errServiceGone, Remedy: "esc goes back to the services that there are",
		}
	}
	return found[0], nil
}

func (d *ServiceDetail) readHistory() tea.Cmd {
	span := spans[d.span].span
	return d.history.start(d.env, historyEvery, func(ctx context.Context) (backend.UsageHistory, error) {
		now := d.env.Clock.Now()
		return d.env.Backend.ServiceHistory(ctx, d.cluster, d.name, backend.HistoryQuery{
			From: now.Add(-span), To: now, Period: backend.HistoryPeriod(span),
		})
	})
}

// measure is what the service uses now, as the list of services shows it.
func (d *ServiceDetail) measure(ctx context.Context) iter.Seq[map[string]extra] {
	return serviceExtras(d.env, d.cluster)(ctx, func() []backend.Service {
		if s := d.seen.Load(); s != nil {
			return []backend.Service{*s}
		}
		return nil
	})
}

// Close ends the reading; what was read stays for when the screen comes back.
func (d *ServiceDetail) Close() {
	d.service.stop()
	d.stopTab()
}

// Update takes what was read, and the keys of tabs and tables.
func (d *ServiceDetail) Update(msg tea.Msg) tea.Cmd {
	if next, mine := d.receive(msg); mine {
		return next
	}
	switch msg := msg.(type) {
	case scalingChanged:
		if msg.of == d {
			d.scaling.value, d.scaling.loaded, d.scaling.err, d.scaling.at = msg.now, true, nil, d.env.Clock.Now()
			d.policyTable.SetRows(msg.now.Policies)
			return Do(msg.say)
		}
	case tea.KeyPressMsg:
		before := d.tabs.Active()
		if d.tabs.Key(msg) {
			to := d.tabs.Active()
			d.tabs.SetActive(before)
			return d.show(to)
		}
		d.key(msg)
	case tea.MouseWheelMsg:
		d.move(wheel(msg))
	}
	return nil
}

// receive takes what one of the parts has read.
func (d *ServiceDetail) receive(msg tea.Msg) (next tea.Cmd, mine bool) {
	if next, mine = d.service.receive(msg); mine {
		d.see()
		return next, true
	}
	if next, mine = d.history.receive(msg); mine {
		return next, true
	}
	if next, mine = d.targets.receive(msg); mine {
		d.targetTable.SetHidden("GROUP", len(d.targets.value.groups) < 2)
		d.targetTable.SetRows(d.targets.value.rows())
		return next, true
	}
	if next, mine = d.scaling.receive(msg); mine {
		d.policyTable.SetRows(d.scaling.value.Policies)
		return next, true
	}
	if next, mine = d.discovery.receive(msg); mine {
		d.discoveryTable.SetHidden("NAME", len(d.discovery.value) < 2)
		d.discoveryTable.SetRows(discoveryRows(d.discovery.value))
		return next, true
	}
	found, _, next, mine := d.more.Receive(msg)
	if mine && len(found) > 0 {
		d.takeExtra(found[len(found)-1][d.service.value.ARN])
	}
	return next, mine
}

// key and move are for the table on the tab.
func (d *ServiceDetail) key(k tea.KeyPressMsg) {
	switch d.tabs.Active() {
	case tabTargets:
		d.targetTable.Key(k)
	case tabScaling:
		d.policyTable.Key(k)
	case tabDiscovery:
		d.discoveryTable.Key(k)
	}
}

func (d *ServiceDetail) move(by int) {
	switch d.tabs.Active() {
	case tabTargets:
		d.targetTable.Move(by)
	case tabScaling:
		d.policyTable.Move(by)
	case tabDiscovery:
		d.discoveryTable.Move(by)
	}
}

// takeExtra keeps what was measured until it is measured again.
func (d *ServiceDetail) takeExtra(e extra) {
	if e.Usage == nil && d.extra.Usage != nil && d.env.Clock.Now().Sub(d.extra.Usage.At) < usageFor {
		e.Usage = d.extra.Usage
	}
	d.extra = e
}

// Note says how far back the charts go.
func (d *ServiceDetail) Note() (beside, right string) {
	right = d.service.refreshed(d.env)
	if d.tabs.Active() == tabOverview {
		beside = strings.Join(parts("last "+spans[d.span].name, d.history.value.Note), " · ")
	}
	return beside, right
}
