package ecsapi

import "strings"

// pattern reads a filter pattern of terms: every plain term must be in a line,
// none of those with "-", and one of those with "?" if there are any. Terms with
// other signs than letters, digits and _ stand in quotes. The patterns for
// JSON, for columns and regular expressions are refused.
func pattern(text string) (func(line string) bool, error) {
	text = strings.TrimSpace(text)
	if text != "" && strings.ContainsRune("{[%", rune(text[0])) {
		return nil, invalidf("filterPattern: this endpoint knows terms only, no { }, [ ] or %% %%.")
	}
	var all, none, anyOf []string
	for text != "" {
		into := &all
		switch text[0] {
		case '-':
			into, text = &none, text[1:]
		case '?':
			into, text = &anyOf, text[1:]
		}
		var term string
		if strings.HasPrefix(text, `"`) {
			var closed bool
			term, text, closed = strings.Cut(text[1:], `"`)
			if !closed {
				return nil, invalidf("filterPattern: a quote is not closed.")
			}
		} else {
			term, text, _ = strings.Cut(text, " ")
		}
		if term != "" {
			*into = append(*into, term)
		}
		text = strings.TrimSpace(text)
	}
	return func(line string) bool {
		in := func(term string) bool { return strings.Contains(line, term) }
		return every(all, in) && !some(none, in) && (len(anyOf) == 0 || some(anyOf, in))
	}, nil
}

func every(terms []string, in func(string) bool) bool {
	for _, t := range terms {
		if !in(t) {
			return false
		}
	}
	return true
}

func some(terms []string, in func(string) bool) bool {
	for _, t := range terms {
		if in(t) {
			return true
		}
	}
	return false
}
