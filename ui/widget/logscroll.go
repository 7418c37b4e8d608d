package widget

import (
	tea "charm.land/bubbletea/v2"
)

// The lines that are shown are walked by their numbers. When lines were let go,
// a rule that says so stands before the oldest, under the number before it.

func (p *LogPane) firstShown() uint64 {
	if p.ring.dropped > 0 {
		return p.ring.first - 1
	}
	return p.nextLine(0)
}

// lastShown is the newest line, 0 when there is none.
func (p *LogPane) lastShown() uint64 {
	if p.filter == nil {
		if p.ring.n == 0 {
			return 0
		}
		return p.ring.next() - 1
	}
	if n := p.filter.len(); n > 0 {
		return p.filter.at(n - 1)
	}
	return 0
}

// nextLine is the first line shown after seq, 0 when there is none.
func (p *LogPane) nextLine(seq uint64) uint64 {
	seq = max(seq+1, p.ring.first)
	if p.filter == nil {
		if seq < p.ring.next() {
			return seq
		}
		return 0
	}
	if i := p.filter.search(seq); i < p.filter.len() {
		return p.filter.at(i)
	}
	return 0
}

// prevLine is the last line shown before seq, or the rule, or 0.
func (p *LogPane) prevLine(seq uint64) uint64 {
	rule := uint64(0)
	if p.ring.dropped > 0 && seq >= p.ring.first {
		rule = p.ring.first - 1
	}
	if p.filter == nil {
		if seq > p.ring.first {
			return seq - 1
		}
		return rule
	}
	if i := p.filter.search(seq); i > 0 {
		return p.filter.at(i - 1)
	}
	return rule
}

// bottom is the place of the top row when the newest line is at the end of the
// screen. What it costs is what is on screen.
func (p *LogPane) bottom() (seq uint64, sub int) {
	return p.above(p.lastShown(), p.h)
}

// above is the place so many rows above the end of a line.
func (p *LogPane) above(last uint64, rows int) (seq uint64, sub int) {
	seq = last
	for at := last; at != 0; at = p.prevLine(at) {
		seq = at
		n := p.rowCount(at)
		if n >= rows {
			return at, n - rows
		}
		rows -= n
	}
	return seq, 0
}

// place is where the top of the screen is now. A line that was let go or
// filtered away gives way to the next one.
func (p *LogPane) place() (seq uint64, sub int) {
	if p.follow {
		return p.bottom()
	}
	first := p.firstShown()
	if p.top <= first {
		if p.top < first {
			return first, 0
		}
		return p.top, min(p.sub, p.rowCount(p.top)-1)
	}
	at := p.nextLine(p.top - 1)
	switch {
	case at == 0:
		return p.bottom()
	case at != p.top:
		return at, 0
	}
	return at, min(p.sub, p.rowCount(at)-1)
}

// Scroll moves the text by so many rows, up when below 0. It ends following;
// coming to the end starts it again.
func (p *LogPane) Scroll(rows int) {
	if p.lastShown() == 0 {
		return
	}
	seq, sub := p.place()
	wasFollowing := p.follow
	if wasFollowing && rows >= 0 {
		return
	}
	for rows < 0 {
		if sub+rows >= 0 {
			sub, rows = sub+rows, 0
			break
		}
		prev := p.prevLine(seq)
		if prev == 0 {
			sub, rows = 0, 0 // the beginning
			break
		}
		rows += sub + 1
		seq = prev
		sub = p.rowCount(seq) - 1
	}
	for rows > 0 {
		n := p.rowCount(seq)
		if sub+rows < n {
			sub += rows
			break
		}
		next := p.nextLine(seq)
		if next == 0 {
			break
		}
		rows -= n - sub
		seq, sub = next, 0
	}
	p.goTo(seq, sub, true)
}

// goTo puts a place at the top of the screen. The end of the log is not
// scrolled past; where snap is set, arriving there follows.
func (p *LogPane) goTo(seq uint64, sub int, snap bool) {
	endSeq, endSub := p.bottom()
	if seq > endSeq || seq == endSeq && sub >= endSub {
		seq, sub = endSeq, endSub
		if snap {
			p.SetFollow(true)
			return
		}
	}
	p.follow, p.top, p.sub = false, seq, sub
}

