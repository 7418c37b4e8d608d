package widget

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Item is one entry of the palette, the help or a choice.
type Item struct {
	ID       string
	Title    string
	Key      string // shown beside it
	Group    string // heading in the help, note in the palette
	Detail   string // second column
	Disabled string // the reason why it can't be chosen now, "" when it can
	Status   theme.Status
}

// picker is a list of items with a cursor and a fuzzy filter; the modals are
// made of it.
type picker struct {
	th     *theme.Theme
	items  []Item
	shown  []fuzzy.Match // Index into items
	query  string
	cursor int // into shown
	top    int
}

func (p *picker) set(items []Item) {
	id := ""
	if it, ok := p.current(); ok {
		id = it.ID
	}
	p.items = items
	p.refilter()
	for i, m := range p.shown {
		if items[m.Index].ID == id {
			p.cursor = i
			return
		}
	}
	p.cursor = clamp(p.cursor, 0, max(0, len(p.shown)-1))
}

func (p *picker) filter(query string) {
	if query == p.query {
		return
	}
	p.query, p.cursor, p.top = query, 0, 0
	p.refilter()
}

// refilter keeps the given order when nothing is typed; otherwise what can be
// chosen comes before what can't, and of these the best match first.
func (p *picker) refilter() {
	p.shown = p.shown[:0]
	q := strings.TrimSpace(p.query)
	if q == "" {
		for i := range p.items {
			p.shown = append(p.shown, fuzzy.Match{Index: i})
		}
		return
	}
	rank := make([]int, len(p.items))
	for i, it := range p.items {
		m, n, ok := match(q, it)
		if !ok {
			continue
		}
		m.Index, rank[i] = i, n
		if it.Disabled != "" {
			rank[i] += nowhere
		}
		p.shown = append(p.shown, m)
	}
	slices.SortStableFunc(p.shown, func(a, b fuzzy.Match) int {
		return cmp.Or(cmp.Compare(rank[a.Index], rank[b.Index]), cmp.Compare(b.Score, a.Score))
	})
}

// The ranks of a match, the best first.
const (
	isIt    = iota // the title or the key itself
	begins         // the title begins with it
	aWord          // a word of the title begins with it
	inTitle        // its letters are in the title, in this order
	inText         // a word beside the title begins with it
	nowhere
)

// match says how well an item fits what was typed.
func match(query string, it Item) (m fuzzy.Match, rank int, ok bool) {
	q, title := strings.ToLower(query), strings.ToLower(it.Title)
	switch at := strings.Index(" "+title, " "+q); {
	case query == it.Key || q == title:
		return m, isIt, true
	case at >= 0:
		for i := range len(q) {
			m.MatchedIndexes = append(m.MatchedIndexes, at+i)
		}
		return m, min(begins+at, aWord), true
	}
	if found := fuzzy.Find(query, []string{it.Title}); len(found) > 0 {
		return found[0], inTitle, true
	}
	return m, inText, strings.Contains(strings.ToLower(" "+it.Group+" "+it.Detail+" "+it.Disabled), " "+q)
}

func (p *picker) current() (Item, bool) {
	if p.cursor < 0 || p.cursor >= len(p.shown) {
		return Item{}, false
	}
	return p.items[p.shown[p.cursor].Index], true
}

func (p *picker) move(by int) {
	if len(p.shown) > 0 {
		p.cursor = clamp(p.cursor+by, 0, len(p.shown)-1)
	}
}

// navigate takes the keys that move, for lists with and without a text field.
func (p *picker) navigate(k tea.KeyPressMsg, page int) bool {
	switch k.String() {
	case "up", "ctrl+p", "shift+tab":
		p.move(-1)
	case "down", "ctrl+n", "tab":
		p.move(1)
	case "pgup", "ctrl+b":
		p.move(-page)
	case "pgdown", "ctrl+f":
		p.move(page)
	case "home":
		p.move(-len(p.shown))
	case "end":
		p.move(len(p.shown))
	default:
		return false
	}
	return true
}

// lines draws h lines of w cells around the cursor. groups puts the group's
// name before its first item.
func (p *picker) lines(w, h int, groups bool) []string {
	p.cursor = clamp(p.cursor, 0, max(0, len(p.shown)-1))
	if len(p.shown) == 0 {
		return []string{p.th.Paint(theme.Muted, "  nothing matches")}
	}
	keyw, titlew := 0, 0
	for _, it := range p.items {
		keyw = max(keyw, Width(it.Key))
		titlew = max(titlew, Width(it.Title))
	}
	titlew = min(titlew, max(12, (w-keyw-6)*3/5))
	var all []string
	at := 0
	for i, m := range p.shown {
		it := p.items[m.Index]
		if groups && p.query == "" && it.Group != "" && (i == 0 || p.items[p.shown[i-1].Index].Group != it.Group) {
			if i > 0 {
				all = append(all, "")
			}
			all = append(all, p.th.Paint(theme.Muted, "  "+it.Group))
		}
		if i == p.cursor {
			at = len(all)
		}
		all = append(all, p.line(it, m, i == p.cursor, keyw, titlew, w))
	}
	if len(all) <= h {
		return all
	}
	p.top = clamp(p.top, at-h+1, at)
	if p.cursor == 0 {
		p.top = 0 // with the first group's name
	}
	p.top = clamp(p.top, 0, len(all)-h)
	return all[p.top : p.top+h]
}

// about is the whole detail of the item under the cursor, or why it can't be
// chosen, in two lines.
func (p *picker) about(w int) []string {
	it, _ := p.current()
	tok, text := theme.Muted, it.Detail
	if it.Disabled != "" {
		tok, text = theme.Warn, "Not now: "+it.Disabled
	}
	out := []string{"", ""}
	for i, l := range Wrap(text, max(1, w-2)) {
		if i < len(out) {
			out[i] = "  " + p.th.Paint(tok, l)
		}
	}
	return out
}

func (p *picker) line(it Item, m fuzzy.Match, on bool, keyw, titlew, w int) string {
	var b strings.Builder
	write := func(tok theme.Token, s string) { p.th.Write(&b, tok, s, on) }
	bar := "  "
	if on {
		bar = p.th.Glyphs().CursorBar + " "
	}
	write(theme.CursorBar, bar)
	if it.Status != theme.None {
		write(it.Status.Token(), p.th.Sign(it.Status)+" ")
	}
	title, detail := theme.Text, it.Detail
	if it.Disabled != "" {
		title, detail = theme.Faint, it.Disabled
	}
	p.writeTitle(&b, Cut(it.Title, titlew), title, m.MatchedIndexes, on)
	write(theme.Text, spaces(titlew-Width(Cut(it.Title, titlew))+2))
	room := w - Width(b.String()) - keyw - 2
	write(theme.Muted, Pad(detail, max(0, room)))
	write(theme.FooterKey, "  "+PadLeft(it.Key, keyw))
	return Cut(b.String(), w)
}

// writeTitle marks the letters that matched.
func (p *picker) writeTitle(b *strings.Builder, title string, tok theme.Token, matched []int, on bool) {
	hit := map[int]bool{}
	for _, i := range matched {
		hit[i] = true
	}
	from := 0
	flush := func(to int) {
		if to > from {
			p.th.Write(b, tok, title[from:to], on)
		}
	}
	for i, r := range title {
		if !hit[i] {
			continue
		}
		flush(i)
		from = i + len(string(r))
		p.th.Write(b, theme.Accent, title[i:from], on)
	}
	flush(len(title))
}
