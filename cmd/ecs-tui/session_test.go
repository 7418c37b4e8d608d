package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// testFactory is a factory on buffers, with no home, no engine and no colours.
func testFactory(t *testing.T, env ...string) (*factory, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var out, errs bytes.Buffer
	home := t.TempDir()
	getenv := func(key string) string {
		for _, v := range env {
			if value, ok := strings.CutPrefix(v, key+"="); ok {
				return value
			}
		}
		return ""
	}
	f := newFactory(&streams{
		In: strings.NewReader(""), Out: &out, Err: &errs, Getenv: getenv,
		Environ: func() []string { return env }, Size: func() (int, int) { return 80, 24 },
	})
	f.home = func() (string, error) { return home, nil }
	f.engine = func(context.Context) error { return errors.New("no engine") }
	return f, &out, &errs
}

// TestBackendIsNeverPickedSilently: with nothing named, AWS where credentials
// are configured, else Docker where an engine answers, else the demo.
func TestBackendIsNeverPickedSilently(t *testing.T) {
	for _, tt := range []struct {
		name   string
		env    []string
		engine bool
		want   string
		note   string
	}{
		{"an engine answers", nil, true, config.Docker, ""},
		{"no engine", nil, false, config.Demo, "no Docker engine answers, so this is the demo"},
		{"AWS is configured, and an engine answers", []string{"AWS_PROFILE=p"}, true, config.AWS, "AWS credentials are configured, so this is AWS"},
		{"a region of AWS is no login", []string{"AWS_REGION=eu-west-1"}, true, config.Docker, ""},
		{"AWS is configured, and nothing else", []string{"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y"}, false, config.AWS, "the local engine is --backend docker"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _, _ := testFactory(t, tt.env...)
			if tt.engine {
				f.engine = func(context.Context) error { return nil }
			}
			got, note := f.lookAround(t.Context(), config.Config{})
			if got != tt.want || !strings.Contains(note, tt.note) || (note == "") != (tt.note == "") {
				t.Errorf("got %s, %q; want %s, %q", got, note, tt.want, tt.note)
			}
		})
	}
}

func TestConfirm(t *testing.T) {
	for _, tt := range []struct {
		name, answer, typed string
		yes, terminal       bool
		want                int
	}{
		{name: "-y", yes: true, want: exitOK},
		{name: "no terminal", want: exitUsage},
		{name: "yes", terminal: true, answer: "y\n", want: exitOK},
		{name: "no", terminal: true, answer: "n\n", want: exitCancelled},
		{name: "just enter", terminal: true, answer: "\n", want: exitCancelled},
		{name: "end of input", terminal: true, want: exitCancelled},
		{name: "y is not the name", terminal: true, typed: "prod", answer: "y\n", want: exitCancelled},
		{name: "the name", terminal: true, typed: "prod", answer: "prod\n", want: exitOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, out, errs := testFactory(t)
			f.io.In = strings.NewReader(tt.answer)
			f.io.InTTY, f.io.ErrTTY, f.flags.Yes = tt.terminal, tt.terminal, tt.yes
			s := &session{factory: f}
			if got := exitCode(s.confirm(t.Context(), "Delete service web?", tt.typed)); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("asked on standard output: %q", out)
			}
			if tt.terminal && !strings.Contains(errs.String(), "Delete service web?") {
				t.Errorf("asked %q", errs)
			}
		})
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
		code int
	}{
		{
			&backend.Error{Op: "UpdateService", Kind: backend.Denied, Resource: "web", Err: errors.New("no"), Remedy: "ask"},
			"ecs-tui: UpdateService web: no\n  → ask\n", exitError,
		},
		{usagef("what?"), "ecs-tui: what?\n  → ecs-tui --help lists the commands and flags\n", exitUsage},
		{advise(errors.New("broken"), "mend it"), "ecs-tui: broken\n  → mend it\n", exitError},
		{context.Canceled, "ecs-tui: cancelled\n", exitCancelled},
		{&backend.Error{Op: "Build", Kind: backend.Cancelled}, "ecs-tui: cancelled\n", exitCancelled},
		{exitErr{Code: exitRolledBack}, "", exitRolledBack},
		{errors.New("plain"), "ecs-tui: plain\n", exitError},
	} {
		var out bytes.Buffer
		(&factory{}).printError(&out, tt.err)
		if out.String() != tt.want || exitCode(tt.err) != tt.code {
			t.Errorf("%v: got %q and %d, want %q and %d", tt.err, out.String(), exitCode(tt.err), tt.want, tt.code)
		}
	}
}

