package screen

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

func (d *ServiceDetail) readScaling() tea.Cmd {
	return d.scaling.start(d.env, scalingEvery, func(ctx context.Context) (backend.Scaling, error) {
		return d.env.Backend.DescribeScaling(ctx, d.cluster, d.name)
	})
}

func policyColumns() []widget.Column[backend.ScalingPolicy] {
	type policy = backend.ScalingPolicy
	muted := func(title string, least, priority int, text func(policy) string) widget.Column[policy] {
		return widget.Column[policy]{Title: title, Min: least, Priority: priority, Cell: func(p policy) widget.Cell {
			return widget.Cell{Text: text(p), Style: theme.Muted}
		}}
	}
	alarms := muted("ALARMS", 12, 4, func(p policy) string { return strings.Join(p.Alarms, ", ") })
	alarms.Flex = 2
	return []widget.Column[policy]{
		{Title: "POLICY", Min: 10, Max: 32, Flex: 1, Cell: func(p policy) widget.Cell { return widget.Cell{Text: p.Name} }},
		{Title: "WHAT IT DOES", Min: 20, Flex: 3, Cell: func(p policy) widget.Cell { return widget.Cell{Text: policyText(p)} }},
		muted("OUT AGAIN AFTER", 8, 2, func(p policy) string { return widget.Elapsed(p.CoolOut) }),
		muted("IN AGAIN AFTER", 8, 3, func(p policy) string {
			if !p.ScaleIn {
				return "never"
			}
			return widget.Elapsed(p.CoolIn)
		}),
		alarms,
	}
}

// policyText says what a policy does: "keeps CPU at 60 %".
func policyText(p backend.ScalingPolicy) string {
	switch {
	case p.Metric != "":
		text := "keeps " + metricName(p.Metric) + " at " + strconv.FormatFloat(p.Target, 'f', -1, 64)
		if strings.HasSuffix(p.Metric, "Utilization") {
			text += " %"
		}
		if !p.ScaleIn {
			text += ", and never scales in"
		}
		return text
	case len(p.Steps) > 0:
		steps := make([]string, len(p.Steps))
		for i, s := range p.Steps {
			steps[i] = stepText(s)
		}
		return strings.Join(steps, "; ")
	}
	return p.Type
}

// metricName is one of ECS's predefined metrics in words.
func metricName(metric string) string {
	words := map[string]string{
		"ECSServiceAverageCPUUtilization": "CPU", "ECSServiceAverageMemoryUtilization": "memory",
		"ALBRequestCountPerTarget": "requests per target",
	}
	if w := words[metric]; w != "" {
		return w
	}
	return metric
}

// stepText is one step of a policy: "+1 task from 10 to 100 over the alarm".
func stepText(s backend.ScalingStep) string {
	var by string
	switch s.Kind {
	case "PercentChangeInCapacity":
		by = fmt.Sprintf("%+d %%", s.Change)
	case "ExactCapacity":
		by = widget.Plural(s.Change, "task", "tasks")
	default:
		by = fmt.Sprintf("%+d", s.Change)
	}
	number := func(f *float64) string { return strconv.FormatFloat(*f, 'f', -1, 64) }
	switch {
	case s.Lower != nil && s.Upper != nil:
		return by + " from " + number(s.Lower) + " to " + number(s.Upper) + " over the alarm"
	case s.Lower != nil:
		return by + " from " + number(s.Lower) + " over the alarm"
	case s.Upper != nil:
		return by + " up to " + number(s.Upper) + " over the alarm"
	}
	return by
}

// suspendedText names what is suspended, "" for nothing.
func suspendedText(s backend.Suspension) string {
	var out []string
	for _, p := range []struct {
		on   bool
		name string
	}{{s.Out, "scaling out"}, {s.In, "scaling in"}, {s.Scheduled, "scheduled actions"}} {
		if p.on {
			out = append(out, p.name)
		}
	}
	return strings.Join(out, ", ")
}

// scalingTab draws the bounds, then the policies.
func (d *ServiceDetail) scalingTab(w, h int) string {
	return d.scaling.page(d.env, "how it is scaled", w, h, func(w, h int) string {
		s, th := d.scaling.value, d.env.Theme
		if !s.Registered {
			return message(th, d.name+" is not registered for autoscaling: only people and deploys change how many tasks it wants.", "A registers it, with a least and a most number of tasks.", w, h)
		}
		rows := [][2]string{{"bounds", fmt.Sprintf("%d to %s, %d wanted now", s.Min, widget.Plural(s.Max, "task", "tasks"), d.service.value.Desired)}}
		if text := suspendedText(s.Suspended); text != "" {
			rows = append(rows, [2]string{"suspended", statusLine(th, theme.Warning, text)})
		}
		if !s.CreatedAt.IsZero() {
			rows = append(rows, [2]string{"registered", widget.Ago(d.env.Clock.Now(), s.CreatedAt)})
		}
		lines := append(factLines(th, rows, w), "")
		foot := d.rowFoot(w, h, ofRow(d.policyTable, func(p backend.ScalingPolicy) string {
			return strings.Join(parts(policyText(p), p.Type, strings.Join(p.Alarms, ", ")), " · ")
		}))
		body := d.policyTable.View(w, max(1, h-len(lines)-len(foot)))
		return strings.Join(slices.Concat(lines, []string{body}, foot), "\n")
	})
}

