package config

import (
	"strings"
)

// interpolate fills in ${NAME} in every text below a value, as Compose does:
// ${NAME:-default}, ${NAME-default}, ${NAME:?message}, ${NAME:+other}, $NAME,
// and $$ for a dollar.
func (c *composer) interpolate(v value) error {
	switch v.kind {
	case stringKind:
		filled, err := c.fill(v, v.text)
		v.node.text = filled
		return err
	case objectKind:
		return v.entries(func(_ string, child value) error { return c.interpolate(child) })
	case listKind:
		for _, item := range v.items {
			if err := c.interpolate(value{item, v.file, v.path}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *composer) fill(v value, s string) (string, error) {
	if c.nested++; c.nested > maxDepth {
		return "", v.errorf("has defaults within defaults, too deep")
	}
	defer func() { c.nested-- }()
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i == len(s)-1 {
			b.WriteString(s)
			return b.String(), nil
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		switch s[0] {
		case '$':
			b.WriteByte('$')
			s = s[1:]
		case '{':
			end := closing(s)
			if end < 0 {
				return "", v.errorf("has a ${ that nothing closes")
			}
			filled, err := c.expression(v, s[1:end])
			if err != nil {
				return "", err
			}
			b.WriteString(filled)
			s = s[end+1:]
		default:
			n := 0
			for n < len(s) && nameByte(s[n], n) {
				n++
			}
			if n == 0 {
				b.WriteByte('$')
				continue
			}
			found, _ := c.variable(s[:n])
			b.WriteString(found)
			s = s[n:]
		}
	}
}

// closing is where the brace that s begins with is closed.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func nameByte(b byte, i int) bool {
	return b == '_' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || i > 0 && b >= '0' && b <= '9'
}

// expression is what stands between the braces.
func (c *composer) expression(v value, s string) (string, error) {
	n := 0
	for n < len(s) && nameByte(s[n], n) {
		n++
	}
	name, rest := s[:n], s[n:]
	found, set := c.variable(name)
	if strings.HasPrefix(rest, ":") { // empty is as good as none
		set, rest = set && found != "", rest[1:]
	}
	if rest == "" {
		return found, nil
	}
	other := rest[1:]
	switch rest[0] {
	case '-':
		if set {
			return found, nil
		}
		return c.fill(v, other)
	case '+':
		if !set {
			return "", nil
		}
		return c.fill(v, other)
	case '?':
		if set {
			return found, nil
		}
		e := v.errorf("the environment variable %s is not set", name)
		e.Advice = other
		return "", e
	}
	return "", v.errorf("${%s} can't be read", s)
}
