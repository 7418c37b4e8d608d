//go:build linux

package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// measureLogs follows a service that writes 5,000 lines a second.
func measureLogs(ctx context.Context, l *lab) ([]row, error) {
	return follow(ctx, l, "bench-logs", 5000, "under 1 s behind, under 25 % of a core, under 100 MiB, key under 100 ms")
}

// measureFlood follows one that writes more than anybody can read.
func measureFlood(ctx context.Context, l *lab) ([]row, error) {
	return follow(ctx, l, "bench-flood", 300000, "key under 100 ms, and it says how much it skipped")
}

func follow(ctx context.Context, l *lab, name string, rate int, aim string) ([]row, error) {
	app, err := l.app(name, 1, rate)
	if err != nil {
		return nil, err
	}
	if _, err := l.deploy(ctx, app); err != nil {
		return nil, err
	}
	t, err := l.open(ctx, 160, 48, nil, app)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if _, err := t.WaitText(20*time.Second, "1/1"); err != nil {
		return nil, err
	}
	if err := t.Press("l"); err != nil {
		return nil, err
	}
	if _, err := t.WaitText(20*time.Second, "written="); err != nil {
		return nil, err
	}
	time.Sleep(3 * time.Second) // the history that there is comes first
	behind := worstLag(t, 20*time.Second)
	percent, mib, err := usage(t.PID(), 20*time.Second)
	if err != nil {
		return nil, err
	}
	key, err := keyInLogs(t)
	if err != nil {
		return nil, err
	}
	got := fmt.Sprintf("%s behind at worst, %.0f %%, %.0f MiB, key %s at worst", millis(behind), percent, mib, millis(key))
	if m := regexp.MustCompile(`skipped [0-9,~ ]+lines`).FindString(t.Screen()); m != "" {
		got += ", " + m
	}
	return []row{{fmt.Sprintf("logs at %d lines a second", rate), aim, got}}, nil
}

// worstLag samples how old the newest line on screen is.
func worstLag(t *terminal.Terminal, d time.Duration) time.Duration {
	written := regexp.MustCompile(`written=(\d{13})`)
	var worst time.Duration
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		screen, now := t.Screen(), time.Now()
		var newest int64
		for _, m := range written.FindAllStringSubmatch(screen, -1) {
			if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
				newest = max(newest, n)
			}
		}
		if newest > 0 {
			worst = max(worst, now.Sub(time.UnixMilli(newest)))
		}
	}
	return worst
}

// keyInLogs opens and closes the help ten times; its answer cannot be mistaken
// for a log line.
func keyInLogs(t *terminal.Terminal) (worst time.Duration, err error) {
	for range 10 {
		if err := t.Press("?"); err != nil {
			return worst, err
		}
		open, err := t.Wait(10*time.Second, func(s string) bool { return strings.Contains(s, "Help") || strings.Contains(s, "help ") })
		if err != nil {
			return worst, err
		}
		worst = max(worst, open)
		if err := t.Press("esc"); err != nil {
			return worst, err
		}
		time.Sleep(300 * time.Millisecond)
	}
	return worst, nil
}
