package widget

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// matcher finds a pattern in a line: a regular expression, or plain text where
// the pattern is no valid one or has nothing special. Lower-case patterns
// ignore case.
type matcher struct {
	pattern string
	re      *regexp.Regexp
	lit     string // lower case when fold
	fold    bool
}

// newMatcher compiles a pattern. err is set when it looks like a regular
// expression and is none; the matcher then finds it as plain text.
func newMatcher(pattern string) (*matcher, error) {
	if pattern == "" {
		return nil, nil
	}
	m := &matcher{pattern: pattern, fold: strings.ToLower(pattern) == pattern}
	if regexp.QuoteMeta(pattern) == pattern && (!m.fold || isASCII(pattern)) {
		m.lit = pattern
		return m, nil
	}
	expr := pattern
	if m.fold {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		m.lit = pattern
		return m, err
	}
	m.re = re
	return m, nil
}

// next finds the first match in s at or after from; empty matches are none.
func (m *matcher) next(s string, from int) (start, end int, ok bool) {
	if m.re == nil {
		i := m.index(s[from:])
		return from + i, from + i + len(m.lit), i >= 0
	}
	for from <= len(s) {
		loc := m.re.FindStringIndex(s[from:])
		if loc == nil {
			return 0, 0, false
		}
		if loc[1] > loc[0] {
			return from + loc[0], from + loc[1], true
		}
		_, n := utf8.DecodeRuneInString(s[from+loc[1]:])
		from += loc[1] + max(1, n)
	}
	return 0, 0, false
}

func (m *matcher) find(s string) bool {
	if m.re == nil {
		return m.index(s) >= 0
	}
	return m.re.MatchString(s)
}

// index finds plain text. Case is folded for ASCII letters only, the others
// match as they are.
func (m *matcher) index(s string) int {
	if !m.fold {
		return strings.Index(s, m.lit)
	}
	c := m.lit[0]
	upper := c
	if c >= 'a' && c <= 'z' {
		upper = c - 'a' + 'A'
	}
	for from := 0; from+len(m.lit) <= len(s); {
		i := strings.IndexByte(s[from:], c)
		if upper != c {
			end := len(s)
			if i >= 0 {
				end = from + i
			}
			if j := strings.IndexByte(s[from:end], upper); j >= 0 {
				i = j
			}
		}
		if i < 0 || from+i+len(m.lit) > len(s) {
			return -1
		}
		if foldPrefix(s[from+i:], m.lit) {
			return from + i
		}
		from += i + 1
	}
	return -1
}

func foldPrefix(s, lower string) bool {
	for i := 0; i < len(lower); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// logIndex is the numbers of the slots that pass a test, in order. New slots
// are tested as they come; the ones that were there are tested in pieces, from
// the newest to the oldest, so that a filter over a long log does not stop the
// keyboard.
type logIndex struct {
	pass func(*logSlot) bool
	seqs []uint64
	head int
	low  uint64 // slots below it are still to be tested; 1 or less: none
}

func newLogIndex(r *logRing, pass func(*logSlot) bool) *logIndex {
	return &logIndex{pass: pass, low: r.next()}
}

func (x *logIndex) len() int { return len(x.seqs) - x.head }

func (x *logIndex) at(i int) uint64 { return x.seqs[x.head+i] }

func (x *logIndex) add(seq uint64, s *logSlot) {
	if x.pass(s) {
		x.seqs = append(x.seqs, seq)
	}
}

// drop forgets the slots that the ring let go.
func (x *logIndex) drop(first uint64) {
	for x.head < len(x.seqs) && x.seqs[x.head] < first {
		x.head++
	}
	if x.head > 4096 && x.head > len(x.seqs)/2 {
		x.seqs = append(x.seqs[:0], x.seqs[x.head:]...)
		x.head = 0
	}
}

// scan tests up to budget older slots, fewer where they are long, and says whether
// more are left.
func (x *logIndex) scan(r *logRing, budget int) bool {
	var found []uint64 // newest first
	for bytes := 0; budget > 0 && bytes < logBytesBudget && x.low > r.first; budget-- {
		x.low--
		slot := r.slot(x.low)
		bytes += len(slot.text)
		if x.pass(slot) {
			found = append(found, x.low)
		}
	}
	if len(found) > 0 {
		seqs := make([]uint64, 0, len(found)+x.len()+256)
		for i := len(found) - 1; i >= 0; i-- {
			seqs = append(seqs, found[i])
		}
		x.seqs, x.head = append(seqs, x.seqs[x.head:]...), 0
	}
	return x.low > r.first
}

// search gives the position of the first slot at or after seq.
func (x *logIndex) search(seq uint64) int {
	lo, hi := 0, x.len()
	for lo < hi {
		if mid := (lo + hi) / 2; x.at(mid) < seq {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
