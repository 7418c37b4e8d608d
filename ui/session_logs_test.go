package ui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// logsOf opens the logs of a service.
func logsOf(u *uitest.User, service string) *uitest.User {
	return u.Expect("10 services").Press("/").Type(service).Press("enter", "l").Expect(service+" logs", "follow")
}

func TestLogsFollowMergedWithAColourForEachTask(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "web").Expect("tasks · follow", "GET /", "proxy", "web")
		before := u.Screen()
		u.Pass(5 * time.Second)
		if u.Screen() == before {
			t.Error("nothing new came while it follows")
		}
		inOrder(t, u.Screen())
		colours := map[string]string{} // of a task's id
		for _, m := range regexp.MustCompile(`\x1b\[([0-9;]*38[0-9;]*)m([0-9a-f]{6})\x1b`).FindAllStringSubmatch(u.Styled(), -1) {
			if old, ok := colours[m[2]]; ok && old != m[1] {
				t.Errorf("task %s has the colours %s and %s", m[2], old, m[1])
			}
			colours[m[2]] = m[1]
		}
		seen := map[string]bool{}
		for _, c := range colours {
			seen[c] = true
		}
		if len(colours) != 3 || len(seen) != 3 {
			t.Errorf("three tasks have the colours %v", colours)
		}
		u.Press("f").Expect("paused")
		still := body(u.Screen())
		if u.Pass(5 * time.Second); body(u.Screen()) != still {
			t.Errorf("the text moves while it is paused:\n%s\n%s", still, body(u.Screen()))
		}
		u.Press("f").Expect("· follow")
	})
}

// body is a screen without the lines above and below that count.
func body(screen string) string {
	lines := strings.Split(screen, "\n")
	return strings.Join(lines[2:len(lines)-4], "\n")
}

// inOrder checks that the lines of a log stand in the order of their times.
func inOrder(t *testing.T, screen string) {
	t.Helper()
	last := ""
	for _, stamp := range regexp.MustCompile(`(?m)^ ?(\d\d:\d\d:\d\d) `).FindAllStringSubmatch(screen, -1) {
		if midnight := last > "23:" && stamp[1] < "01:"; stamp[1] < last && !midnight {
			t.Errorf("%s comes after %s:\n%s", stamp[1], last, screen)
		}
		last = stamp[1]
	}
	if last == "" {
		t.Errorf("no line has a time:\n%s", screen)
	}
}

func TestLogsSearch(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "api").Press("/").Type("timed out").Press("enter").Expect("/timed out ")
		u.Until("a count of matches", func(s string) bool { return regexp.MustCompile(`/timed out [\d,]+ (of|match)`).MatchString(s) })
		u.Expect("paused").Press("N").Until("the last match", func(s string) bool { return regexp.MustCompile(`/timed out [\d,]+ of `).MatchString(s) })
		at := func() string { return regexp.MustCompile(`/timed out ([\d,]+) of `).FindString(u.Screen()) }
		last := at()
		u.Press("N")
		if before := at(); before == last {
			t.Errorf("N stays at %s", last)
		}
		u.Press("n")
		if at() != last {
			t.Errorf("n after N is at %s, not at %s", at(), last)
		}
		u.Press("esc").ExpectGone("/timed out").Press("/").Type("(").Press("enter").Expect("no match for (")
		u.Press("esc", "n").Expect("next match: nothing is searched for")
	})
}

func TestLogsFilter(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "api").Press("&").Type("(error|warn) !timed").Press("enter")
		u.Expect("filter: (error|warn) !timed", "slow query", " of ").Refuse("timed out  took", "token issued")
		u.Press("&").Type("(").Press("enter").Expect("not a regular expression").Press("esc").Expect("filter: (error|warn) !timed")
		u.Press("esc").ExpectGone("filter:").Expect("token issued")
	})
}

func TestLogsSinceTimeWrapAndJSON(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "api").Expect("request served  took=", "20,0").Press("1").Expect("since 1 min").ExpectGone("20,0")
		u.Press("0").Expect("20,0").Refuse("since 1 min")
		u.Press(":").Type("since").Press("enter").Expect("Since", "24 h").Press("esc")
		u.Press("J").Expect("raw", `"msg":"request served"`).Press("J").ExpectGone("raw")
		u.Press("t").Until("ages", func(s string) bool { return regexp.MustCompile(`(?m)^ +(now|\d+ s) `).MatchString(s) })
		u.Press("t").ExpectGone("00:00:").Press("t").Expect("00:0")
		u.Resize(64, 20).Press("J").Expect("raw")
		u.Expect(`"level"`).Press("w").ExpectGone(`"level"`).Press("w").Expect(`"level"`)
	})
}

