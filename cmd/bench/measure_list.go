//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// measureList moves in lists of different lengths: a key press must be on
// screen at once, and must not cost more where there are more rows.
func measureList(ctx context.Context, l *lab) ([]row, error) {
	var rows []row
	costs := map[int]time.Duration{}
	for _, n := range []int{100, 10000} {
		t, err := l.open(ctx, 120, 40, []string{fmt.Sprintf("ECS_TUI_DEMO_SERVICES=%d", n)}, "--demo")
		if err != nil {
			return rows, err
		}
		worst, median, cost, err := moveInList(t)
		t.Close()
		if err != nil {
			return rows, err
		}
		costs[n] = cost
		rows = append(rows, row{
			fmt.Sprintf("list of %d rows: key press to screen, median and worst of 100", n), "under 16 ms",
			fmt.Sprintf("%.1f ms, %.1f ms", ms(median), ms(worst)),
		})
	}
	rows = append(rows, row{
		"CPU time of a key press, 10,000 rows over 100 rows", "about 1",
		fmt.Sprintf("%.2f (%.2f ms over %.2f ms)", float64(costs[10000])/float64(costs[100]), ms(costs[10000]), ms(costs[100])),
	})
	return rows, nil
}

// moveInList presses "down" a hundred times, waiting for each to be seen.
func moveInList(t *terminal.Terminal) (worst, median, cpu time.Duration, err error) {
	if _, err = t.Wait(20*time.Second, func(s string) bool { return strings.Count(s, "●") > 5 }); err != nil {
		return 0, 0, 0, err
	}
	if _, _, err = usage(t.PID(), 3*time.Second); err != nil { // let the first reads finish
		return 0, 0, 0, err
	}
	start, err := cpuTime(t.PID())
	if err != nil {
		return 0, 0, 0, err
	}
	const presses = 100
	times := make([]time.Duration, 0, presses)
	for range presses {
		before := cursorLine(t.Screen())
		if err = t.Press("down"); err != nil {
			return 0, 0, 0, err
		}
		d, err := t.Wait(5*time.Second, func(s string) bool { return cursorLine(s) != before })
		if err != nil {
			return 0, 0, 0, err
		}
		times = append(times, d)
	}
	end, err := cpuTime(t.PID())
	slices.Sort(times)
	return times[presses-1], times[presses/2], (end - start) / presses, err
}

// cursorLine is the row that the cursor stands on.
func cursorLine(screen string) string {
	for line := range strings.Lines(screen) {
		if strings.Contains(line, "▌") {
			return line
		}
	}
	return ""
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
