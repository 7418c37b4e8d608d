package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mounts are "NAME:/path:ro", or objects. What comes from the host's folders
// has no place on ECS.
func (c *composer) mounts(s *ComposeService, v value) error {
	if v.kind != listKind {
		return v.wrong("a list")
	}
	for i, item := range v.items {
		at := value{item, v.file, fmt.Sprintf("%s[%d]", v.path, i)}
		kind, source, target, readOnly := "volume", "", "", false
		if at.kind == objectKind {
			err := c.fields(at, schema{
				"type": text(&kind), "source": text(&source), "target": text(&target), "read_only": truth(&readOnly),
				"bind": nothing, "volume": nothing, "consistency": nothing,
			})
			if err != nil {
				return err
			}
		} else {
			var t string
			if err := text(&t)(at); err != nil {
				return err
			}
			parts := strings.Split(t, ":")
			switch len(parts) {
			case 1:
				target = parts[0]
			default:
				source, target = parts[0], parts[1]
				readOnly = len(parts) > 2 && slices.Contains(strings.Split(parts[2], ","), "ro")
			}
			if strings.HasPrefix(source, ".") || strings.HasPrefix(source, "/") || strings.HasPrefix(source, "~") {
				kind = "bind"
			}
		}
		c.mount(s, at, kind, source, target, readOnly)
	}
	return nil
}

func (c *composer) mount(s *ComposeService, at value, kind, source, target string, readOnly bool) {
	switch {
	case kind == "bind":
		c.leave(at, "%s of this machine is not there on ECS: copy it into the image, or put it on EFS", source)
		return
	case kind != "volume":
		c.leave(at, "a mount of type %s: see linuxParameters.tmpfs, which needs a size", kind)
		return
	case source == "": // anonymous: as long as the task
		source = s.Name + strings.NewReplacer("/", "-", ".", "-").Replace(target)
	}
	if !slices.ContainsFunc(c.out.Volumes, func(v map[string]any) bool { return v["name"] == source }) {
		c.out.Volumes = append(c.out.Volumes, map[string]any{"name": source})
		c.leave(at, "the volume %s lives as long as its task: to keep it, add dockerVolumeConfiguration (Docker, EC2) or efsVolumeConfiguration (Fargate) to volumes", source)
	}
	m := map[string]any{"sourceVolume": source, "containerPath": target}
	if readOnly {
		m["readOnly"] = true
	}
	all, _ := s.Container["mountPoints"].([]any)
	s.Container["mountPoints"] = append(all, m)
}

// limitFields are the readers of what bounds a container.
func (c *composer) limitFields(s *ComposeService) schema {
	linux := func() map[string]any {
		p, _ := s.Container["linuxParameters"].(map[string]any)
		if p == nil {
			p = map[string]any{}
			s.Container["linuxParameters"] = p
		}
		return p
	}
	caps := func(field string) func(value) error {
		return func(v value) error {
			var names []string
			err := texts(&names)(v)
			all, _ := linux()["capabilities"].(map[string]any)
			if all == nil {
				all = map[string]any{}
				linux()["capabilities"] = all
			}
			for i := range names {
				names[i] = strings.TrimPrefix(names[i], "CAP_")
			}
			all[field] = names
			return err
		}
	}
	memory := func(v value) error {
		return c.mebibytes(v, func(n int) { s.Memory, s.Container["memory"] = n, n })
	}
	reservation := func(v value) error {
		return c.mebibytes(v, func(n int) { s.Container["memoryReservation"] = n })
	}
	cpus := func(v value) error { return c.cpus(s, v) }
	limits := schema{"cpus": cpus, "memory": memory}
	return schema{
		"mem_limit": memory, "mem_reservation": reservation, "cpus": cpus, "cap_add": caps("add"), "cap_drop": caps("drop"),
		"shm_size": func(v value) error {
			return c.mebibytes(v, func(n int) { linux()["sharedMemorySize"] = n })
		},
		"init": func(v value) error {
			var on bool
			err := truth(&on)(v)
			if on {
				linux()["initProcessEnabled"] = true
			}
			return err
		},
		"ulimits": func(v value) error { return c.ulimits(s, v) },
		"sysctls": func(v value) error {
			var all []any
			err := c.pairs(v, func(name, val string, _ bool, _ value) {
				all = append(all, map[string]any{"namespace": name, "value": val})
			})
			s.Container["systemControls"] = all
			return err
		},
		"deploy": func(v value) error { return c.deploy(s, v, limits, reservation) },
	}
}

