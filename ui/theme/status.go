package theme

import "hash/fnv"

// Status is how something is doing. It is always shown by colour and by sign,
// so that neither colour blindness nor a terminal without colours hides it.
type Status uint8

// The statuses, from quiet to loud.
const (
	None Status = iota
	Steady
	InMotion
	Idle // stopped, and meant to be
	Warning
	Failure
)

// Token is the status's colour.
func (s Status) Token() Token {
	return [...]Token{Text, Good, Moving, Stopped, Warn, Bad}[s]
}

// Sign is the status's sign, always one cell wide.
func (t *Theme) Sign(s Status) string {
	if t.ascii {
		return [...]string{" ", "*", "~", "-", "!", "x"}[s]
	}
	return [...]string{" ", "●", "◐", "○", "▲", "✗"}[s]
}

// Mark is the sign in its colour.
func (t *Theme) Mark(s Status) string { return t.Paint(s.Token(), t.Sign(s)) }

// Glyphs are the other signs that screens draw with.
type Glyphs struct {
	Done, Failed, Waiting, Skipped string // steps
	CursorBar, Selected            string
	Ellipsis, Separator            string
	SortUp, SortDown               string
	More, Less                     string // there is more below, above
	BarDone, BarTip, BarRest       string
	Rule                           string
	Branch                         string
	Life                           [6]string // provisioning, pulling, running, healthy, stopping, failed
	Spark                          []string
	Spinner                        []string
}

// Glyphs gives the signs that this terminal can show. All are one cell wide.
func (t *Theme) Glyphs() Glyphs {
	if t.ascii {
		return Glyphs{
			Done: "+", Failed: "x", Waiting: ".", Skipped: "=", CursorBar: ">", Selected: "+", Ellipsis: "~", Separator: ">",
			SortUp: "^", SortDown: "v", More: "v", Less: "^", BarDone: "=", BarTip: ">", BarRest: "-", Rule: "-", Branch: "`",
			Life:  [6]string{".", ",", ":", "#", "=", "x"},
			Spark: []string{"_", ".", "-", "=", "^"}, Spinner: []string{"|", "/", "-", "\\"},
		}
	}
	return Glyphs{
		Done: "✓", Failed: "✗", Waiting: "·", Skipped: "↷", CursorBar: "▌", Selected: "✓", Ellipsis: "…", Separator: "›",
		SortUp: "↑", SortDown: "↓", More: "↓", Less: "↑", BarDone: "━", BarTip: "╸", BarRest: "─", Rule: "─", Branch: "└",
		Life:  [6]string{"░", "▒", "▓", "█", "▄", "✗"},
		Spark: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, Spinner: []string{"◐", "◓", "◑", "◒"},
	}
}

// Colours hands out task colours: the same key keeps its colour as long as the
// Colours live, it nearly always gets the same one in another Colours, and no
// two of the first eight keys share one. The zero value is ready.
type Colours struct {
	given map[string]Token
	used  [TaskTokens]int
}

// For gives the colour of a task, by its id.
func (c *Colours) For(key string) Token {
	if tok, ok := c.given[key]; ok {
		return tok
	}
	h := fnv.New32a()
	h.Write([]byte(key))
	slot := int(h.Sum32() % uint32(TaskTokens))
	for i := range TaskTokens {
		// the least used colour, searched from where the hash points
		if next := (int(h.Sum32()%uint32(TaskTokens)) + i) % TaskTokens; c.used[next] < c.used[slot] {
			slot = next
		}
	}
	if c.given == nil {
		c.given = map[string]Token{}
	}
	c.used[slot]++
	c.given[key] = Task0 + Token(slot)
	return c.given[key]
}

// asciiSigns are the signs that widgets and screens draw with, each with the
// character of the same width that stands for it.
func asciiSigns() []string {
	return []string{
		"…", "~", "–", "-", "—", "-", "·", ".", "›", ">", "‹", "<", "“", "\"", "”", "\"", "→", ">", "←", "<", "↑", "^", "↓", "v",
		"↷", "=", "●", "*", "◐", "~", "◓", "~", "◑", "~", "◒", "~", "○", "-", "▲", "!", "✗", "x", "✓", "+", "▌", "|", "▸", ">", "×", "x",
		"─", "-", "━", "=", "╸", ">", "│", "|", "└", "`", "├", "+", "┌", "+", "┐", "+", "┘", "+", "╭", "+", "╮", "+", "╰", "+", "╯", "+",
		"░", ".", "▒", ":", "█", "#", "▓", "=",
		"▁", "_", "▂", "_", "▃", ".", "▄", "-", "▅", "-", "▆", "=", "▇", "^",
	}
}