// scalingLine sums scaling up for the overview.
func (d *ServiceDetail) scalingLine() (line string, ok bool) {
	p := &d.scaling
	switch {
	case !p.loaded && p.err != nil:
		return statusLine(d.env.Theme, theme.Warning, oneLine(p.err)), true
	case !p.loaded || !p.value.Registered:
		return "", false
	}
	text := fmt.Sprintf("%d to %s", p.value.Min, widget.Plural(p.value.Max, "task", "tasks"))
	for _, policy := range p.value.Policies {
		text += ", " + policyText(policy)
	}
	if off := suspendedText(p.value.Suspended); off != "" {
		return statusLine(d.env.Theme, theme.Warning, text+"; suspended: "+off), true
	}
	return text, true
}

// scalingAction changes the bounds, and what is suspended.
func (d *ServiceDetail) scalingAction() Action {
	return Action{
		Keys: []string{"A"}, Name: "autoscaling", Help: "change its bounds, suspend it, or register the service for it", Group: groupChange, Footer: d.tabs.Active() == tabScaling,
		Disabled: func() string {
			for _, c := range []backend.Capability{backend.CanAutoscale, backend.CanWrite} {
				if why := d.env.Backend.Unsupported(c); why != "" {
					return why
				}
			}
			switch {
			case d.scaling.loaded:
				return ""
			case d.scaling.err != nil:
				return oneLine(d.scaling.err)
			}
			return "how it is scaled is still being read: its tab shows it"
		},
		Run: d.editScaling,
	}
}

const (
	scalingOn  = "on"
	scalingOff = "suspended"
)

func (d *ServiceDetail) editScaling() tea.Cmd {
	env, now, s := d.env, d.scaling.value, d.service.value
	low, high, verb := now.Min, now.Max, "change"
	body := "What the policies may do, and what they may not for now."
	if !now.Registered {
		low, high, verb = min(1, s.Desired), max(1, 2*s.Desired), "register"
		body = "It is not registered yet. Policies, which say when it scales, are not made here."
	}
	choice := func(key, label, hint string, off bool) widget.Field {
		f := widget.Field{Key: key, Label: label, Hint: hint, Kind: widget.ChoiceField, Value: scalingOn, Choices: []string{scalingOn, scalingOff}}
		if off {
			f.Value = scalingOff
		}
		return f
	}
	var form *widget.Form
	form = widget.NewForm(env.Theme, "Autoscaling of "+serviceTarget(env, s),
		[]string{fmt.Sprintf("It wants %s now. %s", widget.Plural(s.Desired, "task", "tasks"), body)}, verb,
		[]widget.Field{
			{Key: "min", Label: "at least", Kind: widget.NumberField, Value: strconv.Itoa(low), Max: mostScaled, Required: true, Hint: "tasks; 0 lets it scale to nothing"},
			{Key: "max", Label: "at most", Kind: widget.NumberField, Value: strconv.Itoa(high), Max: mostScaled, Required: true, Check: func(string) error {
				if n := form.Int("min"); form.Int("max") < n {
					return fmt.Errorf("must be %d or more", n)
				}
				return nil
			}},
			choice("out", "scaling out", "policies add tasks", now.Suspended.Out),
			choice("in", "scaling in", "policies take tasks away", now.Suspended.In),
			choice("scheduled", "schedules", "scheduled actions change the bounds", now.Suspended.Scheduled),
		})
	return Do(Ask{form, func() tea.Cmd {
		low, high := form.Int("min"), form.Int("max")
		off := func(key string) bool { return form.Value(key) == scalingOff }
		return d.changeScaling(backend.ScalingChange{
			Min: &low, Max: &high, Suspended: &backend.Suspension{In: off("in"), Out: off("out"), Scheduled: off("scheduled")},
		})
	}})
}

// mostScaled is ECS's quota of tasks in a service.
const mostScaled = 5000

func (d *ServiceDetail) changeScaling(c backend.ScalingChange) tea.Cmd {
	env, cluster, name := d.env, d.cluster, d.name
	done := fmt.Sprintf("%s scales from %d to %s", name, *c.Min, widget.Plural(*c.Max, "task", "tasks"))
	if off := suspendedText(*c.Suspended); off != "" {
		done += "; suspended: " + off
	}
	return call(env, func(ctx context.Context) (backend.Scaling, error) {
		return env.Backend.ChangeScaling(ctx, cluster, name, c)
	}, func(now backend.Scaling) tea.Msg { return scalingChanged{d, now, Say{theme.Steady, done}} })
}

// scalingChanged is the answer to a change, for the screen that asked for it.
type scalingChanged struct {
	of  *ServiceDetail
	now backend.Scaling
	say Say
}
