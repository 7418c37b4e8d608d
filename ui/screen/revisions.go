package screen

import (
	"context"
	"iter"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type revisionRow = listRow[backend.TaskDefinition]

// NewRevisions lists the revisions of a task definition family: the ACTIVE
// ones, newest first, then those that were deregistered; who needs them, and
// what can be done with them.
func NewRevisions(env *Env, family string) Screen {
	var l *list[backend.TaskDefinition]
	used := func(r revisionRow) (uses []deploy.RevisionUse, known bool) {
		_, known = l.extras[usesRead]
		return r.Extra.Uses, known || len(r.Extra.Uses) > 0
	}
	l = newList(env, listConfig[backend.TaskDefinition]{
		crumb: family + " revisions", one: "revision", many: "revisions",
		columns: revisionColumns(env, used),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.TaskDefinition]] {
			return watch.Revisions(ctx, env.Backend, family, o)
		},
		extras:    revisionUses(env, family),
		enter:     func(r revisionRow) tea.Cmd { return describeRevision(env, r.Item) },
		enterName: "describe",
		actions:   func(l *list[backend.TaskDefinition]) []Action { return revisionActions(env, family, l) },
		count:     revisionsTotal,
		empty:     "Family " + family + " has no revision.",
	})
	return l
}

func revisionColumns(env *Env, used func(revisionRow) ([]deploy.RevisionUse, bool)) []widget.Column[revisionRow] {
	itself := func(r revisionRow) definition { return definition{r.Item, r.Loaded} }
	return []widget.Column[revisionRow]{
		{Title: "REVISION", Min: 10, Max: 44, Cell: func(r revisionRow) widget.Cell {
			c := widget.Cell{Text: backend.ShortName(r.Ref), Status: theme.Idle}
			uses, _ := used(r)
			switch {
			case len(uses) > 0:
				c.Status = theme.Steady
			case r.Loaded && r.Item.Status != backend.ActiveDefinition:
				c.Style = theme.Faint
			}
			return c
		}},
		{Title: "STATUS", Min: 8, Max: 18, Cell: func(r revisionRow) widget.Cell {
			c := widget.Cell{Text: r.Item.Status, Style: theme.Muted}
			if r.Item.Status != backend.ActiveDefinition {
				c.Style = theme.Faint
			}
			return c
		}},
		definitionColumn(registeredColumn(env), itself),
		{Title: "USED BY", Min: 12, Flex: 2, Cell: func(r revisionRow) widget.Cell {
			uses, known := used(r)
			switch {
			case len(uses) > 0:
				return widget.Cell{Text: deploy.DescribeUses(uses)}
			case !known:
				return widget.Cell{Text: "…", Style: theme.Faint}
			}
			return widget.Cell{Text: "–", Style: theme.Faint}
		}},
		definitionColumn(cpuColumn(), itself),
		definitionColumn(memoryColumn(), itself),
		{Title: "NETWORK", Min: 8, Priority: 4, Cell: func(r revisionRow) widget.Cell {
			return widget.Cell{Text: r.Item.NetworkMode, Style: theme.Muted}
		}},
		definitionColumn(imagesColumn(), itself),
	}
}

// revisionsTotal counts what is active apart from what is not.
func revisionsTotal(rows []revisionRow) string {
	inactive := 0
	for _, r := range rows {
		if r.Loaded && r.Item.Status != backend.ActiveDefinition {
			inactive++
		}
	}
	text := widget.Plural(len(rows), "revision", "revisions")
	if inactive > 0 {
		text += ", " + widget.Count(inactive) + " inactive"
	}
	return text
}

const (
	// usesRead is the key of an extra which says that all uses were looked for.
	usesRead = ""
	// mostUsers is how many services are looked at for the column, where calls
	// are counted. Before something is deleted, all are.
	mostUsers = 500
	// usesEvery is when they are looked for again, and usesSlow where calls are
	// counted.
	usesEvery = 10 * time.Second
	usesSlow  = 5 * time.Minute
)

// revisionUses finds who needs a family's revisions, again and again.
func revisionUses(env *Env, family string) func(context.Context, func() []backend.TaskDefinition) iter.Seq[map[string]extra] {
	return func(ctx context.Context, visible func() []backend.TaskDefinition) iter.Seq[map[string]extra] {
		return func(yield func(map[string]extra) bool) {
			again, most := usesEvery, 0
			if watch.BackgroundOf(env.Backend) > 0 {
				again, most = usesSlow, mostUsers
			}
			known := map[string]extra{}
			for ctx.Err() == nil {
				for found, err := range deploy.ReadUses(backend.Background(ctx), env.Backend, family, env.Cluster, most) {
					if err != nil {
						env.Log.Debug("who uses the revisions", "family", family, "err", err)
						break
					}
					extras := usesByARN(visible(), found)
					for ref, e := range known { // what was found before stays until all was looked at again
						if _, there := extras[ref]; !there && !found.Whole {
							extras[ref] = e
						}
					}
					if known = extras; !yield(extras) {
						return
					}
				}
				if !pause(ctx, env, again) {
					return
				}
			}
		}
	}
}

// usesByARN are the uses as extras of the rows: all revisions of a family have
// ARNs that differ in their last part only.
func usesByARN(some []backend.TaskDefinition, found deploy.UsesFound) map[string]extra {
	out := map[string]extra{}
	if len(some) == 0 {
		return out
	}
	prefix := strings.TrimSuffix(some[0].ARN, some[0].Ref())
	for ref, uses := range found.Uses {
		out[prefix+ref] = extra{Uses: uses}
	}
	if found.Whole {
		out[usesRead] = extra{}
	}
	return out
}
