package screen

import (
	"context"
	"iter"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type familyRow = listRow[watch.Family]

// NewFamilies lists the task definition families of the account, with the
// newest revision of each.
func NewFamilies(env *Env) Screen {
	return newList(env, listConfig[watch.Family]{
		crumb: "task definitions", one: "family", many: "families",
		columns: []widget.Column[familyRow]{
			{
				Title: "FAMILY", Min: 16, Flex: 2,
				Cell: func(r familyRow) widget.Cell {
					if r.Loaded && r.Item.Newest.ARN == "" {
						return widget.Cell{Text: r.Ref, Status: theme.Idle, Style: theme.Muted}
					}
					return widget.Cell{Text: r.Ref, Status: theme.Steady}
				},
				Less: func(a, b familyRow) bool { return a.Ref < b.Ref },
			},
			{
				Title: "NEWEST", Min: 6, Align: widget.Right,
				Cell: func(r familyRow) widget.Cell {
					switch {
					case !r.Loaded:
						return widget.Cell{}
					case r.Item.Newest.ARN == "":
						return widget.Cell{Text: "inactive", Style: theme.Faint}
					}
					return widget.Cell{Text: strconv.Itoa(r.Item.Newest.Revision)}
				},
				Less: func(a, b familyRow) bool { return a.Item.Newest.Revision > b.Item.Newest.Revision },
			},
			definitionColumn(registeredColumn(env), newestOf),
			definitionColumn(cpuColumn(), newestOf),
			definitionColumn(memoryColumn(), newestOf),
			definitionColumn(imagesColumn(), newestOf),
		},
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[watch.Family]] {
			return watch.Families(ctx, env.Backend, o)
		},
		enter:     func(r familyRow) tea.Cmd { return Do(Push{NewRevisions(env, r.Ref)}) },
		enterName: "revisions", byRef: true,
		actions: func(l *list[watch.Family]) []Action {
			return []Action{
				{
					Keys: []string{"d"}, Name: "describe", Help: "the newest revision, as ECS has it", Group: groupGo, Footer: true,
					Disabled: func() string {
						if why := l.needRow(); why != "" {
							return why
						}
						if l.current().Newest.ARN == "" {
							return "the family has no active revision: enter lists the others"
						}
						return ""
					},
					Run: func() tea.Cmd { return describeDefinition(env, l.current().Newest.ARN) },
				},
				pruneRevisionsAction(env, l.needRow, func() string { return l.current().Name }),
				copyAction(l, func(f watch.Family) string { return f.Name }),
			}
		},
		empty: "No task definition is registered.", hint: "The first deploy registers one.",
	})
}

func newestOf(r familyRow) definition {
	return definition{r.Item.Newest, r.Loaded && r.Item.Newest.ARN != ""}
}
