package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
)

// Actions are the list's own keys around those of its kind.
func (l *list[T]) Actions() []Action {
	var out []Action
	if l.cfg.enter != nil {
		out = append(out, Action{
			Keys: []string{"enter"}, Name: l.cfg.enterName, Help: "go into the " + l.cfg.one, Group: groupGo, Footer: true,
			Disabled: l.needEntry, Run: func() tea.Cmd { return l.cfg.enter(l.row()) },
		})
	}
	if l.cfg.actions != nil {
		out = append(out, l.cfg.actions(l)...)
	}
	return append(out,
		Action{Keys: []string{"/"}, Name: "filter", Help: "show only rows that contain these words", Group: groupView, Footer: true, Run: func() tea.Cmd {
			l.filtering = true
			l.input.Focus()
			return nil
		}},
		Action{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read everything again now", Group: groupView, Run: l.Init},
		keyHelp("o", "sort", "by the next column; O turns the order round", l.pressTable),
		keyHelp("space", "select", "for actions on several rows", l.pressTable),
	)
}

// keyHelp is an action that a widget does by itself when its key is pressed.
func keyHelp(key, name, help string, press func(string)) Action {
	return Action{Keys: []string{key}, Name: name, Help: help, Group: groupView, Run: func() tea.Cmd {
		press(key)
		return nil
	}}
}

// pressTable hands a key that an action stands for to the table.
func (l *list[T]) pressTable(key string) {
	k := tea.KeyPressMsg{Text: key, Code: []rune(key)[0]}
	if key == "space" {
		k = tea.KeyPressMsg{Text: " ", Code: tea.KeySpace}
	}
	l.table.Key(k)
}

// needRow is the reason of actions that work on the row under the cursor.
func (l *list[T]) needRow() string {
	r, ok := l.table.Cursor()
	switch {
	case !ok:
		return "no " + l.cfg.one + " is under the cursor"
	case !r.Loaded:
		return "it is still being read"
	}
	return ""
}

// needChosen is the reason of actions that work on all rows that are selected,
// and on the one under the cursor where none is.
func (l *list[T]) needChosen() string {
	if l.table.SelectedCount() == 0 {
		return l.needRow()
	}
	for _, r := range l.table.Selected() {
		if !r.Loaded {
			return backend.ShortName(r.Ref) + " is still being read"
		}
	}
	return ""
}

// needEntry is needRow for going into a row.
func (l *list[T]) needEntry() string {
	if _, ok := l.table.Cursor(); ok && l.cfg.byRef {
		return ""
	}
	return l.needRow()
}

// row is the row under the cursor, an empty one where there is none.
func (l *list[T]) row() listRow[T] {
	if r, ok := l.table.Cursor(); ok {
		return r
	}
	return listRow[T]{&watch.Row[T]{}, &noExtra}
}

// current is the item under the cursor.
func (l *list[T]) current() T { return l.row().Item }

// chosen are the selected items, also those that a filter hides, or the one
// under the cursor.
func (l *list[T]) chosen() []T {
	var out []T
	for _, r := range l.table.Selected() {
		if r.Loaded {
			out = append(out, r.Item)
		}
	}
	return out
}
