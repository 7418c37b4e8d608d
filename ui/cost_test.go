package ui_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// loaded is the program with so many services on its first page, at rest: its
// program has ended, so that nobody else touches the model.
func loaded(tb testing.TB, services int) *ui.App {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b := demo.New(demo.Options{Seed: 7, Quiet: true, Empty: true, Services: services})
	app, err := ui.Open(ctx, ui.Options{Env: screen.Env{Backend: b, Cluster: "demo", Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		tb.Fatal(err)
	}
	there := fmt.Sprintf("bulk-%04d", 0)
	program := tea.NewProgram(app,
		tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(tb.Output()), tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithWindowSize(120, 40),
		tea.WithFilter(func(m tea.Model, msg tea.Msg) tea.Msg {
			if view := m.View().Content; strings.Contains(view, there) && strings.Contains(view, "steady") && strings.Contains(view, "tasks") {
				return tea.QuitMsg{}
			}
			return msg
		}))
	if _, err := program.Run(); err != nil {
		tb.Fatal(err)
	}
	app.Close()
	cancel()
	if err := b.Close(); err != nil {
		tb.Fatal(err)
	}
	return app
}

// TestAFrameCostsWhatIsVisible counts what a key and the frame after it allocate:
// with thirty times as many rows it is no more.
func TestAFrameCostsWhatIsVisible(t *testing.T) {
	cost := func(services int) float64 {
		app := loaded(t, services)
		down := tea.KeyPressMsg{Code: tea.KeyDown}
		least := math.Inf(1) // what else still ends in the background counts too
		for range 5 {
			least = min(least, testing.AllocsPerRun(20, func() {
				app.Update(down)
				_ = app.View()
			}))
		}
		return least
	}
	few, many := cost(100), cost(3_000)
	if many > few*1.2 {
		t.Errorf("a frame takes %.0f allocations with 100 rows and %.0f with 3,000", few, many)
	}
}

// BenchmarkKeyToFrame is a key press and the frame after it.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, services := range []int{100, 10_000} {
		b.Run(fmt.Sprint(services), func(b *testing.B) {
			app := loaded(b, services)
			keys := []tea.KeyPressMsg{{Code: tea.KeyDown}, {Code: tea.KeyUp}}
			for i := 0; b.Loop(); i++ {
				app.Update(keys[i%2])
				_ = app.View()
			}
		})
	}
}
