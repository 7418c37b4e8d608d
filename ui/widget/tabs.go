package widget

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Tabs is a line of tabs; digits, tab and the brackets switch.
type Tabs struct {
	th     *theme.Theme
	titles []string
	active int
}

// NewTabs makes the tabs, the first one active.
func NewTabs(th *theme.Theme, titles ...string) *Tabs { return &Tabs{th: th, titles: titles} }

// Active is the index of the active tab.
func (t *Tabs) Active() int { return t.active }

// SetActive switches to a tab, if there is one of that index.
func (t *Tabs) SetActive(i int) {
	if i >= 0 && i < len(t.titles) {
		t.active = i
	}
}

// SetTitle changes a tab's title, to count what is in it.
func (t *Tabs) SetTitle(i int, title string) {
	if i >= 0 && i < len(t.titles) {
		t.titles[i] = title
	}
}

// Key takes a key and says whether it was for the tabs.
func (t *Tabs) Key(k tea.KeyPressMsg) bool {
	n := len(t.titles)
	if n == 0 {
		return false
	}
	switch s := k.String(); s {
	case "tab", "]":
		t.active = (t.active + 1) % n
	case "shift+tab", "[":
		t.active = (t.active + n - 1) % n
	default:
		i, err := strconv.Atoi(s)
		if err != nil || len(s) != 1 || i < 1 || i > n {
			return false
		}
		t.active = i - 1
	}
	return true
}

// Line draws the tabs in one line of w cells.
func (t *Tabs) Line(w int) string {
	parts := make([]string, len(t.titles))
	for i, title := range t.titles {
		key := t.th.Paint(theme.Faint, strconv.Itoa(i+1))
		if i == t.active {
			parts[i] = t.th.Paint(theme.FooterKey, strconv.Itoa(i+1)) + " " + t.th.Paint(theme.CrumbLast, title)
			continue
		}
		parts[i] = key + " " + t.th.Paint(theme.Muted, title)
	}
	return Cut(" "+strings.Join(parts, "   "), w)
}

// View draws the tabs in the first of h lines.
func (t *Tabs) View(w, h int) string { return Fill([]string{t.Line(w)}, w, h) }
