package ui

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// quiet is a model that counts what is asked of it and never changes.
type quiet struct {
	ticker chan *time.Ticker
	p      *tea.Program
}

func (q *quiet) Init() tea.Cmd { return tea.Quit }
func (q *quiet) Update(tea.Msg) (tea.Model, tea.Cmd) {
	return q, nil
}

func (q *quiet) View() tea.View {
	select {
	case q.ticker <- tickerOf(q.p):
	default:
	}
	return tea.NewView("quiet")
}

// TestTickerIsFound holds the library to the name of its ticker: without it the
// program goes on, at a fixed rate.
func TestTickerIsFound(t *testing.T) {
	q := &quiet{ticker: make(chan *time.Ticker, 1)}
	q.p = tea.NewProgram(q, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler())
	if _, err := q.p.Run(); err != nil {
		t.Fatal(err)
	}
	if <-q.ticker == nil {
		t.Error("the program's ticker is not found: keys wait for the fixed rate, and an idle screen costs twice as much")
	}
}

// TestPace: soon after a new frame, then less and less often, and never not at all.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{ticker: time.NewTicker(time.Second)}
		defer p.ticker.Stop()
		ticks := func(d time.Duration) (n int) {
			for end := time.After(d); ; {
				select {
				case <-p.ticker.C:
					n++
				case <-end:
					return n
				}
			}
		}
		for range 2 {
			p.newFrame()
			if n := ticks(4 * time.Millisecond); n != 1 {
				t.Errorf("%d looks in the first 4 ms, want 1", n)
			}
			if n := ticks(100 * time.Millisecond); n < 3 || n > 8 {
				t.Errorf("%d looks in the next 100 ms, want a few", n)
			}
			if n := ticks(10 * time.Second); n < 18 || n > 21 {
				t.Errorf("%d looks in 10 s of calm, want about 20", n)
			}
		}
	})
}

// TestPacerWithoutTicker leaves the program alone.
func TestPacerWithoutTicker(*testing.T) {
	p := &pacer{}
	p.newFrame()
}