// TestDumbTerminal: no screen and no redrawing where the cursor can't be moved.
func TestDumbTerminal(t *testing.T) {
	f, out, errs := testFactory(t, "TERM=dumb")
	f.io.InTTY, f.io.OutTTY, f.io.ErrTTY = true, true, true
	if code := execute(t.Context(), f, []string{"--demo"}); code != exitError || !strings.Contains(errs.String(), "TERM is dumb\n  → without a screen: ecs-tui deploy -y") {
		t.Errorf("exit code %d, %q", code, errs)
	}
	if code := execute(t.Context(), f, []string{"status", "--demo"}); code != exitOK || !strings.Contains(out.String(), "web") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("exit code %d, %q", code, out)
	}
	if f.io.live() {
		t.Error("progress would be redrawn in place")
	}
}

// TestEnvironments: the screen goes from one environment of the app to another,
// and opens in the last one the next time; a place outside the app is left
// behind.
func TestEnvironments(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ecs-tui.yml": "app: shop\ntaskDefinition: td.json\nenvironments:\n  first: {backend: demo}\n  second: {backend: demo, cluster: batch, protected: true}\n",
		"td.json":     `{"family":"shop","containerDefinitions":[{"name":"app","image":"shop/web:1","memory":64}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, _, _ := testFactory(t)
	f.recall = true
	openHere := func() *places {
		t.Helper()
		s, err := f.openScreen(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		p := &places{all: []*session{s}}
		t.Cleanup(func() { p.close() })
		return p
	}
	p := openHere()
	if got := p.newest().environment; got != "first" {
		t.Fatalf("it opens in %q", got)
	}
	if _, err := p.open(t.Context(), screen.Switch{Environment: "third"}); err == nil || !strings.Contains(err.Error(), "third") {
		t.Errorf("an environment that does not exist: %v", err)
	}
	place, err := p.open(t.Context(), screen.Switch{Environment: "second"})
	if err != nil || place.App == nil || place.Environment != "second" || !place.Protected || place.Cluster != "batch" {
		t.Fatalf("the second environment is %+v, %v", place, err)
	}
	if got := p.newest().typedName(); got != "shop" {
		t.Errorf("where it is protected, %q must be typed", got)
	}
	lent, err := p.lend(t.Context(), "first")
	if err != nil || lent != p.all[0] || p.newest().environment != "second" {
		t.Errorf("the environment that it came from is not read from: %v", err)
	}
	p.newest().remember(place.Cluster, slog.New(slog.DiscardHandler))
	if got := openHere().newest(); got.environment != "second" || got.cfg.From["environment"] != "last used" {
		t.Errorf("the next time it opens in %q, %v", got.environment, got.cfg.From)
	}
	place, err = p.open(t.Context(), screen.Switch{Backend: config.Demo})
	if err != nil || place.App != nil || place.Environment != "" {
		t.Errorf("outside the app there is %+v, %v", place, err)
	}
	if place, err = p.open(t.Context(), screen.Switch{Environment: "first"}); err != nil || place.App == nil || place.Protected {
		t.Errorf("back in the app there is %+v, %v", place, err)
	}
	f.recall = false
	if got := openHere().newest(); got.environment != "first" {
		t.Errorf("a command goes to %q", got.environment)
	}
}

// TestNotesDoNotGoOverTheScreen: what is noticed when a place is opened while the
// screen is on goes with the place, and nowhere else.
func TestNotesDoNotGoOverTheScreen(t *testing.T) {
	f, out, errs := testFactory(t)
	f.flags.Demo = true
	s, err := f.openScreen(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	demo := f.openers[config.Demo]
	f.openers[config.Demo] = func(ctx context.Context, o openRequest) (backend.Backend, error) {
		o.Note("the state was damaged")
		return demo(ctx, o)
	}
	p := &places{all: []*session{s}}
	t.Cleanup(func() { p.close() })
	place, err := p.open(t.Context(), screen.Switch{Backend: config.Demo})
	if err != nil || place.Note != "the state was damaged" {
		t.Errorf("the place is %+v, %v", place, err)
	}
	if place, err = p.open(t.Context(), screen.Switch{Backend: config.Demo}); err != nil || place.Note != "the state was damaged" {
		t.Errorf("a note is said once for each opening; got %+v, %v", place, err)
	}
	if out.Len()+errs.Len() > 0 {
		t.Errorf("printed %q and %q", out, errs)
	}
	if _, err := f.openNoted(t.Context(), t.TempDir()); err != nil || errs.String() != "note: the state was damaged\n" {
		t.Errorf("a command says %q, %v", errs, err)
	}
}
