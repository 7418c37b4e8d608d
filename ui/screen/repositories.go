package screen

import (
	"context"
	"iter"
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type repositoryRow = listRow[backend.Repository]

// NewRepositories lists the repositories of the registry: how they are set up,
// and what is in them.
func NewRepositories(env *Env) Screen {
	return newList(env, listConfig[backend.Repository]{
		crumb: "repositories", one: "repository", many: "repositories",
		columns: repositoryColumns(env),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Repository]] {
			return watch.Repositories(ctx, env.Backend, o)
		},
		extras:    repositoryContents(env),
		enter:     func(r repositoryRow) tea.Cmd { return Do(Push{NewRepositoryImages(env, r.Item)}) },
		enterName: "images",
		actions:   func(l *list[backend.Repository]) []Action { return repositoryActions(env, l) },
		empty:     "There is no repository.", hint: "n makes one; so does the first deploy, after asking.",
	})
}

func repositoryColumns(env *Env) []widget.Column[repositoryRow] {
	return []widget.Column[repositoryRow]{
		{
			Title: "REPOSITORY", Min: 16, Max: 60, Flex: 2,
			Cell: func(r repositoryRow) widget.Cell { return widget.Cell{Text: r.Ref} },
			Less: func(a, b repositoryRow) bool { return a.Ref < b.Ref },
		},
		contentsColumn("IMAGES", 6, 0, func(c backend.RepositoryContents) string {
			n := widget.Count(c.Images)
			if c.Partial {
				n += "+"
			}
			return n
		}, func(a, b backend.RepositoryContents) bool { return a.Images > b.Images }),
		contentsColumn("UNTAGGED", 8, 3, func(c backend.RepositoryContents) string { return widget.Count(c.Untagged) },
			func(a, b backend.RepositoryContents) bool { return a.Untagged > b.Untagged }),
		contentsColumn("SIZE", 8, 1, func(c backend.RepositoryContents) string { return widget.Size(c.Size) },
			func(a, b backend.RepositoryContents) bool { return a.Size > b.Size }),
		contentsColumn("PUSHED", 11, 2, func(c backend.RepositoryContents) string {
			return widget.Ago(env.Clock.Now(), c.PushedAt)
		}, func(a, b backend.RepositoryContents) bool { return a.PushedAt.After(b.PushedAt) }),
		{
			Title: "TAGS", Min: 9, Max: 24,
			Cell: func(r repositoryRow) widget.Cell {
				if r.Item.Immutable() {
					return widget.Cell{Text: "immutable", Style: theme.Text}
				}
				return widget.Cell{Text: "mutable", Style: theme.Muted}
			},
		},
		{
			Title: "SCAN", Min: 7,
			Cell: func(r repositoryRow) widget.Cell {
				if r.Item.ScanOnPush {
					return widget.Cell{Text: "on push", Style: theme.Text}
				}
				return widget.Cell{Text: "by hand", Style: theme.Faint}
			},
		},
		{
			Title: "URI", Min: 20, Flex: 3, Priority: 4,
			Cell: func(r repositoryRow) widget.Cell { return widget.Cell{Text: r.Item.URI, Style: theme.Muted} },
		},
	}
}

// contentsColumn is a column about what is in a repository.
func contentsColumn(title string, least, priority int, text func(backend.RepositoryContents) string, less func(a, b backend.RepositoryContents) bool) widget.Column[repositoryRow] {
	of := func(r repositoryRow) backend.RepositoryContents {
		if r.Extra.Contents == nil {
			return backend.RepositoryContents{}
		}
		return *r.Extra.Contents
	}
	return widget.Column[repositoryRow]{
		Title: title, Min: least, Align: widget.Right, Priority: priority,
		Cell: func(r repositoryRow) widget.Cell {
			if r.Extra.Contents == nil {
				return widget.Cell{Text: "…", Style: theme.Faint}
			}
			return widget.Cell{Text: text(*r.Extra.Contents)}
		},
		Less: func(a, b repositoryRow) bool { return less(of(a), of(b)) },
	}
}

// contentsFor is how long it is good to know what is in a repository.
const contentsFor = 30 * time.Second

// repositoryContents counts what is in the visible repositories: a call each,
// one after the other.
func repositoryContents(env *Env) func(context.Context, func() []backend.Repository) iter.Seq[map[string]extra] {
	return func(ctx context.Context, visible func() []backend.Repository) iter.Seq[map[string]extra] {
		return func(yield func(map[string]extra) bool) {
			known, read := map[string]extra{}, map[string]time.Time{}
			for ctx.Err() == nil {
				asked := false
				for _, r := range visible() {
					if at, ok := read[r.Name]; ok && env.Clock.Now().Sub(at) < contentsFor {
						continue
					}
					call, cancel := context.WithTimeout(ctx, callTimeout)
					c, err := env.Backend.RepositoryContents(call, r.Name)
					cancel()
					asked, read[r.Name] = true, env.Clock.Now()
					if err != nil {
						env.Log.Debug("what is in a repository", "repository", r.Name, "err", err)
						continue
					}
					known[r.Name] = extra{Contents: &c}
					if !yield(maps.Clone(known)) {
						return
					}
				}
				if !asked && !pause(ctx, env, extrasEvery) {
					return
				}
			}
		}
	}
}

func repositoryActions(env *Env, l *list[backend.Repository]) []Action {
	return []Action{
		{
			Keys: []string{"n"}, Name: "new", Help: "make a repository", Group: groupChange, Footer: true,
			Disabled: func() string { return env.Backend.Unsupported(backend.CanWrite) },
			Run:      func() tea.Cmd { return askRepository(env, l) },
		},
		pruneRepositoryAction(env, l.needChosen, l.chosen),
		pruneAllAction(env),
		describeAction(l.needRow, func() tea.Cmd {
			r := l.current()
			return Do(Push{NewDescribe(env, r.Name, r.Document, nil)})
		}),
		copyNamed(l, "copy URI", func(r backend.Repository) string { return r.URI }),
	}
}

// askRepository asks how the new repository shall be.
func askRepository(env *Env, l *list[backend.Repository]) tea.Cmd {
	const yes, no = "yes", "no"
	form := widget.NewForm(env.Theme, "New repository", []string{"It is made on " + placeName(env) + "."}, "make it", []widget.Field{
		{Key: "name", Label: "Name", Hint: "such as shop/web", Required: true, Check: validRepository},
		{Key: "immutable", Label: "Tags are immutable", Kind: widget.ChoiceField, Choices: []string{no, yes}, Value: no},
		{Key: "scan", Label: "Scan on push", Kind: widget.ChoiceField, Choices: []string{yes, no}, Value: yes},
	})
	return Do(Ask{form, func() tea.Cmd {
		spec := backend.RepositorySpec{Name: form.Value("name"), Immutable: form.Value("immutable") == yes, ScanOnPush: form.Value("scan") == yes}
		return l.changing(func(ctx context.Context) (string, error) {
			made, err := env.Backend.CreateRepository(ctx, spec)
			return "made the repository " + made.Name, err
		})
	}})
}

func validRepository(name string) error {
	if backend.ValidRepository(name) {
		return nil
	}
	return errRepositoryName
}
