package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// taskLabels are the labels of one container of a service's task.
func taskLabels(cluster, service, id, name string) map[string]string {
	namer := backend.Namer{Region: "local", Account: "000000000000"}
	return map[string]string{
		LabelTaskARN: namer.Task(cluster, id), LabelCluster: cluster, LabelService: service, LabelContainerName: name,
	}
}

// collector gathers a stream and lets a test wait for what it should contain.
type collector struct {
	batches chan backend.LogBatch
	ended   chan error
	lines   []backend.LogLine
	notices []string
	skipped int
}

func follow(t *testing.T, e *Engine, q backend.LogQuery) *collector {
	ctx, cancel := context.WithCancel(t.Context())
	c := &collector{batches: make(chan backend.LogBatch), ended: make(chan error, 1)}
	go func() {
		var last error
		for b, err := range e.Logs(ctx, q) {
			if err != nil {
				last = err
				break
			}
			select {
			case c.batches <- b:
			case <-ctx.Done():
			}
		}
		c.ended <- last
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-c.ended:
			if err != nil && backend.KindOf(err) != backend.Cancelled {
				t.Errorf("the stream ended with %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("the stream does not end when it is cancelled")
		}
	})
	return c
}

func (c *collector) add(b backend.LogBatch) {
	c.lines = append(c.lines, b.Lines...)
	c.skipped += b.Skipped
	if b.Notice != "" {
		c.notices = append(c.notices, b.Notice)
	}
}

// until reads on until ok.
func (c *collector) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case b := <-c.batches:
			c.add(b)
		case err := <-c.ended:
			t.Fatalf("the stream has ended (%v) before: %s", err, what)
		case <-deadline:
			t.Fatalf("never: %s\nlines %v\nnotices %q", what, c.lines, c.notices)
		}
	}
}

func (c *collector) has(text string) bool {
	for _, l := range c.lines {
		if strings.Contains(l.Text, text) {
			return true
		}
	}
	return false
}

func readLogs(t *testing.T, e *Engine, q backend.LogQuery) []backend.LogLine {
	t.Helper()
	var lines []backend.LogLine
	for b, err := range e.Logs(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, b.Lines...)
	}
	return lines
}

func texts(lines []backend.LogLine) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.Text
	}
	return strings.Join(out, ",")
}

