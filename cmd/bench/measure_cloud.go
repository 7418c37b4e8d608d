//go:build linux

package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// cloudLatency is what each call takes at least, as from a laptop to a region
// that is not far.
const cloudLatency = 40 * time.Millisecond

// measureCloud opens the services of a cluster on ECS's own protocol, with
// AWS's token buckets enforced.
func measureCloud(ctx context.Context, l *lab) ([]row, error) {
	var rows []row
	for _, n := range []int{100, 1000, 5000} {
		got, err := l.cloud(ctx, n)
		rows = append(rows, got...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// cloud serves a demo of n services and twice as many tasks, and opens it.
func (l *lab) cloud(ctx context.Context, n int) ([]row, error) {
	world := demo.New(demo.Options{Services: n, Tasks: 2 * n, Quiet: true, Seed: 1})
	defer world.Close()
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{}), nil)
	faults.Latency(cloudLatency)
	faults.Throttle(true)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: faults, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	defer server.Close()
	env := []string{
		"AWS_ENDPOINT_URL=http://" + listener.Addr().String(), "AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench",
	}
	start := time.Now()
	t, err := l.open(ctx, 120, 40, env, "--backend", "aws", "--cluster", "demo")
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if _, err := t.Wait(20*time.Second, listed); err != nil {
		return nil, err
	}
	rows, beforeRows := time.Since(start), faults.Calls()
	if _, err := t.Wait(20*time.Second, filled); err != nil {
		return nil, err
	}
	first, before := time.Since(start), faults.Calls()
	if err := listIsWhole(t, n); err != nil {
		return nil, err
	}
	top := cursorLine(t.Screen())
	if err := t.Press("G"); err != nil {
		return nil, err
	}
	end, err := t.Wait(20*time.Second, func(s string) bool { return cursorLine(s) != top && filled(s) })
	if err != nil {
		return nil, err
	}
	scrolled := "–" // the list is on a few screens
	if n >= 1000 {
		paged, held, err := scroll(t)
		if err != nil {
			return nil, err
		}
		scrolled = millis(paged) + "; " + millis(held)
	}
	idle := idleCalls(faults)
	mib, err := resident(t.PID())
	name := fmt.Sprintf("ECS, %d services and %d tasks, %s a call: ", n, 2*n, millis(cloudLatency))
	return []row{
		{name + "start to rows on screen", "", fmt.Sprintf("%s, %s", millis(rows), byName(beforeRows))},
		{name + "start to populated list, each row with its details", "under 250 ms, at most 5 calls", fmt.Sprintf("%s, %d calls: %s", millis(first), total(before), byName(before))},
		{name + "jump to the end", "under 300 ms", millis(end)},
		{name + "down a screen each second, 15 times: the worst until its rows are full; down 40 at once", "under 300 ms", scrolled},
		{name + "calls of an idle refresh, throttled calls, memory", "3, 0, under 80 MiB", fmt.Sprintf("%.1f, %d, %.0f MiB", idle, faults.Refused(), mib)},
	}, err
}

// listed says that rows are there, with their details or still without.
func listed(screen string) bool { return strings.Contains(screen, " … ") || filled(screen) }

// filled says that the list is there, and that each row on screen has its details.
func filled(screen string) bool {
	return strings.Count(screen, "steady") > 10 && !strings.Contains(screen, " … ")
}

// listIsWhole waits until the header counts all services: the demo's own and n.
// While pages are still to come it says "100+".
func listIsWhole(t *terminal.Terminal, n int) error {
	count := regexp.MustCompile(`(\d+) services`)
	_, err := t.Wait(3*time.Minute, func(s string) bool {
		m := count.FindStringSubmatch(strings.ReplaceAll(s, ",", ""))
		if m == nil {
			return false
		}
		found, err := strconv.Atoi(m[1])
		return err == nil && found >= n
	})
	return err
}

// scroll goes down from the top a screen at a time, as somebody who reads, and
// says how long the slowest took to be full; and then down by many at once.
func scroll(t *terminal.Terminal) (worst, held time.Duration, err error) {
	if err := t.Press("g"); err != nil {
		return 0, 0, err
	}
	if _, err := t.Wait(20*time.Second, filled); err != nil {
		return 0, 0, err
	}
	down := func(times int) (time.Duration, error) {
		was := cursorLine(t.Screen())
		start := time.Now()
		for range times {
			if err := t.Press("pgdown"); err != nil {
				return 0, err
			}
		}
		_, err := t.Wait(20*time.Second, func(s string) bool { return cursorLine(s) != was && filled(s) })
		return time.Since(start), err
	}
	for range 15 {
		took, err := down(1)
		if err != nil {
			return worst, 0, err
		}
		worst = max(worst, took)
		time.Sleep(time.Second - min(took, time.Second))
	}
	held, err = down(40)
	return worst, held, err
}

// refresh is the time between two refreshes of a list, as the program has it.
const refresh = 5 * time.Second

// idleCalls counts what a refresh of the services list costs, once nothing is
// read in the background any more: until then a refresh's time has more calls
// in it than a refresh alone may make.
func idleCalls(faults *ecsapi.Faults) float64 {
	in := func(d time.Duration) int {
		before := listCalls(faults)
		time.Sleep(d)
		return listCalls(faults) - before
	}
	for end := time.Now().Add(5 * time.Minute); in(2*refresh) > 8 && time.Now().Before(end); {
	}
	const refreshes = 6
	return float64(in(refreshes*refresh)) / refreshes
}

func listCalls(faults *ecsapi.Faults) int {
	calls := faults.Calls()
	return calls["ecs:ListServices"] + calls["ecs:DescribeServices"]
}

func total(calls map[string]int) int {
	n := 0
	for _, made := range calls {
		n += made
	}
	return n
}

// byName writes calls as "ecs:DescribeServices 4, ecs:ListServices 1".
func byName(calls map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, calls[name]))
	}
	return strings.Join(parts, ", ")
}
