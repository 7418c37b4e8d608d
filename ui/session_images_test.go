package ui_test

import (
	"strings"
	"testing"
	"time"

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
		imagesWith(u, "").Press("X").Expect("prune images", "12 images would be deleted, which frees 3.3 GiB", "No service and no container uses them.", "These go: 12")
		if n := strings.Count(u.Screen(), "   - "); n != 12 {
			t.Errorf("%d of 12 images are shown:\n%s", n, u.Screen())
		}
		u.Press("esc").Expect("old-experiment")
		u.Press("X").Expect("These go").Press("enter").Expect("Prune images", "12 images on demo 123456789012, 3.3 GiB").Press("y").Expect("deleted 12 images, freed 3.3 GiB")
		u.Press("esc").Expect("USED BY").ExpectGone("old-experiment").Press("X").Expect("Nothing goes: all are in use.").Press("esc").Expect("USED BY")
		for line := range strings.SplitSeq(u.Screen(), "\n") {
			if strings.Contains(line, "MiB") && !strings.Contains(line, "running") && !strings.Contains(line, "recommend:2") && !strings.Contains(line, "reports:3") {
				t.Errorf("unused after a prune: %s", line)
			}
		}
	})
}

// unusedImages selects the three images of shop/web that nothing uses.
func unusedImages(u *uitest.User) *uitest.User {
	imagesWith(u, "shop/web !running").Press("g")
	u.Press("space", "space", "space").Expect("3 selected").Press("ctrl+d").Expect("delete 3 tags", "These go: 3", "256 MiB  ")
	return u.Press("enter").Expect("Delete 3 tags", "3 tags on demo")
}

// Several go one after the other: all of them are shown before, each has its own
// time, and it can be stopped in between.
func TestSeveralImagesAreDeletedOneByOne(t *testing.T) {
	slow := uitest.Fault{Slow: 15 * time.Second}
	uitest.Play(t, roomy(), func(u *uitest.User) {
		unusedImages(u).Engine.Break(slow)
		u.Press("y").Expect("1 of 3 tags").Expect("deleted 3 tags").Press("esc").Refuse("selected")
	})
	uitest.Play(t, roomy(), func(u *uitest.User) {
		unusedImages(u).Engine.Break(slow)
		u.Press("y").Expect("1 of 3 tags").Press("esc").Expect("1 of 3 tags deleted: ended before all was done")
	})
}
