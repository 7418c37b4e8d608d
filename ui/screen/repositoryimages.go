package screen

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

var errRepositoryName = errors.New("lower-case letters and digits, with single - _ . or / between them")

type pushedRow = listRow[backend.Image]

// NewRepositoryImages lists the images of a repository, the newest first: their
// tags, what a scan found in them, and who uses them.
func NewRepositoryImages(env *Env, repository backend.Repository) Screen {
	return newList(env, listConfig[backend.Image]{
		crumb: repository.Name, one: "image", many: "images",
		columns: pushedColumns(env),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Image]] {
			return watch.RepositoryImages(ctx, env.Backend, repository.Name, o)
		},
		enter:     func(r pushedRow) tea.Cmd { return Do(Push{NewFindings(env, repository.Name, r.Item)}) },
		enterName: "findings",
		actions:   func(l *list[backend.Image]) []Action { return pushedActions(env, repository, l) },
		count: func(rows []pushedRow) string {
			images := make([]backend.Image, len(rows))
			for i, r := range rows {
				images[i] = r.Item
			}
			return imagesSummary(images)
		},
		empty: "There is no image in " + repository.Name + ".", hint: "A deploy pushes one.",
	})
}

func pushedColumns(env *Env) []widget.Column[pushedRow] {
	age := func(r pushedRow) widget.Cell {
		return widget.Cell{Text: widget.Ago(env.Clock.Now(), r.Item.CreatedAt), Style: theme.Muted}
	}
	return []widget.Column[pushedRow]{
		{
			Title: "TAGS", Min: 14, Max: 50, Flex: 2,
			Cell: func(r pushedRow) widget.Cell {
				c := widget.Cell{Text: bareTags(r.Item), Status: theme.Idle}
				switch {
				case len(r.Item.UsedBy) > 0:
					c.Status = theme.Steady
				case len(r.Item.Tags) == 0:
					c.Text, c.Style = "untagged", theme.Muted
				}
				return c
			},
			Less: func(a, b pushedRow) bool { return bareTags(a.Item) < bareTags(b.Item) },
		},
		{
			Title: "DIGEST", Min: 12, Max: 12, Priority: 4,
			Cell: func(r pushedRow) widget.Cell {
				return widget.Cell{Text: shortImageID(r.Item.Digest), Style: theme.Muted}
			},
		},
		{
			Title: "SIZE", Min: 8, Align: widget.Right, Priority: 2,
			Cell: func(r pushedRow) widget.Cell { return widget.Cell{Text: widget.Size(r.Item.Size)} },
			Less: func(a, b pushedRow) bool { return a.Item.Size > b.Item.Size },
		},
		{
			Title: "PUSHED", Min: 11, Align: widget.Right, Priority: 1, Cell: age,
			Less: func(a, b pushedRow) bool { return a.Item.CreatedAt.After(b.Item.CreatedAt) },
		},
		{
			Title: "LAST PULLED", Min: 11, Align: widget.Right, Priority: 3,
			Cell: func(r pushedRow) widget.Cell {
				if r.Item.PulledAt.IsZero() {
					return widget.Cell{Text: "–", Style: theme.Faint}
				}
				return widget.Cell{Text: widget.Ago(env.Clock.Now(), r.Item.PulledAt), Style: theme.Muted}
			},
			Less: func(a, b pushedRow) bool { return a.Item.PulledAt.After(b.Item.PulledAt) },
		},
		{
			Title: "FINDINGS", Min: 12, Max: 28,
			Cell: func(r pushedRow) widget.Cell { return scanCell(r.Item.Scan) },
			Less: func(a, b pushedRow) bool { return worse(a.Item.Scan, b.Item.Scan) },
		},
		{
			Title: "USED BY", Min: 12, Flex: 2,
			Cell: func(r pushedRow) widget.Cell {
				switch {
				case len(r.Item.UsedBy) > 0:
					return widget.Cell{Text: usedBy(r.Item.UsedBy)}
				case r.Item.UsePending:
					return widget.Cell{Text: "…", Style: theme.Faint}
				}
				return widget.Cell{Text: "–", Style: theme.Faint}
			},
			Less: func(a, b pushedRow) bool { return usedBy(a.Item.UsedBy) > usedBy(b.Item.UsedBy) },
		},
	}
}

// bareTags are an image's tags without their repository.
func bareTags(img backend.Image) string {
	return names(tagsWithin(img))
}

// tagsWithin are an image's tags without their repository.
func tagsWithin(img backend.Image) []string {
	tags := make([]string, len(img.Tags))
	for i, t := range img.Tags {
		_, tags[i], _ = cutTag(t)
	}
	return tags
}

// scanCell is how a scan went, in a few letters: "2C 5H 7M".
func scanCell(s *backend.Scan) widget.Cell {
	switch {
	case s == nil:
		return widget.Cell{Text: "not scanned", Style: theme.Faint}
	case !s.Ended():
		return widget.Cell{Text: "scanning", Status: theme.InMotion, Style: theme.Moving}
	case s.Status == "FAILED" || len(s.Counts) == 0 && s.At.IsZero():
		return widget.Cell{Text: strings.ToLower(s.Status), Style: theme.Warn}
	}
	var parts []string
	for _, severity := range backend.Severities() {
		if n := s.Counts[severity]; n > 0 {
			parts = append(parts, widget.Count(n)+severity[:1])
		}
	}
	c := widget.Cell{Text: strings.Join(parts, " "), Style: theme.Muted}
	switch {
	case len(parts) == 0:
		c.Text, c.Style = "none", theme.Good
	case s.Counts["CRITICAL"] > 0:
		c.Style = theme.Bad
	case s.Counts["HIGH"] > 0:
		c.Style = theme.Warn
	}
	return c
}

