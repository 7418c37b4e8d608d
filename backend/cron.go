package backend

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bounds of the years in a cron expression ("Schedule types" in the EventBridge
// Scheduler user guide).
const firstYear, lastYear = 1970, 2199

// cron is a parsed cron(minutes hours day-of-month month day-of-week year).
type cron struct {
	minutes, hours, months, years field
	days                          []dayRule // of the month, or of the week
}

// field is what one position of a cron expression matches.
type field map[int]bool

// dayRule says whether a day matches.
type dayRule func(day time.Time) bool

// fieldKind is one of the positions.
type fieldKind struct {
	name      string
	low, high int
	words     []string // that stand for low, low+1, …
}

func cronKinds() [6]fieldKind {
	return [6]fieldKind{
		{name: "minutes", low: 0, high: 59},
		{name: "hours", low: 0, high: 23},
		{name: "day of month", low: 1, high: 31},
		{name: "month", low: 1, high: 12, words: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
		{name: "day of week", low: 1, high: 7, words: strings.Fields("SUN MON TUE WED THU FRI SAT")},
		{name: "year", low: firstYear, high: lastYear},
	}
}

func parseCron(text string) (*cron, error) {
	parts := strings.Fields(text)
	if len(parts) != 6 {
		return nil, fmt.Errorf("cron has %d fields, should have 6: minutes, hours, day of month, month, day of week, year", len(parts))
	}
	kinds := cronKinds()
	const dom, dow = 2, 4
	if (parts[dom] == "?") == (parts[dow] == "?") {
		return nil, errors.New("exactly one of day of month and day of week must be ?")
	}
	c := &cron{}
	var err error
	for i, to := range map[int]*field{0: &c.minutes, 1: &c.hours, 3: &c.months, 5: &c.years} {
		if *to, err = kinds[i].parse(parts[i]); err != nil {
			return nil, err
		}
	}
	if parts[dom] != "?" {
		c.days, err = parseDays(kinds[dom], parts[dom], dayOfMonth)
	} else {
		c.days, err = parseDays(kinds[dow], parts[dow], dayOfWeek)
	}
	return c, err
}

func (k fieldKind) wrong(text string) error {
	return fmt.Errorf("%q is no %s: %d to %d, with , - * /", Clean(text), k.name, k.low, k.high)
}

// number is one value, as a number or as a word.
func (k fieldKind) number(text string) (int, bool) {
	for i, w := range k.words {
		if strings.EqualFold(w, text) {
			return k.low + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= k.low && n <= k.high && text[0] != '+'
}

// parse reads a list of values, ranges and steps.
func (k fieldKind) parse(text string) (field, error) {
	f := field{}
	for item := range strings.SplitSeq(text, ",") {
		if err := k.add(f, item); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// add adds one item: 5, MON-FRI, *, 0/15, */15, 8-18/2.
func (k fieldKind) add(f field, item string) error {
	span, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		n, err := strconv.Atoi(stepText)
		if err != nil || n < 1 || n > k.high {
			return fmt.Errorf("%q of the %s: the step after / is a number from 1 to %d", Clean(item), k.name, k.high)
		}
		step = n
	}
	low, high := k.low, k.high
	if span != "*" {
		from, to, ranged := strings.Cut(span, "-")
		var ok bool
		if low, ok = k.number(from); !ok {
			return k.wrong(item)
		}
		switch {
		case ranged:
			if high, ok = k.number(to); !ok || high < low {
				return k.wrong(item)
			}
		case !stepped:
			high = low
		}
	}
	for n := low; n <= high; n += step {
		f[n] = true
	}
	return nil
}

// parseDays reads a list of days; special are the forms of its kind.
func parseDays(k fieldKind, text string, special func(k fieldKind, item string) (dayRule, error)) ([]dayRule, error) {
	var out []dayRule
	for item := range strings.SplitSeq(text, ",") {
		rule, err := special(k, strings.ToUpper(item))
		if err != nil {
			return nil, err
		}
		out = append(out, rule)
	}
	return out, nil
}

func lastOfMonth(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 12, 0, 0, 0, day.Location()).Day()
}

// dayOfMonth knows L, the last day, LW, the last weekday, and 15W, the weekday
// that is nearest to the 15th in the same month.
func dayOfMonth(k fieldKind, item string) (dayRule, error) {
	switch item {
	case "L":
		return func(day time.Time) bool { return day.Day() == lastOfMonth(day) }, nil
	case "LW":
		return func(day time.Time) bool { return day.Day() == nearestWeekday(day, lastOfMonth(day)) }, nil
	}
	if text, is := strings.CutSuffix(item, "W"); is {
		n, ok := k.number(text)
		if !ok {
			return nil, k.wrong(item)
		}
		return func(day time.Time) bool { return n <= lastOfMonth(day) && day.Day() == nearestWeekday(day, n) }, nil
	}
	f := field{}
	if err := k.add(f, item); err != nil {
		return nil, err
	}
	return func(day time.Time) bool { return f[day.Day()] }, nil
}

// nearestWeekday is the day from Monday to Friday that is nearest to the n-th.
func nearestWeekday(in time.Time, n int) int {
	switch time.Date(in.Year(), in.Month(), n, 12, 0, 0, 0, in.Location()).Weekday() {
	case time.Saturday:
		if n == 1 {
			return 3
		}
		return n - 1
	case time.Sunday:
		if n == lastOfMonth(in) {
			return n - 2
		}
		return n + 1
	}
	return n
}

// dayOfWeek knows 6L, the last Friday, 6#2, the second one, and L, Saturday.
func dayOfWeek(k fieldKind, item string) (dayRule, error) {
	is := func(day time.Time, n int) bool { return int(day.Weekday())+1 == n }
	if item == "L" {
		item = "7"
	}
	if text, last := strings.CutSuffix(item, "L"); last {
		n, ok := k.number(text)
		if !ok {
			return nil, k.wrong(item)
		}
		return func(day time.Time) bool { return is(day, n) && day.Day()+7 > lastOfMonth(day) }, nil
	}
	if text, which, nth := strings.Cut(item, "#"); nth {
		n, ok := k.number(text)
		count, err := strconv.Atoi(which)
		if !ok || err != nil || count < 1 || count > 5 {
			return nil, k.wrong(item)
		}
		return func(day time.Time) bool { return is(day, n) && (day.Day()+6)/7 == count }, nil
	}
	f := field{}
	if err := k.add(f, item); err != nil {
		return nil, err
	}
	return func(day time.Time) bool { return f[int(day.Weekday())+1] }, nil
}

// matches says whether the expression runs on a day at all.
func (c *cron) matches(day time.Time) bool {
	for _, rule := range c.days {
		if rule(day) {
			return true
		}
	}
	return false
}

// next is the first time after one, by the wall clock of zone; zero where there
// is none. What the clock skips when summer begins is left out; what comes twice
// when it ends happens once: as EventBridge Scheduler has it.
func (c *cron) next(after time.Time, zone *time.Location) time.Time {
	from := after.In(zone)
	for year := max(from.Year(), firstYear); year <= lastYear; year++ {
		if !c.years[year] {
			continue
		}
		for month := time.January; month <= time.December; month++ {
			if !c.months[int(month)] || year == from.Year() && month < from.Month() {
				continue
			}
			first := time.Date(year, month, 1, 12, 0, 0, 0, zone)
			for n := 1; n <= lastOfMonth(first); n++ {
				day := time.Date(year, month, n, 12, 0, 0, 0, zone)
				past := n < from.Day() && month == from.Month() && year == from.Year()
				if past || !c.matches(day) {
					continue
				}
				if t := c.inDay(day, after); !t.IsZero() {
					return t
				}
			}
		}
	}
	return time.Time{}
}

// inDay is the first time of a day after one.
func (c *cron) inDay(day, after time.Time) time.Time {
	for hour := range 24 {
		if !c.hours[hour] {
			continue
		}
		for minute := range 60 {
			if !c.minutes[minute] {
				continue
			}
			t := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
			if t.Hour() == hour && t.Minute() == minute && t.After(after) {
				return t
			}
		}
	}
	return time.Time{}
}
