package uitest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// User is somebody at the keyboard. Its methods give it back, so that a
// session reads as one sentence.
type User struct {
	Demo    *demo.Backend // the world, to be changed behind the program's back
	Engine  *Engine       // the way there, to be broken
	SaveDir string
	Wanted  int // how often a code was wanted again; read when all is quiet

	codes   chan screen.CodeRequest
	t       *testing.T
	app     *ui.App
	eye     *eye
	program *tea.Program
	out     output
	cancel  context.CancelFunc
	done    chan struct{}
	err     error // of the program; read after done
}

// glance is how often the user looks. It falls together with nothing that the
// program does by the clock: what happens at one moment has no order.
const glance = 47311 * time.Microsecond

// patience is how long something may take to be on screen, in the bubble's time.
const patience = 2 * time.Minute

// Press presses keys, one after the other: "D", "enter", "ctrl+c".
func (u *User) Press(keys ...string) *User {
	for _, k := range keys {
		u.program.Send(key(k))
		synctest.Wait()
	}
	return u
}

// Type types a text.
func (u *User) Type(text string) *User {
	for _, r := range text {
		u.Press(string(r))
	}
	return u
}

// Paste pastes a text.
func (u *User) Paste(text string) *User {
	u.program.Send(tea.PasteMsg{Content: text})
	synctest.Wait()
	return u
}

// Wheel turns the mouse wheel by n notches, down where n is positive.
func (u *User) Wheel(n int) *User {
	button := tea.MouseWheelDown
	if n < 0 {
		button, n = tea.MouseWheelUp, -n
	}
	for range n {
		u.program.Send(tea.MouseWheelMsg{Button: button, X: 10, Y: 5})
	}
	synctest.Wait()
	return u
}

// Click clicks on the first line of the screen with a text in it.
func (u *User) Click(text string) *User {
	u.t.Helper()
	y := slices.IndexFunc(strings.Split(u.Screen(), "\n"), func(l string) bool { return strings.Contains(l, text) })
	if y < 0 {
		u.t.Fatalf("there is no %q to click on:\n%s", text, u.Screen())
	}
	u.program.Send(tea.MouseClickMsg{Button: tea.MouseLeft, X: 10, Y: y})
	synctest.Wait()
	return u
}

// Resize changes the window's size.
func (u *User) Resize(w, h int) *User {
	u.program.Send(tea.WindowSizeMsg{Width: w, Height: h})
	synctest.Wait()
	return u
}

// Pass lets time pass.
func (u *User) Pass(d time.Duration) *User {
	time.Sleep(d) // of the bubble: it takes none
	synctest.Wait()
	return u
}

// Screen is what can be read on the screen, without spaces at the ends of lines.
func (u *User) Screen() string {
	_, text := u.eye.frame()
	return text
}

// Styled is the screen with its colours.
func (u *User) Styled() string {
	styled, _ := u.eye.frame()
	return styled
}

// Clipboard is what the program sent to the terminal besides frames: what it
// copied.
func (u *User) Clipboard() string {
	u.Pass(time.Second)
	return u.out.text()
}

// Line is the first line of the screen with a text in it, "" without one.
func (u *User) Line(text string) string {
	for l := range strings.SplitSeq(u.Screen(), "\n") {
		if strings.Contains(l, text) {
			return l
		}
	}
	return ""
}

// Expect waits until all the texts are on screen at once.
func (u *User) Expect(texts ...string) *User {
	u.t.Helper()
	u.until(fmt.Sprintf("%q", texts), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
	return u
}

// ExpectGone waits until a text is not on screen any more.
func (u *User) ExpectGone(text string) *User {
	u.t.Helper()
	u.until(fmt.Sprintf("no %q", text), func(screen string) bool { return !strings.Contains(screen, text) })
	return u
}

// ExpectCursor waits until the row under the cursor holds a text.
func (u *User) ExpectCursor(text string) *User {
	u.t.Helper()
	u.until(fmt.Sprintf("the cursor on %q", text), func(string) bool { return strings.Contains(u.Line("▌"), text) })
	return u
}

// Until waits until ok holds for the screen.
func (u *User) Until(what string, ok func(screen string) bool) *User {
	u.t.Helper()
	u.until(what, ok)
	return u
}

func (u *User) until(what string, ok func(string) bool) {
	u.t.Helper()
	for start := time.Now(); ; {
		synctest.Wait()
		if ok(u.Screen()) {
			return
		}
		if time.Since(start) > patience {
			u.t.Fatalf("%s never was on screen, which shows:\n%s", what, u.Screen())
		}
		time.Sleep(glance) // of the bubble: it takes none
	}
}

// See fails when one of the texts is not on screen now. What is compared with a
// golden is looked at by the clock: waiting for it would draw it a moment later
// whenever it comes a moment later.
func (u *User) See(texts ...string) *User {
	u.t.Helper()
	for _, text := range texts {
		if !strings.Contains(u.Screen(), text) {
			u.t.Fatalf("%q is not on screen:\n%s", text, u.Screen())
		}
	}
	return u
}

// Refuse fails when a text is on screen now.
func (u *User) Refuse(texts ...string) *User {
	u.t.Helper()
	for _, text := range texts {
		if strings.Contains(u.Screen(), text) {
			u.t.Fatalf("%q is on screen:\n%s", text, u.Screen())
		}
	}
	return u
}

// ExpectEnd waits until the program has ended by itself.
func (u *User) ExpectEnd() *User {
	u.t.Helper()
	select {
	case <-u.done:
	case <-time.After(patience):
		u.t.Fatalf("the program goes on:\n%s", u.Screen())
	}
	if u.err != nil {
		u.t.Fatalf("the program ended with %v", u.err)
	}
	return u
}

// Running fails when the program has ended.
func (u *User) Running() *User {
	u.t.Helper()
	select {
	case <-u.done:
		u.t.Fatal("the program has ended")
	default:
	}
	return u
}

// Golden compares what was seen with the test's golden file.
func (u *User) Golden(seen string) *User {
	u.t.Helper()
	golden.RequireEqual(u.t, seen)
	return u
}

// Show prints the screen when the tests run with SHOW set, to look at.
func (u *User) Show() *User {
	if os.Getenv("SHOW") != "" {
		u.t.Log("\n" + u.Screen())
	}
	return u
}

// key is a key by its name, as the terminal would send it.
func key(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd,
	}
	k := tea.KeyPressMsg{}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		k.Mod, name = tea.ModCtrl, rest
	} else if rest, ok := strings.CutPrefix(name, "shift+"); ok {
		k.Mod, name = tea.ModShift, rest
	}
	switch code, named := codes[name]; {
	case named:
		k.Code = code
	case name == "space", name == " ":
		k.Code, k.Text = tea.KeySpace, " "
	default:
		k.Code = []rune(name)[0]
		if k.Mod == 0 {
			k.Text = name
		}
	}
	return k
}

// output takes what is written to the terminal.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