// deploy is how many tasks there are, and what one may use.
func (c *composer) deploy(s *ComposeService, v value, limits schema, reservation func(value) error) error {
	return c.fields(v, schema{
		"replicas": whole(&s.Replicas), "mode": nothing, "labels": nothing,
		"resources": func(v value) error {
			return c.fields(v, schema{
				"limits":       func(v value) error { return c.fields(v, limits) },
				"reservations": func(v value) error { return c.fields(v, schema{"memory": reservation, "cpus": nothing}) },
			})
		},
		"restart_policy":  c.leaving("a service on ECS starts tasks anew for ever; see restartPolicy for containers"),
		"update_config":   c.leaving("see deploymentConfiguration in service.json"),
		"rollback_config": c.leaving("see deploymentCircuitBreaker in service.json"),
	})
}

func (c *composer) cpus(s *ComposeService, v value) error {
	var t string
	if err := scalar(&t)(v); err != nil {
		return err
	}
	n, err := strconv.ParseFloat(t, 64)
	if err != nil || n < 0 || n > 192 {
		return v.errorf("%q is no number of CPUs", t)
	}
	if n > 0 {
		s.CPU = max(2, int(math.Round(n*1024)))
		s.Container["cpu"] = s.CPU
	}
	return nil
}

func (c *composer) ulimits(s *ComposeService, v value) error {
	var all []any
	err := v.entries(func(name string, child value) error {
		soft, hard := 0, 0
		if child.kind == objectKind {
			if err := c.fields(child, schema{"soft": whole(&soft), "hard": whole(&hard)}); err != nil {
				return err
			}
		} else if err := whole(&soft)(child); err != nil {
			return err
		} else {
			hard = soft
		}
		all = append(all, map[string]any{"name": name, "softLimit": soft, "hardLimit": hard})
		return nil
	})
	s.Container["ulimits"] = all
	return err
}

var sizeForm = regexp.MustCompile(`^(?i)(\d+(?:\.\d+)?)\s*(b|k|kb|ki|kib|m|mb|mi|mib|g|gb|gi|gib|t|tb)?$`)

// mebibytes reads a size: 512m, 1.5g, or bytes. ECS takes whole MiB, 6 at least.
func (c *composer) mebibytes(v value, set func(int)) error {
	var t string
	if err := scalar(&t)(v); err != nil {
		return err
	}
	m := sizeForm.FindStringSubmatch(t)
	if m == nil {
		return v.errorf("%q is no size: 512m, 1g", t)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return v.errorf("%q is no size: 512m, 1g", t)
	}
	shift := map[byte]float64{'b': 1, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30, 't': 1 << 40}
	unit := 1.0
	if m[2] != "" {
		unit = shift[strings.ToLower(m[2])[0]]
	}
	if mib := n * unit / (1 << 20); mib > 0 && mib < 1<<22 {
		set(max(6, int(math.Ceil(mib))))
	}
	return nil
}

// seconds reads a duration, and brings it into the bounds that ECS has.
func (c *composer) seconds(v value, low, high int, set func(int)) error {
	var t string
	if err := scalar(&t)(v); err != nil {
		return err
	}
	d, err := time.ParseDuration(t)
	if err != nil {
		return v.errorf("%q is no duration: 10s, 1m30s", t)
	}
	n := int(math.Ceil(d.Seconds()))
	if n < low || n > high {
		c.leave(v, "%s is out of ECS's bounds, %d s to %d s: the nearest is taken", t, low, high)
	}
	set(min(max(n, low), high))
	return nil
}

// texts reads a list of texts, or one.
func texts(dst *[]string) func(value) error {
	return func(v value) error {
		if v.kind != listKind {
			var t string
			err := scalar(&t)(v)
			*dst = []string{t}
			return err
		}
		*dst = nil
		for i, item := range v.items {
			var t string
			if err := scalar(&t)(value{item, v.file, fmt.Sprintf("%s[%d]", v.path, i)}); err != nil {
				return err
			}
			*dst = append(*dst, t)
		}
		return nil
	}
}

// whole reads a whole number, also in quotes.
func whole(dst *int) func(value) error {
	return func(v value) error {
		var t string
		if err := scalar(&t)(v); err != nil {
			return err
		}
		n, err := strconv.Atoi(t)
		if err != nil {
			return v.wrong("a whole number")
		}
		*dst = n
		return nil
	}
}
