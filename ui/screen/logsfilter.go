package screen

import (
	"fmt"
	"regexp"
	"strings"
)

// logFilter decides which lines a log shows. It is written as one line: a
// regular expression that a line must match, and any number of others, each
// after a "!", that it must not. "error !healthz !metrics" shows errors that
// speak of neither. The zero filter shows everything.
type logFilter struct {
	Text             string
	Include, Exclude string // as the log pane takes them, "" for none
}

// parseLogFilter reads a filter. An error names the expression that is wrong
// and why; the filter in use stays what it was.
func parseLogFilter(text string) (logFilter, error) {
	f := logFilter{Text: strings.TrimSpace(text)}
	include, rest, _ := strings.Cut(" "+f.Text, " !")
	f.Include = strings.TrimSpace(include)
	var excludes []string
	for part := range strings.SplitSeq(rest, " !") {
		if part = strings.TrimSpace(part); part != "" {
			excludes = append(excludes, part)
		}
	}
	for _, expr := range append([]string{f.Include}, excludes...) {
		if err := checkPattern(expr); err != nil {
			return logFilter{}, err
		}
	}
	if len(excludes) == 1 {
		f.Exclude = excludes[0]
	} else if len(excludes) > 1 {
		f.Exclude = "(?:" + strings.Join(excludes, ")|(?:") + ")"
	}
	return f, nil
}

// checkPattern says what is wrong with a regular expression, without the
// package's own preamble.
func checkPattern(expr string) error {
	if _, err := regexp.Compile(expr); err != nil {
		return fmt.Errorf("%q is no regular expression: %s", expr, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return nil
}
