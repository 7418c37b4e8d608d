package screen

import (
	"context"
	"fmt"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type findingRow = listRow[backend.ScanFinding]

// NewFindings lists the known vulnerabilities of an image, the worst first.
func NewFindings(env *Env, repository string, img backend.Image) Screen {
	ref := pushedRef(repository, img)
	return newList(env, listConfig[backend.ScanFinding]{
		crumb: orText(bareTags(img), shortImageID(img.Digest)) + " findings", one: "finding", many: "findings",
		columns: findingColumns(),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.ScanFinding]] {
			return watch.Findings(ctx, env.Backend, ref, o)
		},
		actions: func(l *list[backend.ScanFinding]) []Action {
			return []Action{
				scanAction(env, nothing, func() string { return ref }, func() tea.Cmd { return Do(reread[backend.ScanFinding]{l}) }),
				describeAction(nothing, func() tea.Cmd { return describeImage(env, img, ref) }),
				copyNamed(l, "copy address", func(f backend.ScanFinding) string { return orText(f.URI, f.ID) }),
			}
		},
		detail: func(f backend.ScanFinding) string { return strings.TrimSpace(f.Text + " " + f.URI) },
		count:  findingsTotal,
		empty:  "Nothing is known to be wrong with this image.",
		hint:   "A scan that is still going on has found nothing yet.",
	})
}

func findingColumns() []widget.Column[findingRow] {
	text := func(title string, least, most, priority int, of func(backend.ScanFinding) string) widget.Column[findingRow] {
		return widget.Column[findingRow]{
			Title: title, Min: least, Max: most, Priority: priority,
			Cell: func(r findingRow) widget.Cell {
				if s := of(r.Item); s != "" {
					return widget.Cell{Text: s}
				}
				return widget.Cell{Text: "–", Style: theme.Faint}
			},
			Less: func(a, b findingRow) bool { return of(a.Item) < of(b.Item) },
		}
	}
	return []widget.Column[findingRow]{
		{
			Title: "SEVERITY", Min: 8, Max: 13,
			Cell: func(r findingRow) widget.Cell {
				return widget.Cell{Text: strings.ToLower(r.Item.Severity), Style: severityStyle(r.Item.Severity)}
			},
			Less: func(a, b findingRow) bool {
				return backend.SeverityRank(a.Item.Severity) < backend.SeverityRank(b.Item.Severity)
			},
		},
		{
			Title: "SCORE", Min: 5, Align: widget.Right, Priority: 2,
			Cell: func(r findingRow) widget.Cell {
				if r.Item.Score == 0 {
					return widget.Cell{Text: "–", Style: theme.Faint}
				}
				return widget.Cell{Text: fmt.Sprintf("%.1f", r.Item.Score)}
			},
			Less: func(a, b findingRow) bool { return a.Item.Score > b.Item.Score },
		},
		text("VULNERABILITY", 14, 24, 0, func(f backend.ScanFinding) string { return f.ID }),
		text("PACKAGE", 8, 32, 0, func(f backend.ScanFinding) string { return f.Package }),
		text("VERSION", 8, 24, 1, func(f backend.ScanFinding) string { return f.Version }),
		text("FIXED IN", 8, 24, 1, func(f backend.ScanFinding) string { return f.FixedIn }),
		{
			Title: "DESCRIPTION", Min: 20, Flex: 1, Priority: 3,
			Cell: func(r findingRow) widget.Cell { return widget.Cell{Text: r.Item.Text, Style: theme.Muted} },
		},
	}
}

func severityStyle(severity string) theme.Token {
	switch severity {
	case "CRITICAL":
		return theme.Bad
	case "HIGH":
		return theme.Warn
	case "MEDIUM":
		return theme.Text
	}
	return theme.Muted
}

// findingsTotal counts by severity, the worst first.
func findingsTotal(rows []findingRow) string {
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.Item.Severity]++
	}
	var parts []string
	for _, severity := range backend.Severities() {
		if n := counts[severity]; n > 0 {
			parts = append(parts, widget.Count(n)+" "+strings.ToLower(severity))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}
