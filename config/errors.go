package config

import (
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a file, counted from 1. Zero is "somewhere in it".
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Error is one thing that is wrong in a file, an environment variable or a flag.
type Error struct {
	Position
	Field  string // "images.web.context", "--env"; "" for the whole file
	Err    error
	Advice string // what to do next, "" when the message says it all
	Usage  bool   // the mistake is on the command line, not in a file
}

// Error gives file:line:column: field: what is wrong.
func (e *Error) Error() string {
	var parts []string
	if pos := e.Position.String(); pos != "" {
		parts = append(parts, pos)
	}
	if e.Field != "" {
		parts = append(parts, e.Field)
	}
	return strings.Join(append(parts, e.Err.Error()), ": ")
}

func (e *Error) Unwrap() error { return e.Err }

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// suggestion is "did you mean …?" for a word that is close to one of known,
// else a list of all of them.
func suggestion(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return "known here: " + strings.Join(sorted, ", ")
}

// Nearest is the known word that word was probably meant to be, or "". Two
// slips are forgiven, one in a word of up to four letters.
func Nearest(word string, known []string) string {
	best, bestDistance := "", 3
	if len(word) <= 4 {
		bestDistance = 2
	}
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// distance counts the letters to add, drop, replace, or swap with their
// neighbour to get from a to b.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			replace := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
