package ui_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// imagesWith opens the images, narrowed down.
func imagesWith(u *uitest.User, filter string) *uitest.User {
	u.Expect("10 services").Press("i").Expect("USED BY", "images · ")
	if filter != "" {
		u.Press("/").Type(filter).Press("enter").Expect("filter: " + filter)
	}
	return u
}

func TestImagesAndTheirLayers(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		imagesWith(u, "9f3c1ab").Expect("shop/web:9f3c1ab", "MiB", "web:14 · 3 running", "linux/amd64", "AGE")
		u.Press("enter").Expect("COMMAND", "SHARE", "COPY /out/server /app/server", `CMD ["/app/server"]`, "used by")
		u.Press("y").Expect("copied")
	})
}

func TestImagesAreTaggedAndDeleted(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		imagesWith(u, "old-experiment").Press("T").Expect("Tag image", "New tag")
		for range len("old-experiment") {
			u.Press("backspace")
		}
		u.Type("kept").Press("enter").Expect("tagged shop/web:kept")
		u.Press("ctrl+d").Expect("shop/web:old-experiment", "y").Press("esc").Expect("old-experiment")
		u.Press("ctrl+d", "y").Expect("deleted shop/web:old-experiment").Press("esc").Expect("shop/web:kept").ExpectGone("web:old-experiment ")
	})
}

func TestAnImageInUseIsNotDeleted(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		imagesWith(u, "9f3c1ab").Press("ctrl+d").Expect("delete: shop/web:9f3c1ab is in use by web:14").Refuse("can't be brought back")
	})
}

func TestImagesArePrunedAfterShowingWhatGoes(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		imagesWith(u, "").Press("X").Expect("Prune images", "12 images on demo 123456789012, 3.3 GiB", "No service and no container uses them:", "256 MiB  shop/web:8d7711f", "… and 4 more")
		u.Press("n").ExpectGone("Prune images").Expect("old-experiment")
		u.Press("X").Expect("Prune images").Press("y").Expect("deleted ", "freed ").ExpectGone("old-experiment")
		u.Press("X").Expect("every image is in use: nothing to prune")
		for line := range strings.SplitSeq(u.Screen(), "\n") {
			if strings.Contains(line, "MiB") && !strings.Contains(line, "running") && !strings.Contains(line, "recommend:2") && !strings.Contains(line, "reports:3") {
				t.Errorf("unused after a prune: %s", line)
			}
		}
	})
}
