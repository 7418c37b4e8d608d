package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// fingerprint is a content id for what has no content.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// mix turns a seed and a number into well spread bits (splitmix64).
func mix(seed, n uint64) uint64 {
	x := seed + (n+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func pick(bits uint64, of ...string) string { return of[bits%uint64(len(of))] }

// source is what one container writes. Line n is a function of the seed, so
// that any part of a log can be had without keeping or making the rest.
type source struct {
	id, ref   string // of the task, and its family:revision
	container string
	kind      string
	seed      uint64
	from      time.Time // RUNNING
	to        time.Time // zero while it runs
	period    time.Duration
	lastWord  string
	said      string // what its command told it to say
}

// startup is how many lines a container writes at once when it starts.
const startup = 3

// at is when line n is written.
func (s *source) at(n int) time.Time {
	if n < startup {
		return s.from.Add(time.Duration(n) * 40 * time.Millisecond)
	}
	shift := time.Duration(mix(s.seed, uint64(n)) % uint64(s.period))
	return s.from.Add(startup*40*time.Millisecond + time.Duration(n-startup)*s.period + shift)
}

// first is the lowest n whose line is written at or after t.
func (s *source) first(t time.Time) int {
	n := 0
	if d := t.Sub(s.from) - startup*40*time.Millisecond; d > 0 {
		n = startup + max(int(d/s.period)-2, 0) // at or before the line, see at
	}
	for s.at(n).Before(t) {
		n++
	}
	return n
}

// lines gives what is written in [a, b), at most the last limit lines where
// limit is not 0, and how many were left out before them.
func (s *source) lines(a, b time.Time, limit int) (out []backend.LogLine, left int) {
	end := b
	if !s.to.IsZero() && s.to.Before(end) {
		end = s.to
	}
	if a.Before(s.from) {
		a = s.from
	}
	if s.from.IsZero() || b.Before(s.from) {
		return nil, 0
	}
	lo, hi := s.first(a), s.first(end)
	lastAt := s.to.Add(-time.Microsecond) // whoever looks as it ends sees it
	last := !s.to.IsZero() && s.lastWord != "" && !lastAt.Before(a) && lastAt.Before(b)
	if limit > 0 && hi-lo > limit {
		left = hi - limit - lo
		lo = hi - limit
	}
	for n := lo; n < hi; n++ {
		out = s.append(out, n)
	}
	if last {
		out = append(out, s.line(lastAt, s.lastWord, true))
	}
	if limit > 0 && len(out) > limit {
		left += len(out) - limit
		out = out[len(out)-limit:]
	}
	return out, left
}

func (s *source) line(at time.Time, text string, stderr bool) backend.LogLine {
	return backend.LogLine{At: at, Task: s.id, Container: s.container, Stderr: stderr, Text: backend.CleanLog(text)}
}

// append writes line n, which may be several: a stack trace is one event.
func (s *source) append(out []backend.LogLine, n int) []backend.LogLine {
	at, bits := s.at(n), mix(s.seed^0xbeef, uint64(n))
	if n < startup {
		return append(out, s.line(at, s.greeting(n), false))
	}
	if s.kind == "plain" && bits%67 == 0 {
		for _, text := range []string{
			"Traceback (most recent call last):",
			`  File "/app/resize.py", line 88, in handle`,
			"    image.thumbnail(size)",
			"OSError: image file is truncated (12 bytes not processed)",
		} {
			out = append(out, s.line(at, text, true))
		}
		return out
	}
	text, stderr := s.text(n, bits, at)
	return append(out, s.line(at, text, stderr))
}

func (s *source) greeting(n int) string {
	switch {
	case n == 1 && s.said != "":
		return s.said
	case n == 0:
		return fmt.Sprintf("starting %s %s", s.container, s.ref)
	case n == 1:
		return "configuration loaded from the environment"
	default:
		return "ready, listening on :8080"
	}
}

func (s *source) text(n int, bits uint64, at time.Time) (string, bool) {
	switch s.kind {
	case "json":
		return jsonLine(n, bits, at)
	case "colour":
		return colourLine(n, bits)
	case "plain":
		return plainLine(n, bits)
	case "proxy":
		return fmt.Sprintf("upstream 127.0.0.1:8080 %s in %d µs", pick(bits, "ok", "ok", "ok", "retried"), 80+bits>>8%900), false
	default:
		return accessLine(bits), false
	}
}

func accessLine(bits uint64) string {
	path := pick(bits>>4, "/", "/health", "/cart", "/products/8812", "/products/17", "/search?q=lamp", "/checkout", "/static/app.css")
	status, ms := 200, 1+bits>>20%40
	switch bits >> 40 % 41 {
	case 0:
		status, ms = 500, 900+ms
	case 1, 2:
		status = 404
	case 3:
		status = 302
	}
	method := "GET"
	if path == "/checkout" {
		method = "POST"
	}
	return fmt.Sprintf("%s %s %d %dms  ip=10.0.%d.%d", method, path, status, ms, bits>>30%8, bits>>33%250)
}

func jsonLine(n int, bits uint64, at time.Time) (string, bool) {
	level, msg := "info", pick(bits>>8, "request served", "order accepted", "cache refreshed", "token issued")
	switch bits >> 40 % 29 {
	case 0:
		level, msg = "error", "upstream timed out"
	case 1, 2:
		level, msg = "warn", "slow query"
	}
	return fmt.Sprintf(`{"time":%q,"level":%q,"msg":%q,"took":"%dms","request":"%08x","order":%d}`,
		at.UTC().Format(time.RFC3339Nano), level, msg, 2+bits>>20%300, uint32(bits), 41000+n), level == "error"
}

func colourLine(n int, bits uint64) (string, bool) {
	switch bits >> 40 % 17 {
	case 0:
		return fmt.Sprintf("\x1b[31mERROR\x1b[0m job %d failed: connection reset by peer", n), true
	case 1, 2:
		return fmt.Sprintf("\x1b[33mWARN\x1b[0m  job %d is late by %d s", n, bits>>20%50), true
	default:
		return fmt.Sprintf("\x1b[32mINFO\x1b[0m  job %d \x1b[1mdone\x1b[0m in %d ms", n, 20+bits>>20%400), false
	}
}

func plainLine(n int, bits uint64) (string, bool) {
	if bits>>40%13 == 0 {
		return fmt.Sprintf("warning: queue has %d entries", 50+bits>>20%200), true
	}
	return fmt.Sprintf("resized image %06d to %s", n, pick(bits>>12, "320x200", "640x400", "1280x800")), false
}

// wave is a smooth curve in [-1, 1] that differs from seed to seed.
func wave(seed uint64, at time.Time) float64 {
	t := float64(at.UnixMilli()) / 1000
	a := float64(mix(seed, 1)%1000)/1000*2*math.Pi + t/37
	b := float64(mix(seed, 2)%1000)/1000*2*math.Pi + t/11
	return 0.7*math.Sin(a) + 0.3*math.Sin(b)
}