// wantTexts checks that lines are in time order, and what they are.
func wantTexts(t *testing.T, what string, lines []backend.LogLine, want string) {
	t.Helper()
	if !slices.IsSortedFunc(lines, func(a, b backend.LogLine) int { return a.At.Compare(b.At) }) {
		t.Errorf("%s: not in time order: %v", what, lines)
	}
	got := strings.Split(texts(lines), ",")
	slices.Sort(got)
	if strings.Join(got, ",") != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestLogsOfAService(t *testing.T) {
	e := openEngine(t, Options{})
	box, cluster := dockertest.BusyboxImage(t), dockertest.Unique(t, "logs")
	run := func(service, task, name, script string) string {
		return dockertest.Run(t, e.client, dockertest.Spec{Image: box, Labels: taskLabels(cluster, service, task, name), Cmd: []string{"sh", "-c", script}})
	}
	ids := []string{
		run("web", "aaaaaa1", "app", "echo a1; sleep 0.4; echo a2 >&2; sleep 0.4; echo a3"),
		run("web", "bbbbbb1", "app", "sleep 0.2; echo b1; sleep 0.4; echo b2"),
		run("web", "bbbbbb1", "side", "echo side"),
		run("web", "bbbbbb1", PauseContainer, "echo hidden"),
		run("other", "cccccc1", "app", "echo other"),
	}
	for _, id := range ids {
		dockertest.Wait(t, e.client, id)
	}
	q := backend.LogQuery{Cluster: cluster, Service: "web", Container: "app"}
	lines := readLogs(t, e, q)
	wantTexts(t, "merged", lines, "a1,a2,a3,b1,b2")
	a2 := lines[slices.IndexFunc(lines, func(l backend.LogLine) bool { return l.Text == "a2" })]
	if !a2.Stderr || a2.Task != "aaaaaa1" || a2.Container != "app" || time.Since(a2.At) > time.Minute || time.Since(a2.At) < 0 {
		t.Errorf("line %+v", a2)
	}
	q.Tail = 1
	wantTexts(t, "tail 1", readLogs(t, e, q), "a3,b2")
	q.Tail, q.Since = 0, a2.At
	if got := texts(readLogs(t, e, q)); strings.Contains(got, "a1") || !strings.Contains(got, "a2") || !strings.Contains(got, "a3") {
		t.Errorf("since a2: %s", got)
	}
	q = backend.LogQuery{Cluster: cluster, Tasks: []string{taskLabels(cluster, "web", "bbbbbb1", "")[LabelTaskARN]}}
	if got := readLogs(t, e, q); len(got) != 3 || strings.Contains(texts(got), "hidden") {
		t.Errorf("one task: %s", texts(got))
	}
	q.Tasks = []string{"arn:aws:ecs:local:000000000000:task/x/none"}
	for _, err := range e.Logs(t.Context(), q) {
		wantError(t, err, backend.NotFound, "none")
	}
}

// TestLogsEndTogether: when all readers have ended before the merger looks, no
// one wakes it again, so that this look must be its last.
func TestLogsEndTogether(t *testing.T) {
	now := time.Now()
	source := func(task string) *logSource {
		return &logSource{task: task, queue: []backend.LogLine{{At: now, Task: task, Text: task}}, space: make(chan struct{}, 1), ended: true}
	}
	var got []backend.LogLine
	m := &logMerger{sources: map[string]*logSource{"1": source("a"), "2": source("b")}, yield: func(b backend.LogBatch, _ error) bool {
		got = append(got, b.Lines...)
		return true
	}}
	more, waiting, err := m.emit()
	if !more || waiting || err != nil || m.open || len(got) != 2 {
		t.Errorf("more %v, waiting %v, %v, open %v, %d lines", more, waiting, err, m.open, len(got))
	}
}

func TestLogsFollowReplacement(t *testing.T) {
	e := openEngine(t, Options{})
	cluster := dockertest.Unique(t, "logs")
	spec := func(task string) dockertest.Spec {
		return dockertest.Spec{Labels: taskLabels(cluster, "web", task, "app"), Cmd: []string{"-http", ":8080", "-text", "I am " + task}}
	}
	first := dockertest.Run(t, e.client, spec("aaaaaa1"))
	c := follow(t, e, backend.LogQuery{Cluster: cluster, Service: "web", Follow: true})
	c.until(t, "the first task's line", func() bool { return c.has("I am aaaaaa1") })
	if _, err := e.client.ContainerKill(t.Context(), first, client.ContainerKillOptions{Signal: "TERM"}); err != nil {
		t.Fatal(err)
	}
	c.until(t, "the first task's last line", func() bool { return c.has("received terminated") && len(c.notices) == 1 })
	dockertest.Run(t, e.client, spec("bbbbbb1"))
	c.until(t, "the second task's line", func() bool { return c.has("I am bbbbbb1") })
	if _, err := e.client.ContainerStart(t.Context(), first, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	c.until(t, "the first again", func() bool { return strings.Count(texts(c.lines), "I am aaaaaa1") == 2 })
	// a stopped, b started, a started again
	if len(c.lines) != 4 || c.skipped != 0 {
		t.Errorf("lines %s, skipped %d: something came twice or was lost", texts(c.lines), c.skipped)
	}
	if len(c.notices) < 2 || !strings.Contains(c.notices[0], "aaaaaa: app ended with exit code 0") || c.notices[1] != "task aaaaaa was replaced by bbbbbb" {
		t.Errorf("notices %q", c.notices)
	}
}

func TestLogsOddContent(t *testing.T) {
	e := openEngine(t, Options{})
	box := dockertest.BusyboxImage(t)
	script := `printf 'bad \377 byte\n'; printf '\033[31mred\033[0m \033[2Jcleared\n'; printf 'over\rwritten\n'; ` +
		`head -c 40000 /dev/zero | tr '\0' x; echo; head -c 200000 /dev/zero | tr '\0' y; echo; printf 'no end'`
	for _, tty := range []bool{false, true} {
		t.Run(fmt.Sprintf("tty %v", tty), func(t *testing.T) {
			cluster := dockertest.Unique(t, "logs")
			id := dockertest.Run(t, e.client, dockertest.Spec{Image: box, Labels: taskLabels(cluster, "web", "aaaaaa1", "app"), Cmd: []string{"sh", "-c", script}, TTY: tty})
			dockertest.Wait(t, e.client, id)
			lines := readLogs(t, e, backend.LogQuery{Cluster: cluster, Service: "web"})
			if len(lines) != 6 {
				t.Fatalf("%d lines", len(lines))
			}
			want := []string{"bad \ufffd byte", "\x1b[31mred\x1b[0m cleared", "over written", strings.Repeat("x", 40000)}
			for i, w := range want {
				if lines[i].Text != w {
					t.Errorf("line %d is %.60q of %d bytes", i, lines[i].Text, len(lines[i].Text))
				}
			}
			if cut := lines[4].Text; strings.Trim(cut[:maxLogLine], "y") != "" || !strings.HasSuffix(cut, "bytes more)") || len(cut) > maxLogLine+40 {
				t.Errorf("the long line has %d bytes and ends %q", len(cut), cut[len(cut)-40:])
			}
			if lines[5].Text != "no end" {
				t.Errorf("the last line is %q", lines[5].Text)
			}
		})
	}
}

// leaping is a clock that can be put ahead.
type leaping struct {
	backend.SystemClock
	by *atomic.Int64
}

func (c leaping) Now() time.Time { return c.SystemClock.Now().Add(time.Duration(c.by.Load())) }

// TestLogsSkipWhatIsOld: a reader that finds itself too far behind goes on from
// now, says that something was left out, and reads on.
func TestLogsSkipWhatIsOld(t *testing.T) {
	t.Parallel()
	ahead := &atomic.Int64{}
	e := openEngine(t, Options{Clock: leaping{by: ahead}})
	cluster := dockertest.Unique(t, "logs")
	config := logConfig()
	dockertest.Run(t, e.client, dockertest.Spec{
		Labels: taskLabels(cluster, "web", "aaaaaa1", "app"), Cmd: []string{"-log", "200"}, Log: &config,
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	received, skipped, last := 0, 0, 0
	for b, err := range e.Logs(ctx, backend.LogQuery{Cluster: cluster, Service: "web", Tail: 1, Follow: true}) {
		if err != nil {
			t.Fatal(err)
		}
		skipped += b.Skipped
		for _, l := range b.Lines {
			n := number(l.Text)
			if n <= last {
				t.Fatalf("line %d comes after line %d", n, last)
			}
			received, last = received+1, n
		}
		if received > 100 {
			ahead.Store(int64(3 * maxLag))
		}
		if skipped > 0 && len(b.Lines) > 0 {
			return
		}
	}
	t.Fatalf("nothing was skipped of %d lines", received)
}

// TestLogsSkip: a container that writes faster than anybody can read does not
// make the reader fall behind, and what was left out is counted.
func TestLogsSkip(t *testing.T) {
	e := openEngine(t, Options{})
	cluster := dockertest.Unique(t, "logs")
	config := logConfig()
	dockertest.Run(t, e.client, dockertest.Spec{
		Labels: taskLabels(cluster, "web", "aaaaaa1", "app"), Cmd: []string{"-log", "300000"}, Log: &config,
	})
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	received, skipped, first, last, batches := 0, 0, 0, 0, 0
	worst := time.Duration(0)
	began := time.Now()
	for b, err := range e.Logs(ctx, backend.LogQuery{Cluster: cluster, Service: "web", Tail: 100, Follow: true}) {
		if err != nil {
			break
		}
		received += len(b.Lines)
		skipped += b.Skipped
		batches++
		if n := len(b.Lines); n > 0 {
			if first == 0 {
				first = number(b.Lines[0].Text)
			}
			last = number(b.Lines[n-1].Text)
			worst = max(worst, time.Since(b.Lines[n-1].At))
		}
	}
	if skipped == 0 {
		t.Skipf("this engine delivers %d lines in %v and lost nothing", received, time.Since(began))
	}
	truly := last - first + 1 - received
	t.Logf("received %d, skipped %d, truly %d, worst %v behind, %d batches", received, skipped, truly, worst, batches)
	if truly < skipped/3 || truly > skipped*3 {
		t.Errorf("said that %d lines were skipped, it were %d", skipped, truly)
	}
	if worst > 5*time.Second {
		t.Errorf("fell %v behind", worst)
	}
}

func number(line string) int {
	n := 0
	_, _ = fmt.Sscanf(line, "n=%d ", &n)
	return n
}