// SetFollow starts or ends following; the text stands still when it ends.
func (p *LogPane) SetFollow(on bool) {
	if !on && p.follow {
		p.top, p.sub = p.bottom()
	}
	p.follow = on
	if on {
		p.fresh = 0
	}
}

// SetWrap breaks long lines, or cuts them.
func (p *LogPane) SetWrap(on bool) {
	top, _ := p.place()
	p.wrap, p.x = on, 0
	p.top, p.sub = top, 0
}

// SetTime says how times are shown.
func (p *LogPane) SetTime(t LogTime) {
	top, _ := p.place()
	p.showTime, p.parsed = t, nil // the time in a JSON line is shown when the column is not
	p.top, p.sub = top, 0
}

// SetRaw shows lines of JSON as they were written, or readable. Filter and
// search see what is shown.
func (p *LogPane) SetRaw(on bool) tea.Cmd {
	top, _ := p.place()
	p.raw, p.parsed = on, nil
	p.top, p.sub = top, 0
	return p.rebuild()
}

// ShowColumns says whether each line tells its source and its container. It may
// be called with every frame: the text moves only when that changes.
func (p *LogPane) ShowColumns(source, container bool) {
	if p.hideSource == !source && p.hideContainer == !container {
		return
	}
	top, _ := p.place()
	p.hideSource, p.hideContainer = !source, !container
	p.top, p.sub = top, 0
}

// Key takes a key and says whether it was for the pane: moving, f follow, w
// wrap, t time, r raw JSON, n and N the next and the previous match.
func (p *LogPane) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	page := max(1, p.h-1)
	switch k.String() {
	case "up", "k":
		p.Scroll(-1)
	case "down", "j":
		p.Scroll(1)
	case "pgup", "ctrl+b":
		p.Scroll(-page)
	case "pgdown", "ctrl+f", "space":
		p.Scroll(page)
	case "K", "shift+up", "ctrl+u":
		p.Scroll(-max(1, p.h/2))
	case "J", "shift+down":
		p.Scroll(max(1, p.h/2))
	case "g", "home":
		p.goTo(p.firstShown(), 0, false)
	case "G", "end":
		p.SetFollow(true)
	case "left", "h":
		p.x = max(0, p.x-16)
	case "right":
		if !p.wrap {
			p.x = min(p.x+16, maxDrawn)
		}
	case "f":
		p.SetFollow(!p.follow)
	case "w":
		p.SetWrap(!p.wrap)
	case "t":
		p.SetTime((p.showTime + 1) % 3)
	case "r":
		return p.SetRaw(!p.raw), true
	case "n":
		p.Next()
	case "N":
		p.Prev()
	default:
		return nil, false
	}
	return nil, true
}

// first goes to the newest match above the end of the screen, or the nearest
// one below it.
func (p *LogPane) first() {
	end := p.lastShown()
	if !p.follow {
		end = p.screenEnd()
	}
	i := p.search.search(end + 1)
	p.show(p.search.at(max(0, i-1)))
}

// Next goes to the next match below, and from the last one to the first.
func (p *LogPane) Next() { p.step(1) }

// Prev goes to the match above, and from the first one to the last.
func (p *LogPane) Prev() { p.step(-1) }

func (p *LogPane) step(by int) {
	if p.search == nil || p.search.len() == 0 {
		return
	}
	n := p.search.len()
	if p.hit == 0 {
		p.first()
		return
	}
	i := p.search.search(p.hit)
	if by > 0 && (i >= n || p.search.at(i) != p.hit) {
		by = 0 // the line is gone, and i is already the next one
	}
	p.show(p.search.at((i + by + n) % n))
}

// show makes a line the current match and brings it into sight, in the middle
// when it was out of it.
func (p *LogPane) show(seq uint64) {
	p.hit = seq
	top, sub := p.place()
	if (seq > top || seq == top && sub == 0) && seq <= p.screenEnd() {
		if p.follow {
			p.SetFollow(false) // or it would run away
		}
		return
	}
	at, row := p.above(seq, p.h/2)
	p.goTo(at, row, false)
}

// screenEnd is the last line of which a row is on screen.
func (p *LogPane) screenEnd() uint64 {
	seq, sub := p.place()
	rows := -sub
	for {
		rows += p.rowCount(seq)
		next := p.nextLine(seq)
		if rows >= p.h || next == 0 {
			return seq
		}
		seq = next
	}
}
