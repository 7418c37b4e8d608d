// Package widget holds what the screens are made of: a table, a log pane,
// steps, dialogs, forms, bars and lines. A widget knows no backend and is no
// tea.Model: it is a plain struct whose methods change it, and whose View
// returns text.
//
// You are between the screens, which know what things mean, and the theme,
// which knows how they look. Two rules hold for every widget, and the tests
// sweep over terminal sizes to check them:
//
//   - View(w, h) returns exactly h lines, none of them wider than w cells.
//   - View does no I/O and changes nothing that a user could notice; what it
//     costs depends on what is visible, not on how much there is.
//
// Text that widgets are given has been cleaned of control sequences where it
// entered the program; only log lines may bring colours.
package widget

import tea "charm.land/bubbletea/v2"

// Result is what became of a modal widget (a dialog, a form, the palette) by a
// message.
type Result int

// The results.
const (
	Open      Result = iota // it is still being answered
	Accepted                // yes; ask the widget for what was chosen
	Dismissed               // no
)

// Modal is a widget that takes all keys until it is answered.
type Modal interface {
	Update(msg tea.Msg) (tea.Cmd, Result)
	// Box draws the widget at its own size, within w×h.
	Box(w, h int) []string
}

var (
	_ Modal = (*Confirm)(nil)
	_ Modal = (*Choose)(nil)
	_ Modal = (*Form)(nil)
	_ Modal = (*Palette)(nil)
	_ Modal = (*Help)(nil)
)
