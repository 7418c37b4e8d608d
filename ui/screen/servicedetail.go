package screen

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// ServiceDetail is one service and what it stands on: how it is doing, what it
// used over the last hours, and what happened to it. Each part is read by
// itself, and only while it is on screen.
type ServiceDetail struct {
	env     *Env
	name    string
	cluster string

	service panel[backend.Service]
	history panel[backend.UsageHistory]
	more    Stream[map[string]extra]
	extra   extra

	span int // into spans
	// seen is what the goroutine that measures may read.
	seen atomic.Pointer[backend.Service]
}

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
	serviceEvery = 5 * time.Second
	historyEvery = 10 * time.Second
)

// NewServiceDetail makes the screen of a service, from what the list knows of it.
func NewServiceDetail(env *Env, s backend.Service) *ServiceDetail {
	d := &ServiceDetail{env: env, name: s.Name, cluster: env.Cluster, more: Stream[map[string]extra]{Keep: 1}}
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

// Crumb is the service's name, and that this is about what it stands on.
func (d *ServiceDetail) Crumb() string { return d.name + " health" }

// Init reads the parts.
func (d *ServiceDetail) Init() tea.Cmd {
	return tea.Batch(d.readService(), d.readHistory(), d.more.Start(d.env.Ctx, d.measure))
}

func (d *ServiceDetail) readService() tea.Cmd {
	return d.service.start(d.env, serviceEvery, func(ctx context.Context) (backend.Service, error) {
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
	})
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
	d.history.stop()
	d.more.Stop()
}

// Update takes what was read.
func (d *ServiceDetail) Update(msg tea.Msg) tea.Cmd {
	if next, mine := d.service.receive(msg); mine {
		d.see()
		return next
	}
	if next, mine := d.history.receive(msg); mine {
		return next
	}
	if found, _, next, mine := d.more.Receive(msg); mine {
		if len(found) > 0 {
			d.takeExtra(found[len(found)-1][d.service.value.ARN])
		}
		return next
	}
	return nil
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
	if d.service.err == nil && d.service.loaded && !d.service.at.IsZero() {
		right = "refreshed " + widget.Ago(d.env.Clock.Now(), d.service.at)
	}
	return "last " + spans[d.span].name, right
}

// Actions are the service's own keys, and those of the charts.
func (d *ServiceDetail) Actions() []Action {
	env := d.env
	at := serviceAt{
		current: func() backend.Service { return d.service.value },
		chosen:  func() []backend.Service { return []backend.Service{d.service.value} },
		need: func() string {
			if !d.service.loaded {
				return "it is still being read"
			}
			return ""
		},
		target: func() (string, string) {
			if !d.service.loaded {
				return "", ""
			}
			return d.name, followingOf(d.service.value, d.extra.Deployment)
		},
	}
	out := []Action{
		{
			Keys: []string{"enter"}, Name: "tasks", Help: "the tasks of the service", Group: groupGo, Footer: true,
			Run: func() tea.Cmd { return Do(Push{NewTasks(env, d.name)}) },
		},
		{
			Keys: []string{"r"}, Name: "range", Help: "how far back the charts go: 1, 3, 12, 24 hours, 7 days", Group: groupView, Footer: true,
			Run: func() tea.Cmd {
				d.span = (d.span + 1) % len(spans)
				d.history.loaded = false
				return d.readHistory()
			},
		},
	}
	out = append(out, serviceActions(env, at)...)
	return append(out, Action{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read everything again now", Group: groupView, Run: d.Init})
}

// healthAction opens the screen from where a service is in sight.
func healthAction(env *Env, at serviceAt) Action {
	return Action{
		Keys: []string{"m"}, Name: "health and metrics", Help: "CPU and memory over the last hours, and what the service stands on", Group: groupGo,
		Disabled: at.need, Run: func() tea.Cmd { return Do(Push{NewServiceDetail(env, at.current())}) },
	}
}

// statusLine is a sign and text in its colour.
func statusLine(th *theme.Theme, s theme.Status, text string) string {
	return th.Mark(s) + " " + text
}
