package uitest

import (
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui"
)

// eye is the root model with somebody who looks at every frame: it must fill
// the window exactly, whatever is on it.
type eye struct {
	app  *ui.App
	fail func(format string, args ...any)

	mu    sync.Mutex
	view  tea.View
	w, h  int
	wrong bool // one complaint is enough
}

func (e *eye) Init() tea.Cmd { return e.app.Init() }

func (e *eye) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		e.mu.Lock()
		e.w, e.h = size.Width, size.Height
		e.mu.Unlock()
	}
	_, cmd := e.app.Update(msg)
	return e, cmd
}

func (e *eye) View() tea.View {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.view = e.app.View()
	if e.w > 0 && !e.wrong {
		e.measure()
	}
	return e.view
}

func (e *eye) measure() {
	lines := strings.Split(e.view.Content, "\n")
	if len(lines) != e.h {
		e.wrong = true
		e.fail("%d lines in a window of %d×%d:\n%s", len(lines), e.w, e.h, ansi.Strip(e.view.Content))
	}
	for _, l := range lines {
		if n := ansi.StringWidth(l); n > e.w {
			e.wrong = true
			e.fail("a line of %d cells in a window of %d×%d:\n%q", n, e.w, e.h, l)
			return
		}
	}
}

// frame is the last frame as it was drawn, and without its colours.
func (e *eye) frame() (styled, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := strings.Split(ansi.Strip(e.view.Content), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return e.view.Content, strings.Join(lines, "\n") + "\n"
}