func TestLogsAreSavedWhole(t *testing.T) {
	uitest.Play(t, uitest.World{Width: 160, Height: 24}, func(u *uitest.User) {
		saved := func() string {
			u.Press("ctrl+s").Expect("saved ", ".log")
			files, err := filepath.Glob(filepath.Join(u.SaveDir, "demo-web-*.log"))
			if err != nil || len(files) != 1 {
				t.Fatalf("saved %v, %v", files, err)
			}
			if st, err := os.Stat(files[0]); err != nil || st.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
				t.Errorf("others may read it: %v, %v", st.Mode(), err)
			}
			text, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(files[0]); err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		logsOf(u, "web").Press("2").Expect("since 5 min")
		text := saved()
		// three tasks with a line in 0.7 s and a proxy with one in 3 s, for five minutes
		if n, want := strings.Count(text, "\n"), 1500; n < want || n > want*11/10 {
			t.Errorf("saved %d lines, not about %d", n, want)
		}
		if !strings.Contains(text, " web GET /") || strings.Contains(text, "\x1b") {
			t.Errorf("saved %.300s", text)
		}
		u.Press("0").ExpectGone("since 5 min").Pass(10 * time.Second)
		kept, err := strconv.Atoi(strings.ReplaceAll(regexp.MustCompile(`([\d,]+) lines`).FindStringSubmatch(u.Screen())[1], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(saved(), "\n"); n < 2*kept {
			t.Errorf("saved %d lines; the screen alone has %d", n, kept)
		}
	})
}

func TestLogsGoOnOverTheReplacementOfATask(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "web").Expect("6 tasks")
		page, err := u.Demo.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		old := backend.ShortID(page.Items[0])
		if _, err := u.Demo.StopTask(t.Context(), "demo", page.Items[0], "test"); err != nil {
			t.Fatal(err)
		}
		u.Expect("task "+old+" was replaced by ", "7 tasks · follow", "ready, listening on :8080")
		u.Press("p").Expect("logs of "+old, "received SIGTERM, shutting down", "1 task ")
		u.Press("esc").Expect("web logs")
	})
}

func TestLogsOfSelectedTasks(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("web").Press("enter", "enter").Expect("3 tasks")
		u.Press("space", "space", "l").Expect("logs of 2 tasks", "2 tasks · follow")
		u.Press("c").Expect("all containers").Press("j", "enter").Expect("logs of 2 tasks/proxy", "upstream").Refuse("GET /")
		u.Press("esc", "L").Expect("web logs", "6 tasks · follow")
	})
}

func TestLogsOfABrokenEngineKeepTheirLines(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "web").Expect("GET /")
		u.Engine.Break(uitest.Stopped())
		u.Expect("▲ Connect unix:///var/run/docker.sock", "start the engine", "GET /")
		u.Engine.Break(uitest.Fault{})
		u.ExpectGone("start the engine").Expect("GET /", "follow")
		inOrder(t, u.Screen())
	})
}

// TestLogsScrollThroughWrappedLines: one row with every key, also where a line
// takes more of them than one.
func TestLogsScrollThroughWrappedLines(t *testing.T) {
	uitest.Play(t, uitest.World{Width: 60, Height: 15}, func(u *uitest.User) {
		logsOf(u, "api").Press("J").Expect("raw").Press("g")
		wrapped := 0
		for range 30 {
			before := rows(u)
			after := rows(u.Press("j"))
			if after[0] != before[1] {
				t.Fatalf("j goes from\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}
			if strings.HasPrefix(after[0], "  ") {
				wrapped++
			}
		}
		if wrapped == 0 {
			t.Errorf("no line is wrapped:\n%s", u.Screen())
		}
		for !strings.HasPrefix(rows(u)[0], "  ") {
			u.Press("j")
		}
		still := rows(u)[0]
		u.Pass(5 * time.Second)
		if now := rows(u)[0]; now != still {
			t.Errorf("the top moved by itself from %q to %q", still, now)
		}
	})
}

// rows are the rows of a log that are on screen.
func rows(u *uitest.User) []string { return strings.Split(body(u.Screen()), "\n") }

// TestLogsThatWereLeftCatchUp: what was written meanwhile is there, or is counted.
func TestLogsThatWereLeftCatchUp(t *testing.T) {
	w := roomy()
	w.Demo.LogRate = 300
	uitest.Play(t, w, func(u *uitest.User) {
		lines := func() int {
			n, err := strconv.Atoi(strings.ReplaceAll(regexp.MustCompile(`([\d,]+) lines`).FindStringSubmatch(u.Screen())[1], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		logsOf(u, "web").Pass(10 * time.Second)
		before := lines()
		u.Press("p").Expect("logs of ").Pass(10 * time.Second).Press("esc").Expect("web logs").Pass(10 * time.Second)
		if got, want := lines()-before, 20*3*300; got < want-500 || got > want+500 {
			t.Errorf("%d new lines after twenty seconds with three tasks that write 300 each, want %d", got, want)
		}
		u.Refuse("skipped").Press("p").Expect("logs of ").Pass(2*time.Minute).Press("esc").Expect("web logs", " skipped")
		skipped := regexp.MustCompile(`([\d,]+) skipped`).FindStringSubmatch(u.Screen())[1]
		if !regexp.MustCompile(`^9[0-9],\d\d\d$`).MatchString(skipped) { // 120 s of 900 lines, but for what is read back
			t.Errorf("%s lines are skipped", skipped)
		}
	})
}
