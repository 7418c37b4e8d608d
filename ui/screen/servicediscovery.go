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

// discoveryRow is one instance of one of a service's entries.
type discoveryRow struct {
	host string
	backend.Registration
}

func (d *ServiceDetail) readDiscovery() tea.Cmd {
	return d.discovery.start(d.env, discoveryEvery, func(ctx context.Context) ([]backend.Discovery, error) {
		s, err := d.current(ctx)
		if err != nil {
			return nil, err
		}
		return d.env.Backend.DescribeDiscovery(ctx, backend.DiscoveryQuery{Cluster: d.cluster, Service: d.name, ARNs: backend.DiscoveryARNs(s)})
	})
}

func discoveryRows(all []backend.Discovery) []discoveryRow {
	var out []discoveryRow
	for _, e := range all {
		for _, r := range e.Instances {
			out = append(out, discoveryRow{e.Host(), r})
		}
	}
	return out
}

func discoveryColumns(names bool) []widget.Column[discoveryRow] {
	return []widget.Column[discoveryRow]{
		{Title: "TASK", Min: 10, Max: 12, Cell: func(r discoveryRow) widget.Cell {
			status, _ := registrationState(r.Registration)
			return widget.Cell{Text: backend.ShortID(r.ID), Status: status}
		}},
		{Title: "HEALTH", Min: 9, Max: 12, Cell: func(r discoveryRow) widget.Cell { return statusCell(registrationState(r.Registration)) }},
		{Title: "NAME", Min: 12, Max: 40, Flex: 1, Hidden: !names, Cell: func(r discoveryRow) widget.Cell { return widget.Cell{Text: r.host} }},
		{Title: "ADDRESS", Min: 12, Max: 40, Flex: 1, Cell: func(r discoveryRow) widget.Cell {
			text := r.Address
			if r.Port > 0 {
				text += ":" + strconv.Itoa(r.Port)
			}
			return widget.Cell{Text: text}
		}},
		{Title: "ZONE", Min: 8, Max: 16, Priority: 1, Cell: func(r discoveryRow) widget.Cell { return widget.Cell{Text: r.Zone, Style: theme.Muted} }},
	}
}

// registrationState is an instance's health as a sign and a word.
func registrationState(r backend.Registration) (theme.Status, string) {
	switch r.Health {
	case backend.Healthy:
		return theme.Steady, "healthy"
	case backend.Unhealthy:
		return theme.Failure, "unhealthy"
	case "":
		return theme.None, "unchecked"
	default:
		return theme.InMotion, strings.ToLower(r.Health)
	}
}

// discoveryTab draws the entries, then who answers to them.
func (d *ServiceDetail) discoveryTab(w, h int) string {
	return d.discovery.page(d.env, "what it is registered as", w, h, func(w, h int) string {
		all := d.discovery.value
		if len(all) == 0 {
			return message(d.env.Theme, d.name+" is registered in no service discovery.", "serviceRegistries in its service document names entries of Cloud Map.", w, h)
		}
		rows := make([][2]string, len(all))
		for i, e := range all {
			rows[i] = [2]string{"name", strings.Join(parts(e.Host(), strings.Join(e.Records, ", "), e.Kind, e.Routing, fmt.Sprintf("%d registered", len(e.Instances))), " · ")}
		}
		lines := append(factLines(d.env.Theme, rows, w), "")
		body := d.discoveryTable.View(w, max(1, h-len(lines)))
		return strings.Join(slices.Concat(lines, []string{body}), "\n")
	})
}
