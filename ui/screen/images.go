package screen

import (
	"context"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// NewImages makes the images screen: a row for each tag, who uses it, and what
// can be tagged, deleted and pruned.
func NewImages(env *Env) Screen {
	return newList(env, listConfig[imageRow]{
		crumb: "images", one: "image", many: "images",
		columns: listColumns(imageColumns(env.Clock.Now)),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[imageRow]] {
			return watchImages(watch.Images(ctx, env.Backend, o))
		},
		enterName: "layers",
		enter:     func(r listRow[imageRow]) tea.Cmd { return Do(Push{newImageDetail(env, r.Item)}) },
		actions:   func(l *list[imageRow]) []Action { return imageActions(env, l) },
		count:     imagesTotal,
		empty:     "There are no images.",
		hint:      "b on the services screen builds the app's.",
	})
}

// imagesTotal counts each image once, however many tags it has.
func imagesTotal(rows []listRow[imageRow]) string {
	var images []backend.Image
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Item.Image.ID] {
			seen[r.Item.Image.ID] = true
			images = append(images, r.Item.Image)
		}
	}
	return imagesSummary(images)
}

// listColumns makes columns of a kind of row fit a list of it.
func listColumns[T any](cols []widget.Column[T]) []widget.Column[listRow[T]] {
	out := make([]widget.Column[listRow[T]], len(cols))
	for i, c := range cols {
		out[i] = widget.Column[listRow[T]]{
			Title: c.Title, Min: c.Min, Max: c.Max, Flex: c.Flex, Align: c.Align, Priority: c.Priority, Hidden: c.Hidden,
			Cell: func(r listRow[T]) widget.Cell { return c.Cell(r.Item) },
		}
		if c.Less != nil {
			out[i].Less = func(a, b listRow[T]) bool { return c.Less(a.Item, b.Item) }
		}
	}
	return out
}

// watchImages turns images into rows, one for each tag.
func watchImages(images iter.Seq[watch.Snapshot[backend.Image]]) iter.Seq[watch.Snapshot[imageRow]] {
	return func(yield func(watch.Snapshot[imageRow]) bool) {
		for snap := range images {
			out := watch.Snapshot[imageRow]{At: snap.At, Err: snap.Err}
			for _, r := range imageRows(snap.Items()) {
				out.Rows = append(out.Rows, &watch.Row[imageRow]{Ref: r.Key(), Item: r, Loaded: true})
			}
			if !yield(out) {
				return
			}
		}
	}
}

func imageActions(env *Env, l *list[imageRow]) []Action {
	able := func(c backend.Capability) func() string {
		return func() string { return env.Backend.Unsupported(c) }
	}
	return []Action{
		{
			Keys: []string{"T"}, Name: "tag", Help: "give the image another tag", Group: groupChange, Footer: true,
			Disabled: firstReason(l.needRow, able(backend.CanTagImage)),
			Run:      func() tea.Cmd { return askTag(env, l) },
		},
		deleteImageAction(env, l),
		{
			Keys: []string{"X"}, Name: "prune", Help: "delete all images that nothing uses, after showing them", Group: groupChange, Footer: true,
			Disabled: able(backend.CanPruneImage),
			Run:      func() tea.Cmd { return Do(Push{newImagesPrune(env)}) },
		},
		describeAction(l.needRow, func() tea.Cmd { return describeImage(env, l.current().Image, l.current().Ref()) }),
		copyNamed(l, "copy id", func(r imageRow) string { return r.Image.ID }),
	}
}

// firstReason is the first of several reasons.
func firstReason(reasons ...func() string) func() string {
	return func() string {
		for _, why := range reasons {
			if r := why(); r != "" {
				return r
			}
		}
		return ""
	}
}

// whyKeptAll is the reason why one of several rows can't be deleted.
func whyKeptAll(rows []imageRow) string {
	for _, r := range rows {
		if why := whyKept(r.Image); why != "" {
			return r.Name() + " is " + why
		}
	}
	return ""
}

func askTag(env *Env, l *list[imageRow]) tea.Cmd {
	row := l.current()
	form := widget.NewForm(env.Theme, "Tag image", []string{row.Name() + "  " + shortImageID(row.Image.ID)}, "tag", []widget.Field{
		{Key: "tag", Label: "New tag", Hint: "repository:tag", Value: row.Tag, Required: true, Check: validTag},
	})
	return Do(Ask{form, func() tea.Cmd {
		tag := form.Value("tag")
		return l.changing(func(ctx context.Context) (string, error) {
			return "tagged " + tag, env.Backend.TagImage(ctx, row.Ref(), tag)
		})
	}})
}

// placeName is where the images are, as a person calls it.
func placeName(env *Env) string {
	switch {
	case env.Info.Account != "" && env.Info.Backend != "":
		return env.Info.Backend + " " + env.Info.Account
	case env.Info.Backend != "":
		return env.Info.Backend
	default:
		return "this backend"
	}
}
