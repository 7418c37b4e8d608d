package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// place is a screen of the program, as something to look at.
type place struct {
	name  string
	world uitest.World
	open  func(u *uitest.User) // from the first page, which is there
	shows string               // what is on it once it is there
	loads bool                 // it reads something, so that it can load, fail and be out of date
}

func keys(names ...string) func(u *uitest.User) {
	return func(u *uitest.User) { u.Press(names...) }
}

// command goes somewhere by the palette.
func command(text string, then ...string) func(u *uitest.User) {
	return func(u *uitest.User) { u.Press(":").Type(text).Press("enter").Press(then...) }
}

// checkout goes to the service whose deployment waits for an answer.
func checkout(then ...string) func(u *uitest.User) {
	return func(u *uitest.User) {
		u.Press("k", "k", "k", "k").ExpectCursor("checkout").Press(then...)
		u.Pass(2*time.Second + moment)
	}
}

// after presses keys once a screen is there, and lets time pass.
func after(open func(u *uitest.User), d time.Duration, names ...string) func(u *uitest.User) {
	return func(u *uitest.User) {
		open(u)
		u.Press(names...).Pass(d)
	}
}

func places() []place {
	bad := shop()
	bad.Fate = "oom"
	protected := shop()
	protected.Protected = true
	seen := func(open func(u *uitest.User), then ...string) func(u *uitest.User) {
		return func(u *uitest.User) {
			open(u)
			u.Pass(2*time.Second + moment).Press(then...)
		}
	}
	deploy := func(seconds int, then ...string) func(u *uitest.User) {
		return func(u *uitest.User) {
			u.Press("D").Pass(moment).Press("enter").Pass(time.Duration(seconds) * time.Second).Press(then...)
		}
	}
	return []place{
		{"services", shop(), keys(), "LAST DEPLOYMENT", true},
		{"tasks", shop(), keys("enter"), "1 running", true},
		{"tasks-stopped", shop(), keys("t", "tab"), "STOPPED", true},
		{"tasks-all", shop(), keys("t"), "SERVICE", true},
		{"task", shop(), seen(keys("enter"), "enter"), "ESSENTIAL", false},
		{"events", shop(), keys("v"), "web events", true},
		{"deployments", shop(), keys("p"), "web deployments", true},
		{"health", shop(), keys("m"), "web health", true},
		{"targets", shop(), keys("m", "2"), "TARGET", true},
		{"scaling", shop(), keys("m", "3"), "WHAT IT DOES", true},
		{"scaling-form", shop(), seen(keys("m"), "A"), "at least", false},
		{"discovery", shop(), keys("m", "4"), "ADDRESS", true},
		{"revisions", shop(), keys("T"), "web revisions", true},
		{"revision-diff", shop(), seen(keys("T"), "c"), "web:13 → web:14", false},
		{"revision-prune", shop(), seen(keys("T"), "X"), "would be deleted", true},
		{"repositories", shop(), command("repos"), "immutable", true},
		{"repository-images", shop(), seen(command("repos"), "G", "k", "enter"), "9f3c1ab", true},
		{"findings", shop(), seen(command("repos"), "G", "k", "enter", "enter"), "CVE-", false},
		{"repository-prune", shop(), seen(command("repos"), "G", "k", "X"), "would be deleted", false},
		{"families", shop(), command("task def"), "task definitions", true},
		{"clusters", shop(), command("clusters"), "clusters", true},
		{"machines", shop(), command("capacity"), "MACHINE", true},
		{"providers", shop(), command("capacity", "2"), "PROVIDER", true},
		{"images", shop(), keys("i"), "images", true},
		{"image", shop(), seen(keys("i"), "j", "j", "enter"), "shop/", true},
		{"logs", shop(), keys("l"), "web logs", true},
		{"logs-json", shop(), seen(keys("k", "k", "k", "k", "k", "k", "k", "k", "l"), "&", "w", "a", "r", "n", "enter", "/", "s", "l", "o", "w", "enter"), "api logs", false},
		{"describe", shop(), keys("d"), "describe web", false},
		{"plan", shop(), keys("D"), "deploy web to demo", true},
		{"deploy-build", shop(), deploy(1), "compiling", false},
		{"deploy-push", shop(), deploy(2), "pushing", false},
		{"deploy-rollout", shop(), deploy(6), " of 3 healthy", false},
		{"deploy-failing", bad, deploy(7), "OutOfMemoryError", false},
		{"deploy-stable", shop(), deploy(20), "stable after", false},
		{"deploy-rolled-back", bad, deploy(20), "rolled back", false},
		{"deploy-paused", shop(), checkout("D"), "paused at", false},
		{"deploy-shifting", shop(), after(checkout("D"), 8*time.Second, "c", "y"), "traffic 90 %", false},
		{"deploy-shift-rolled-back", shop(), after(checkout("D"), 8*time.Second, "R", "y"), "rolled back", false},
		{"deployments-waits", shop(), checkout("p"), "checkout deployments", false},
		{"confirm-continue", shop(), after(checkout("D"), 0, "c"), "Continue the deployment", false},
		{"deploy-events", shop(), deploy(20, "e"), "events", false},
		{"build-log", shop(), deploy(20, "v"), "build log", false},
		{"background", shop(), deploy(1, "esc"), "◐ web:", false},
		{"welcome", uitest.World{Folder: newFolder()}, keys(), "set it up", false},
		{"welcome-form", uitest.World{Folder: newFolder()}, seen(keys(), "enter"), "Set up this folder", false},
		{"help", shop(), keys("?"), "Help:", false},
		{"palette", shop(), keys(":", "d", "e"), "Command", false},
		{"confirm", shop(), keys("j", "ctrl+d"), "Delete service", false},
		{"confirm-typed", protected, keys("j", "ctrl+d", "s", "h"), "Delete service", false},
		{"scale", shop(), keys("S"), "It wants 3 tasks", false},
		{"mfa", codeWorld(), func(u *uitest.User) {
			_ = u.WantCode(context.Background(), screen.CodeRequest{Profile: "shop-prod", Serial: serial})
		}, "MFA code", false},
		{"prune", shop(), keys("i", "X"), "prune images", false},
		{"note", uitest.World{Note: "no Docker engine answers, so this is the demo"}, keys(), "esc hides this", false},
	}
}

