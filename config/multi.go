package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Cache is one place that build steps are taken from, or kept in, as the
// Docker CLI writes it: "type=registry,ref=shop/web:cache".
type Cache struct {
	Type  string // "registry", "inline" or "local"
	Attrs map[string]string
}

// platformForm is os/architecture, with a variant where there is one.
var platformForm = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$`)

// readPlatforms reads a list of platforms, each once.
func readPlatforms(dst *[]string) func(value) error {
	return func(v value) error {
		return v.list(func(item value) error {
			var p string
			if err := text(&p)(item); err != nil {
				return err
			}
			switch {
			case !platformForm.MatchString(p):
				e := item.errorf("%q is no platform", p)
				e.Advice = "write it as linux/amd64 or linux/arm64"
				return e
			case slices.Contains(*dst, p):
				return item.errorf("%s is there already", p)
			}
			*dst = append(*dst, p)
			return nil
		})
	}
}

// readCaches reads the places of one direction. What each type needs is known
// here; which of them an engine can use, only the engine knows.
func readCaches(dst *[]Cache, to bool) func(value) error {
	return func(v value) error {
		return v.list(func(item value) error {
			var s string
			if err := text(&s)(item); err != nil {
				return err
			}
			c, err := parseCache(s)
			if err == nil {
				err = c.check(to)
			}
			if err != nil {
				e := item.errorf("%w", err)
				e.Advice = "write it as type=registry,ref=shop/web:cache"
				return e
			}
			*dst = append(*dst, c)
			return nil
		})
	}
}

// parseCache takes "type=…,key=value" apart; without a "=" it is an image.
func parseCache(s string) (Cache, error) {
	c := Cache{Attrs: map[string]string{}}
	if !strings.Contains(s, "=") {
		c.Type, c.Attrs["ref"] = "registry", s
		return c, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !ok || key == "" || value == "":
			return c, fmt.Errorf("%q is no key=value", part)
		case key == "type":
			c.Type = value
		default:
			c.Attrs[key] = value
		}
	}
	return c, nil
}

// check holds an entry against what its type needs.
func (c Cache) check(to bool) error {
	need := func(key string) error {
		if c.Attrs[key] == "" {
			return fmt.Errorf("a cache of type %s needs %s=…", c.Type, key)
		}
		return nil
	}
	switch {
	case c.Type == "registry":
		return need("ref")
	case c.Type == "local" && to:
		return need("dest")
	case c.Type == "local":
		return need("src")
	case c.Type == "inline" && to:
		return nil
	case c.Type == "inline":
		return fmt.Errorf("an inline cache is in an image: take it from there with type=registry,ref=…")
	case c.Type == "":
		return fmt.Errorf("names no type")
	}
	return fmt.Errorf("%q is no type of cache that is known here: registry, local or inline", c.Type)
}

// checkPlatforms refuses an image that says twice what it is built for.
func (a *App) checkPlatforms() error {
	for _, image := range a.Images {
		path := "images." + image.Container + ".platforms"
		if image.Platform != "" && len(image.Platforms) > 0 {
			return a.errorAt(path, "stands beside platform; leave one of the two away")
		}
	}
	return nil
}
