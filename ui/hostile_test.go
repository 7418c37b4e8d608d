package ui_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// corpus is text that would do something to a terminal, or confuse where its
// cells are. What would be seen if a sequence got through says LEAK, or moves
// the cursor to row 977.
func corpus() map[string]string {
	return map[string]string{
		"title":           "a\x1b]0;LEAK\x07b",
		"title, ST":       "a\x1b]2;LEAK\x1b\\b",
		"icon":            "a\x1b]1;LEAK\x07b",
		"hyperlink":       "a\x1b]8;;https://LEAK.example\x1b\\b\x1b]8;;\x1b\\",
		"clipboard":       "a\x1b]52;c;TEVBSw==\x07b",
		"palette":         "a\x1b]4;1;rgb:ff/00/LEAK\x07b",
		"never ends":      "a\x1b]0;LEAK",
		"DCS":             "a\x1bP+q544e;LEAK\x1b\\b",
		"sixel":           "a\x1bPq#0;2;0;0;0LEAK\x1b\\b",
		"APC":             "a\x1b_GLEAK\x1b\\b",
		"PM, SOS":         "a\x1b^LEAK\x1b\\b\x1bXLEAK\x1b\\c",
		"cursor":          "a\x1b[977;1Hb\x1b[977Ac\x1b[977Bd\x1b[977Ce\x1b[977Gf",
		"erase":           "a\x1b[2Jb\x1b[3Jc\x1b[Kd\x1b[977Me\x1b[977P",
		"scroll region":   "a\x1b[2;977rb\x1b[977Sc\x1b[977T",
		"save, restore":   "a\x1b7b\x1b8c\x1b[sd\x1b[ue",
		"reset":           "a\x1bcb\x1b[!pc",
		"modes":           "a\x1b[?1049lb\x1b[?25hc\x1b[?2004ld\x1b[?1000le\x1b[?7lf\x1b[4h",
		"charset":         "a\x1b(0qqq\x1b)0\x0eqqq\x0fb",
		"queries":         "a\x1b[6nb\x1b[cc\x1b[>cd\x1b[?2026$pe\x1b]11;?\x07f\x05g",
		"C1":              "a\u009b977;1Hb\u009d0;LEAK\u009cc\u0090LEAK\u009cd\u0085e\u008df",
		"raw C1":          "a\x9b31;7mb\x9d0;c\x9cd",
		"lone CR":         "long before\rafter",
		"backspaces, BEL": "abc\b\b\bxyz\a\v\f\x7f\x00",
		"tabs, lines":     "a\tb\nc\r\nd",
		"invalid UTF-8":   "a\xff\xfe\xc3(b\xf0\x28\x8c\x28c\xed\xa0\x80d",
		"wide":            "漢字かな交じり文 한국어 ｆｕｌｌ",
		"emoji":           "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 😀 ☎️ 1️⃣",
		"zero width":      "a\u200bb\u200cc\u200dd\ufeffe\u2060f e\u0301\u0302\u0303 a\u034f",
		"bidi":            "abc\u202efed\u202cghi \u2066jkl\u2069",
		"separators":      "a\u2028b\u2029c",
		"colours":         "\x1b[31mred \x1b[1;44mbold \x1b[7mreverse",
		"broken off":      "a\x1b[38;2;1b\x1b[",
		"long":            strings.Repeat("long ", 2000) + "\x1b]0;LEAK\x07",
		"long, wide":      strings.Repeat("漢", 1500),
		"much zero width": strings.Repeat("\u200b", 3000) + "x",
	}
}

// joined is the whole corpus in one line.
func joined() string {
	var b strings.Builder
	for _, name := range corpusNames() {
		b.WriteString(corpus()[name])
	}
	return b.String()
}

// corpusNames are the names in an order that stays.
func corpusNames() []string { return slices.Sorted(maps.Keys(corpus())) }

// hostile is the demo with the corpus in everything that a user, an image or an
// API can name. As in every backend, it is cleaned where it comes in.
type hostile struct{ *demo.Backend }

// known is a service of the demo for the name that it was given here.
func known(name string) string {
	if strings.HasPrefix(name, "evil") {
		return "web"
	}
	return name
}

func (h hostile) DescribeServices(ctx context.Context, cluster string, names []string) ([]backend.Service, error) {
	for i, name := range names {
		names[i] = known(name)
	}
	services, err := h.Backend.DescribeServices(ctx, cluster, names)
	all := corpusNames()
	for i := range services {
		evil := corpus()[all[(i*7)%len(all)]]
		if services[i].Name != "shop" { // which is deployed, by its name
			services[i].Name = backend.Clean("evil " + evil)
		}
		services[i].Document = evilDocument()
		services[i].Events = nil
		for n, name := range all {
			services[i].Events = append(services[i].Events, backend.Event{ID: fmt.Sprint(n), At: time.Now(), Message: backend.Clean("evil " + corpus()[name] + " END")})
		}
	}
	return services, err
}

func (h hostile) DescribeTasks(ctx context.Context, cluster string, arns []string) ([]backend.Task, error) {
	tasks, err := h.Backend.DescribeTasks(ctx, cluster, arns)
	all := corpusNames()
	for i := range tasks {
		tasks[i].StoppedReason = backend.Clean(corpus()[all[i%len(all)]])
		tasks[i].Group = backend.Clean("evil " + corpus()[all[(i+5)%len(all)]])
		tasks[i].Document = evilDocument()
		for c := range tasks[i].Containers {
			if tasks[i].Containers[c].Reason != "" {
				tasks[i].Containers[c].Reason = backend.Clean("evil " + joined())
			}
		}
	}
	return tasks, err
}

func (h hostile) ListImages(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
	page, err := h.Backend.ListImages(ctx, p)
	all := corpusNames()
	for i := range page.Items {
		page.Items[i].Tags = []string{backend.Clean("evil:" + corpus()[all[i%len(all)]])}
	}
	return page, err
}

func (h hostile) DeleteService(context.Context, string, string, bool) (backend.Service, error) {
	return backend.Service{}, &backend.Error{Op: "DeleteService", Kind: backend.Denied, Resource: "evil", Err: errors.New(joined())}
}

func (h hostile) Logs(ctx context.Context, _ backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		if os.Getenv(hostilePanics) != "" {
			panic("in a stream")
		}
		batch := backend.LogBatch{Lines: evilLines("web"), Notice: backend.Clean("evil " + joined())}
		if yield(batch, nil) {
			<-ctx.Done()
		}
	}
}

// hostilePanics is set for one whose logs are a mistake of the program.
const hostilePanics = "ECS_TUI_TEST_PANIC"

// hostileScreen is set for the process that shows the hostile backend, to the
// folder of its app.
const hostileScreen = "ECS_TUI_TEST_HOSTILE"

// runHostile is that process.
func runHostile() int {
	b := hostile{demo.New(demo.Options{Seed: 7, Quiet: true, Speed: 50})}
	defer b.Close()
	_, err := ui.Run(context.Background(), ui.Options{
		In: os.Stdin, Out: os.Stdout, Environ: os.Environ(),
		Env: screen.Env{Backend: b, Cluster: "demo", Environment: "demo", App: hostileApp{os.Getenv(hostileScreen)}, Log: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		return 1
	}
	return 0
}