// sizes are the windows that goldens are drawn in.
func sizes() [][2]int { return [][2]int{{80, 24}, {120, 40}, {200, 60}} }

// shots are the screen in every size, one under the other.
func shots(u *uitest.User) string {
	var b strings.Builder
	for _, s := range sizes() {
		u.Resize(s[0], s[1])
		fmt.Fprintf(&b, "── %d×%d ──\n%s", s[0], s[1], u.Screen())
	}
	return b.String()
}

// first waits for the first page and what stands beside its rows.
func first(u *uitest.User, p place) {
	switch {
	case p.world.Folder != nil:
		u.Expect("set it up")
	default:
		u.Expect("web:14", "✓ ")
	}
	tenth(u)
}

// tenth waits for the tenth second, so that what is done next is always done at
// the same time.
func tenth(u *uitest.User) {
	began := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // of every bubble
	u.Pass(10*time.Second + moment - time.Since(began))
}

// moment is long enough for everything to be drawn, and ends when nothing is due.
const moment = 213 * time.Millisecond

// TestGoldenFull keeps how every screen looks with something on it.
func TestGoldenFull(t *testing.T) {
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			uitest.Play(t, p.world, func(u *uitest.User) {
				first(u, p)
				p.open(u)
				u.Pass(moment).See(p.shows)
				u.Golden(shots(u))
			})
		})
	}
}

// TestGoldenStates keeps how every screen that reads something looks while it
// loads, when it can't be read, and when it could not be read any more.
func TestGoldenStates(t *testing.T) {
	for _, p := range places() {
		if !p.loads {
			continue
		}
		for state, fault := range map[string]uitest.Fault{"loading": uitest.Hanging(), "error": uitest.Stopped()} {
			t.Run(p.name+"/"+state, func(t *testing.T) {
				w := p.world
				if p.name == "services" {
					w.Fault = fault
				}
				uitest.Play(t, w, func(u *uitest.User) {
					if p.name != "services" {
						first(u, p)
						if p.name == "image" { // its row must be there
							u.Press("i").Expect("USED BY").Press("j", "j")
						}
						u.Engine.Break(fault)
					}
					if p.name == "image" {
						u.Press("enter")
					} else {
						p.open(u)
					}
					u.Pass(3*time.Second + moment)
					u.Golden(shots(u))
				})
			})
		}
		if p.name == "plan" || p.name == "image" || p.name == "revision-prune" {
			continue // these are read once, and stay as they are
		}
		t.Run(p.name+"/stale", func(t *testing.T) {
			uitest.Play(t, p.world, func(u *uitest.User) {
				first(u, p)
				p.open(u)
				u.Pass(3*time.Second + moment).See(p.shows)
				u.Engine.Break(uitest.Stopped())
				u.Pass(35*time.Second + moment)
				u.Golden(shots(u))
			})
		})
	}
}

// TestGoldenEmpty keeps how the screens look where there is nothing.
func TestGoldenEmpty(t *testing.T) {
	nothing := uitest.World{Demo: demo.Options{Empty: true}}
	for name, open := range map[string]func(u *uitest.User){
		"services": keys(), "tasks": keys("t"), "tasks-stopped": keys("t", "tab"), "images": keys("i"), "families": command("task def"),
	} {
		t.Run(name, func(t *testing.T) {
			uitest.Play(t, nothing, func(u *uitest.User) {
				u.Expect("No service runs")
				tenth(u)
				open(u)
				u.Pass(time.Second + moment)
				u.Golden(shots(u))
			})
		})
	}
	paused := shop()
	paused.Service = "reports"
	t.Run("logs", func(t *testing.T) {
		uitest.Play(t, paused, func(u *uitest.User) {
			first(u, place{})
			u.Press("l").Pass(time.Second + moment).See("reports logs")
			u.Golden(shots(u))
		})
	})
	t.Run("filtered", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			first(u, place{})
			u.Press("/").Type("nothing of that name").Pass(time.Second + moment)
			u.Golden(shots(u))
		})
	})
}

// TestGoldenColours keeps the colours of some screens, on each kind of terminal.
func TestGoldenColours(t *testing.T) {
	looks := map[string]uitest.World{
		"dark": {}, "light": {Light: true}, "16": {Profile: colorprofile.ANSI}, "none": {Profile: colorprofile.ASCII},
	}
	for look, w := range looks {
		for _, p := range places() {
			switch p.name {
			case "services", "deploy-failing", "logs", "confirm":
			default:
				continue
			}
			t.Run(p.name+"/"+look, func(t *testing.T) {
				world := p.world
				world.Width, world.Height, world.Light, world.Profile = 80, 24, w.Light, w.Profile
				uitest.Play(t, world, func(u *uitest.User) {
					first(u, p)
					p.open(u)
					u.Pass(moment).See(p.shows)
					u.Golden(u.Styled())
				})
			})
		}
	}
}
