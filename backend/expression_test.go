package backend

import (
	"strings"
	"testing"
	"time"
)

// TestExpressionNext: runs of every form, from one time on.
func TestExpressionNext(t *testing.T) {
	const form = "2006-01-02 15:04 -0700"
	for _, c := range []struct {
		text, zone, after string
		want              []string
	}{
		{"rate(5 minutes)", "", "2026-03-02 12:00 +0000", []string{"2026-03-02 12:05 +0000", "2026-03-02 12:10 +0000"}},
		{"rate(1 day)", "", "2026-03-02 12:00 +0000", []string{"2026-03-03 12:00 +0000"}},
		{"at(2026-03-02T13:00:00)", "Europe/Berlin", "2026-03-02 11:00 +0000", []string{"2026-03-02 13:00 +0100", "never"}},
		{"cron(0 3 * * ? *)", "", "2026-03-02 12:00 +0000", []string{"2026-03-03 03:00 +0000", "2026-03-04 03:00 +0000"}},
		{"cron(0 3 * * ? *)", "Europe/Berlin", "2026-03-02 01:59 +0000", []string{"2026-03-02 03:00 +0100"}},
		{"cron(0/20 8-9 ? * MON-FRI *)", "", "2026-03-06 09:30 +0000", []string{"2026-03-06 09:40 +0000", "2026-03-09 08:00 +0000"}},
		{"cron(15 10 L * ? *)", "", "2026-02-02 00:00 +0000", []string{"2026-02-28 10:15 +0000", "2026-03-31 10:15 +0000"}},
		{"cron(0 0 ? * 6L *)", "", "2026-03-02 00:00 +0000", []string{"2026-03-27 00:00 +0000"}},
		{"cron(0 0 ? * TUE#2 *)", "", "2026-03-02 00:00 +0000", []string{"2026-03-10 00:00 +0000", "2026-04-14 00:00 +0000"}},
		{"cron(0 0 15W * ? *)", "", "2026-03-02 00:00 +0000", []string{"2026-03-16 00:00 +0000"}},
		{"cron(0 0 1W * ? *)", "", "2026-07-31 01:00 +0000", []string{"2026-08-03 00:00 +0000"}},
		{"cron(0 0 LW * ? *)", "", "2026-05-02 00:00 +0000", []string{"2026-05-29 00:00 +0000"}},
		{"cron(0 12 1 JAN,7 ? 2027-2028)", "", "2026-03-02 00:00 +0000", []string{"2027-01-01 12:00 +0000", "2027-07-01 12:00 +0000"}},
		{"cron(0 12 29 2 ? *)", "", "2026-03-02 00:00 +0000", []string{"2028-02-29 12:00 +0000"}},
		{"cron(0 12 30 2 ? *)", "", "2026-03-02 00:00 +0000", []string{"never"}},
		{"cron(0 12 * * ? 2025)", "", "2026-03-02 00:00 +0000", []string{"never"}},
		// When summer begins, 02:30 does not come; when it ends, it comes once.
		{"cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28 00:00 +0000", []string{"2026-03-28 02:30 +0100", "2026-03-30 02:30 +0200"}},
		{"cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24 12:00 +0000", []string{"2026-10-25 02:30 *", "2026-10-26 02:30 +0100"}},
	} {
		e, err := ParseExpression(c.text, c.zone)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		at, err := time.Parse(form, c.after)
		if err != nil {
			t.Fatal(err)
		}
		since := at
		for _, want := range c.want {
			at = e.Next(at, since)
			got := "never"
			if !at.IsZero() {
				got = at.Format(form)
			}
			if prefix, open := strings.CutSuffix(want, "*"); got != want && (!open || !strings.HasPrefix(got, prefix)) {
				t.Errorf("%s %s: %s, want %s", c.text, c.zone, got, want)
				break
			}
		}
	}
}

// TestExpressionErrors: what EventBridge Scheduler does not take is refused, and
// the message says what is wrong.
func TestExpressionErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "is no schedule",
		"0 3 * * *":               "should be rate(5 minutes)",
		"every day":               "should be rate(5 minutes)",
		"rate(5)":                 "minutes, hours or days",
		"rate(0 minutes)":         "from 1 on",
		"rate(5 seconds)":         "minutes, hours or days",
		"rate(-1 hours)":          "from 1 on",
		"cron(0 3 * * *)":         "has 5 fields, should have 6",
		"cron(0 3 * * * *)":       "must be ?",
		"cron(0 3 ? * ? *)":       "must be ?",
		"cron(60 3 * * ? *)":      `"60" is no minutes: 0 to 59`,
		"cron(0 24 * * ? *)":      "is no hours",
		"cron(0 3 32 * ? *)":      "is no day of month",
		"cron(0 3 ? * 0 *)":       "is no day of week",
		"cron(0 3 ? * MONDAY *)":  "is no day of week",
		"cron(0 3 * 13 ? *)":      "is no month",
		"cron(0 3 * * ? 1969)":    "is no year",
		"cron(0/0 3 * * ? *)":     "step",
		"cron(5-1 3 * * ? *)":     "is no minutes",
		"cron(, 3 * * ? *)":       "is no minutes",
		"cron(0 3 ? * MON#6 *)":   "is no day of week",
		"at(2026-03-02 13:00:00)": "a date and a time",
		"at(2026-02-30T13:00:00)": "a date and a time",
		"rate(5 minutes":          "is no schedule",
	} {
		if _, err := ParseExpression(text, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", text, err, want)
		}
	}
	for _, zone := range []string{"Berlin", "Local", "../etc/passwd"} {
		if _, err := ParseExpression("rate(1 hour)", zone); err == nil || !strings.Contains(err.Error(), "no time zone") {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
}

func TestExpressionWords(t *testing.T) {
	for text, want := range map[string]string{
		"rate(1 hour)":                 "every hour",
		"rate(90 minutes)":             "every 90 minutes",
		"rate(48 hours)":               "every 2 days",
		"cron(0/10 * * * ? *)":         "every 10 minutes",
		"cron(* * * * ? *)":            "every minute",
		"cron(5 * ? * * *)":            "every hour at :05",
		"cron(0 3 * * ? *)":            "03:00 every day",
		"cron(30 7 ? * MON-FRI *)":     "07:30 Mon–Fri",
		"cron(30 7 ? * SAT,SUN *)":     "07:30 Sat, Sun",
		"cron(0 3 1 * ? *)":            "03:00 on day 1 of the month",
		"cron(0 3 L * ? *)":            "03:00 on the last day of the month",
		"cron(0 3 ? * 2#1 *)":          "cron(0 3 ? * 2#1 *)",
		"cron(0 3 1 1 ? 2027)":         "cron(0 3 1 1 ? 2027)",
		"at(2026-03-02T13:00:00)":      "once, 2026-03-02 13:00",
		"cron(0/7 8-18 ? * MON-FRI *)": "cron(0/7 8-18 ? * MON-FRI *)",
	} {
		if e, err := ParseExpression(text, ""); err != nil || e.Words() != want {
			t.Errorf("%s: %q, %v; want %q", text, e.Words(), err, want)
		}
	}
	if e, _ := ParseExpression("cron(0 3 * * ? *)", "Europe/Berlin"); e.Words() != "03:00 every day, Europe/Berlin" {
		t.Error(e.Words())
	}
}
