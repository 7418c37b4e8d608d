package widget

import (
	"fmt"
	"strconv"
	"time"
)

// Count writes a number with thousands separators: 9,213.
func Count(n int) string {
	s := strconv.Itoa(n)
	neg := n < 0
	if neg {
		s = s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// Plural writes a count with its noun: "1 task", "3 tasks", "2 matches".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Size writes bytes in binary units with three digits at most: "48 MiB".
func Size(bytes int64) string {
	if bytes < 0 {
		return "–"
	}
	f := float64(bytes)
	for _, unit := range []string{"B", "KiB", "MiB", "GiB", "TiB"} {
		if f < 999.5 || unit == "TiB" {
			if unit == "B" || f >= 9.95 {
				return fmt.Sprintf("%.0f %s", f, unit)
			}
			return fmt.Sprintf("%.1f %s", f, unit)
		}
		f /= 1024
	}
	return ""
}

// Percent writes a share: "2.1 %", "11 %".
func Percent(p float64) string {
	if p >= 99.95 {
		return fmt.Sprintf("%.0f %%", p)
	}
	return fmt.Sprintf("%.1f %%", p)
}

// Elapsed writes how long something took or has been going on: "0.3 s",
// "48 s", "1 min 12 s", "3 h 5 min", "6 days".
func Elapsed(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return two(int(d.Minutes()), "min", int(d.Seconds())%60, "s")
	case d < 48*time.Hour:
		return two(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	default:
		return Plural(int(d.Hours()/24), "day", "days")
	}
}

func two(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// Age writes a duration coarsely, for columns: "48 s", "12 min", "3 h",
// "6 days".
func Age(d time.Duration) string {
	switch {
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d < 365*24*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	default:
		return fmt.Sprintf("%.1f years", d.Hours()/24/365)
	}
}

// Ago writes when something was, seen from now: "12 min ago". The zero time is
// "–".
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	age := Age(now.Sub(t))
	if age == "now" {
		return "just now"
	}
	return age + " ago"
}
