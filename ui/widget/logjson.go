package widget

import (
	"encoding/json"
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// logField is one field of a JSON log line, its value readable.
type logField struct{ key, value string }

// jsonFields takes a line apart that is one JSON object; ok is false for
// anything else. It is a scanner of the outermost level only, since it runs for
// every JSON line that is drawn or filtered.
func jsonFields(line string) (fields []logField, ok bool) {
	s := strings.TrimSpace(line)
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return nil, false
	}
	s = strings.TrimLeft(s[1:len(s)-1], " ")
	if s == "" {
		return nil, false
	}
	fields = make([]logField, 0, 8)
	for {
		key, rest, good := jsonString(s)
		rest = strings.TrimLeft(rest, " ")
		if !good || rest == "" || rest[0] != ':' {
			return nil, false
		}
		value, rest, good := jsonValue(strings.TrimLeft(rest[1:], " "))
		if !good {
			return nil, false
		}
		fields = append(fields, logField{key, value})
		rest = strings.TrimLeft(rest, " ")
		if rest == "" {
			return fields, true
		}
		if rest[0] != ',' {
			return nil, false
		}
		s = strings.TrimLeft(rest[1:], " ")
	}
}

// jsonString reads a quoted string at the start of s.
func jsonString(s string) (value, rest string, ok bool) {
	n := quotedLen(s)
	if n < 0 {
		return "", s, false
	}
	raw := s[1 : n-1]
	if strings.IndexByte(raw, '\\') >= 0 {
		var v string
		if json.Unmarshal([]byte(s[:n]), &v) != nil {
			return "", s, false
		}
		raw = printable(v)
	}
	return raw, s[n:], true
}

// quotedLen is the length of the quoted string at the start of s, or -1.
func quotedLen(s string) int {
	if s == "" || s[0] != '"' {
		return -1
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// jsonValue reads any value; objects and lists stay as they are written.
func jsonValue(s string) (value, rest string, ok bool) {
	if s == "" {
		return "", s, false
	}
	if s[0] == '"' {
		return jsonString(s)
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			n := quotedLen(s[i:])
			if n < 0 {
				return "", s, false
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				return strings.TrimRight(s[:i], " "), s[i:], i > 0
			}
		}
		if depth < 0 {
			return "", s, false
		}
	}
	return strings.TrimRight(s, " "), "", depth == 0
}

// printable makes an unescaped value safe to draw: JSON can hide control
// sequences in \u escapes, where cleaning the line did not see them.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
			return -1
		default:
			return r
		}
	}, stripSGR(s))
}

// logfmt writes fields as key=value, which is what filters see.
func logfmt(fields []logField) string {
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f.key)
		b.WriteByte('=')
		b.WriteString(f.value)
	}
	return b.String()
}

// span is a piece of a line in one style.
type span struct {
	text string
	tok  theme.Token
}

// readable arranges the fields of a JSON line for reading: level, message, then
// the others as key=value. The time is left out when the line has its own
// beside it.
func readable(fields []logField, hideTime bool) []span {
	var level, msg string
	rest := make([]span, 0, 2*len(fields))
	for _, f := range fields {
		switch key := strings.ToLower(f.key); {
		case level == "" && (key == "level" || key == "lvl" || key == "severity"):
			level = f.value
		case msg == "" && (key == "msg" || key == "message"):
			msg = f.value
		case hideTime && (key == "time" || key == "ts" || key == "timestamp" || key == "@timestamp"):
		default:
			rest = append(rest, span{"  " + f.key + "=", theme.Muted}, span{f.value, theme.Text})
		}
	}
	out := make([]span, 0, len(rest)+3)
	if level != "" {
		out = append(out, span{Pad(strings.ToLower(level), 5), levelToken(level)}, span{"  ", theme.Text})
	}
	if msg != "" {
		out = append(out, span{msg, theme.Text})
	} else if len(rest) > 0 {
		rest[0].text = strings.TrimLeft(rest[0].text, " ")
	}
	return append(out, rest...)
}

func levelToken(level string) theme.Token {
	switch l := strings.ToLower(level); {
	case strings.HasPrefix(l, "err"), strings.HasPrefix(l, "fatal"), strings.HasPrefix(l, "crit"), strings.HasPrefix(l, "panic"), strings.HasPrefix(l, "emerg"), strings.HasPrefix(l, "alert"):
		return theme.Bad
	case strings.HasPrefix(l, "warn"):
		return theme.Warn
	case strings.HasPrefix(l, "debug"), strings.HasPrefix(l, "trace"):
		return theme.Faint
	default:
		return theme.Muted
	}
}

func joinSpans(spans []span) string {
	var b strings.Builder
	for _, sp := range spans {
		b.WriteString(sp.text)
	}
	return b.String()
}
