package widget

import (
	"regexp"
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

var (
	yamlKey    = regexp.MustCompile(`^(\s*(?:- +)*)([^\s:#"'\[{&*!|>-][^:]*|"[^"]*"|'[^']*')(:)(\s.*|)$`)
	yamlDash   = regexp.MustCompile(`^(\s*(?:- +)*-? *)(.*)$`)
	numberText = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
)

// colourYAML paints one line of YAML: what documents of ECS need, not all of
// YAML. Lines stand for themselves, so that only those on screen are painted.
func colourYAML(th *theme.Theme, line string) string {
	if strings.HasPrefix(strings.TrimLeft(line, " "), "#") {
		return th.Paint(theme.SyntaxComment, line)
	}
	if m := yamlKey.FindStringSubmatch(line); m != nil {
		return th.Paint(theme.Muted, m[1]) + th.Paint(theme.SyntaxKey, m[2]) + th.Paint(theme.Muted, m[3]) + yamlValue(th, m[4])
	}
	m := yamlDash.FindStringSubmatch(line)
	return th.Paint(theme.Muted, m[1]) + yamlValue(th, m[2])
}

func yamlValue(th *theme.Theme, s string) string {
	value, comment := s, ""
	if i := strings.Index(s, " #"); i >= 0 && !strings.ContainsAny(s[:i], `"'`) {
		value, comment = s[:i], th.Paint(theme.SyntaxComment, s[i:])
	}
	return th.Paint(scalarToken(strings.TrimSpace(value)), value) + comment
}

func scalarToken(v string) theme.Token {
	switch {
	case v == "true", v == "false", v == "null", v == "~":
		return theme.SyntaxWord
	case numberText.MatchString(v):
		return theme.SyntaxNumber
	case v == "|", v == ">", v == "|-", v == ">-", v == "[]", v == "{}":
		return theme.Muted
	default:
		return theme.SyntaxString
	}
}

// colourJSON paints one line of JSON: strings before a colon are keys.
func colourJSON(th *theme.Theme, line string) string {
	var b strings.Builder
	for s := line; s != ""; {
		switch c := s[0]; {
		case c == '"':
			n := quotedLen(s)
			if n < 0 {
				n = len(s)
			}
			tok := theme.SyntaxString
			if strings.HasPrefix(strings.TrimLeft(s[n:], " "), ":") {
				tok = theme.SyntaxKey
			}
			th.Write(&b, tok, s[:n], false)
			s = s[n:]
		case strings.IndexByte("{}[],:", c) >= 0:
			th.Write(&b, theme.Muted, s[:1], false)
			s = s[1:]
		case c == ' ':
			b.WriteByte(' ')
			s = s[1:]
		default:
			n := strings.IndexAny(s, ` ,]}"`)
			if n <= 0 {
				n = len(s)
			}
			th.Write(&b, scalarToken(s[:n]), s[:n], false)
			s = s[n:]
		}
	}
	return b.String()
}
