package ui

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// counter shows how many messages it got, and counts how often it was drawn.
type counter struct{ messages, views int }

func (c *counter) Init() tea.Cmd { return nil }

func (c *counter) Update(tea.Msg) (tea.Model, tea.Cmd) {
	c.messages++
	return c, nil
}

func (c *counter) View() tea.View {
	c.views++
	return tea.NewView(fmt.Sprintf("%d messages", c.messages))
}

// pacing is a paced counter whose program is the test.
type pacing struct {
	*paced
	root  *counter
	sent  chan tea.Msg
	ticks chan time.Time
}

func newPacing() pacing {
	p := pacing{root: &counter{}, sent: make(chan tea.Msg, 100), ticks: make(chan time.Time, 1)}
	p.paced = &paced{root: p.root, stale: true, send: func(msg tea.Msg) { p.sent <- msg }, flush: p.ticks}
	return p
}

// take is a turn of the program's loop, and all those that follow from it.
func (p pacing) take(msg tea.Msg) {
	p.Update(msg)
	p.View()
	synctest.Wait()
	p.rest()
}

func (p pacing) rest() {
	for {
		select {
		case msg := <-p.sent:
			p.Update(msg)
			p.View()
			synctest.Wait()
		default:
			return
		}
	}
}

// written says whether a frame went out since it was asked last.
func (p pacing) written() bool {
	select {
	case <-p.ticks:
		return true
	default:
		return false
	}
}

// TestAKeyIsDrawnAtOnce, however short ago the frame before it was.
func TestAKeyIsDrawnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacing()
		for n := 1; n <= 3; n++ {
			p.take(tea.KeyPressMsg{Code: tea.KeyDown})
			if p.root.views != n || !p.written() {
				t.Errorf("key %d: %d frames were made", n, p.root.views)
			}
		}
	})
}

// TestManyMessagesShareAFrame: what comes by the thousand is drawn as often as
// it can be seen, and what came last is drawn too.
func TestManyMessagesShareAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacing()
		const pause = 100 * time.Microsecond
		for range 10_000 { // a second
			p.take("news")
			time.Sleep(pause)
		}
		if least, most := 80, int(time.Second/framePause)+2; p.root.views < least || p.root.views > most {
			t.Errorf("%d frames were made in a second, want %d to %d", p.root.views, least, most)
		}
		time.Sleep(framePause)
		synctest.Wait()
		p.rest()
		if !strings.Contains(p.frame.Content, "10000") {
			t.Errorf("the last frame shows %q", p.frame.Content)
		}
		before := p.root.views
		time.Sleep(time.Minute)
		synctest.Wait()
		p.rest()
		if p.root.views != before {
			t.Errorf("%d frames were made in a minute without news", p.root.views-before)
		}
	})
}

// TestWithoutATickerEveryMessageIsAFrame, and the library's own rate goes on.
func TestWithoutATickerEveryMessageIsAFrame(t *testing.T) {
	root := &counter{}
	p := &paced{root: root, stale: true}
	for n := range 5 {
		p.Update("news")
		if p.View(); root.views != n+1 {
			t.Errorf("%d frames after %d messages", root.views, n+1)
		}
	}
}

// TestFramesGoOut runs the library: without its ticker the program would go on,
// at a fixed rate.
func TestFramesGoOut(t *testing.T) {
	in, _ := io.Pipe()
	defer in.Close()
	out, screen := io.Pipe()
	p := pace(&counter{}, tea.WithInput(in), tea.WithOutput(screen), tea.WithoutSignalHandler(), tea.WithWindowSize(40, 10))
	if takeTicker(p) == nil {
		t.Fatal("the program's ticker is not found: keys wait for the fixed rate, and an idle screen costs twice as much")
	}
	p = pace(&counter{}, tea.WithInput(in), tea.WithOutput(screen), tea.WithoutSignalHandler(), tea.WithWindowSize(40, 10))
	ended := make(chan error, 1)
	go func() {
		_, err := p.Run()
		ended <- err
		screen.Close()
	}()
	var shown strings.Builder
	buf := make([]byte, 4096)
	for !strings.Contains(shown.String(), "messages") {
		n, err := out.Read(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, shown.String())
		}
		shown.Write(buf[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	p.Quit()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
