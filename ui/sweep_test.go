package ui_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// TestSweep draws every screen in windows of many sizes. That each frame fills
// its window exactly is what every session checks of every frame.
func TestSweep(t *testing.T) {
	widths, heights := []int{20, 59, 60, 80, 119, 200}, []int{5, 14, 15, 24, 60}
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			uitest.Play(t, p.world, func(u *uitest.User) {
				first(u, p)
				p.open(u)
				u.Pass(moment).Expect(p.shows)
				for _, w := range widths {
					for _, h := range heights {
						small := w < widget.MinWidth || h < widget.MinHeight
						says := strings.Contains(strings.Join(strings.Fields(u.Resize(w, h).Screen()), " "), "This window is too small.")
						if says != small {
							t.Errorf("%d×%d: it says that the window is too small: %v\n%s", w, h, says, u.Screen())
						}
					}
				}
			})
		})
	}
}