// worse says whether a scan found more of the worst than another one.
func worse(a, b *backend.Scan) bool {
	switch {
	case a == nil:
		return false
	case b == nil:
		return true
	}
	for _, severity := range backend.Severities() {
		if x, y := a.Counts[severity], b.Counts[severity]; x != y {
			return x > y
		}
	}
	return false
}

func pushedActions(env *Env, repository backend.Repository, l *list[backend.Image]) []Action {
	return []Action{
		{
			Keys: []string{"L"}, Name: "layers", Help: "what the image is made of", Group: groupGo, Footer: true,
			Disabled: l.needRow, Run: func() tea.Cmd {
				row := imageRow{Image: l.current()}
				if len(row.Image.Tags) > 0 {
					row.Tag = row.Image.Tags[0]
				}
				return Do(Push{newImageDetail(env, row)})
			},
		},
		scanAction(env, l.needRow, func() string { return pushedRef(repository.Name, l.current()) }, func() tea.Cmd { return Do(reread[backend.Image]{l}) }),
		deletePushedAction(env, repository.Name, l),
		pruneRepositoryAction(env, nothing, func() []backend.Repository { return []backend.Repository{repository} }),
		describeAction(l.needRow, func() tea.Cmd { return describeImage(env, l.current(), pushedRef(repository.Name, l.current())) }),
		copyNamed(l, "copy reference", func(img backend.Image) string { return repository.URI + "@" + img.Digest }),
	}
}

// pushedRef is what the backend is asked with.
func pushedRef(repository string, img backend.Image) string { return repository + "@" + img.Digest }

// usedAmong is why one of several images can't be deleted.
func usedAmong(images []backend.Image) string {
	for _, img := range images {
		if why := whyKept(img); why != "" {
			return img.Name() + " is " + why
		}
	}
	return ""
}

func deletePushedAction(env *Env, repository string, l *list[backend.Image]) Action {
	a := Action{
		Keys: []string{"ctrl+d"}, Name: "delete", Help: "delete the image with all its tags, unless it is used", Group: groupChange, Footer: true,
		Disabled: firstReason(unlessChosen(l, env, backend.CanWrite), func() string { return usedAmong(l.chosen()) }),
		Ask: func() (widget.Question, func() tea.Cmd) {
			img := l.chosen()[0]
			return deletePushedQuestion(env, repository, img), func() tea.Cmd {
				return l.changing(func(ctx context.Context) (string, error) {
					return "deleted " + img.Name(), env.Backend.RemoveImage(ctx, pushedRef(repository, img))
				})
			}
		},
	}
	return a.orShow(l.table.SelectedCount(), func() Screen { return deletePushed(env, repository, l) })
}

func deletePushedQuestion(env *Env, repository string, img backend.Image) widget.Question {
	return widget.Question{
		Title: "Delete image", Verb: "delete it", Danger: true, Target: pushedRef(repository, img), Typed: protectedName(env, repository),
		Body: []string{fmt.Sprintf("%9s  %s", widget.Size(img.Size), pushedTags(img)), keptIfNeeded},
	}
}

const keptIfNeeded = "What a service or a task needs is not deleted."

// pushedTags are all tags of an image without their repository.
func pushedTags(img backend.Image) string {
	if len(img.Tags) == 0 {
		return shortImageID(img.Digest) + " (untagged)"
	}
	return strings.Join(tagsWithin(img), ", ")
}

// deletePushed shows several that go.
func deletePushed(env *Env, repository string, l *list[backend.Image]) Screen {
	images := l.chosen()
	return newBulk(env, bulk[backend.Image]{
		verb: "delete", past: "deleted", what: "image", rows: images, began: l.table.ClearSelection,
		item: func(img backend.Image) pruneItem {
			return pruneItem{pushedTags(img), fmt.Sprintf("%9s  pushed %s", widget.Size(img.Size), widget.Ago(env.Clock.Now(), img.CreatedAt))}
		},
		question: widget.Question{
			Target: widget.Plural(len(images), "image", "images") + " of " + repository + " on " + placeName(env), Typed: protectedName(env, repository),
			Body: []string{keptIfNeeded},
		},
		do: func(ctx context.Context, img backend.Image) error {
			return env.Backend.RemoveImage(ctx, pushedRef(repository, img))
		},
	})
}

// scanAction has an image scanned.
func scanAction(env *Env, disabled func() string, ref func() string, again func() tea.Cmd) Action {
	return Action{
		Keys: []string{"S"}, Name: "scan", Help: "look for known vulnerabilities in it now", Group: groupChange, Footer: true,
		Disabled: firstReason(func() string { return env.Backend.Unsupported(backend.CanWrite) }, disabled),
		Run: func() tea.Cmd {
			of := ref()
			return tea.Sequence(call(env, func(ctx context.Context) (string, error) {
				return of, env.Backend.StartScan(ctx, of)
			}, func(of string) tea.Msg { return Say{theme.InMotion, of + " is being scanned"} }), again())
		},
	}
}

// describeAction shows a whole document.
func describeAction(disabled func() string, run func() tea.Cmd) Action {
	return Action{Keys: []string{"d"}, Name: "describe", Help: "the whole of it, as ECS has it", Group: groupGo, Disabled: disabled, Run: run}
}

// describeImage shows an image's whole document.
func describeImage(env *Env, img backend.Image, ref string) tea.Cmd {
	return Do(Push{NewDescribe(env, img.Name(), nil, imageReader(env, ref))})
}
