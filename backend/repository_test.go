package backend_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestPlanRepository: the newest stay, and what is used, and what belongs to
// either; untagged and old ones go.
func TestPlanRepository(t *testing.T) {
	t.Parallel()
	hex := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	var images []backend.Image
	add := func(c string, age int, used bool, tags ...string) {
		img := backend.Image{ID: "r@" + hex(c), Digest: hex(c), Size: 10, CreatedAt: time.Unix(int64(1000-age), 0)}
		for _, tag := range tags {
			img.Tags = append(img.Tags, "r:"+tag)
		}
		if used {
			img.UsedBy = []backend.ImageUse{{Service: "web", TaskDefinition: "web:3"}}
		}
		images = append(images, img)
	}
	add("1", 1, false, "v9")
	add("2", 2, false, "v8")
	add("3", 3, false, "v7") // an index; too old for the newest two, but used
	images[2].UsedBy = []backend.ImageUse{{Service: "api"}}
	add("4", 0, false, "linux-arm64-44")                         // part of it: no newest one of its own
	add("5", 4, false, "v6")                                     // goes
	add("6", 5, false)                                           // untagged: goes
	add("7", 6, true)                                            // untagged, but a service runs it by its digest
	add("8", 0, false, "sha256-"+strings.Repeat("1", 64)+".sig") // belongs to v9
	add("9", 0, false, "sha256-"+strings.Repeat("5", 64)+".sig") // belongs to what goes
	p := backend.PlanRepository(images, 2, map[string][]string{hex("3"): {hex("4")}, hex("5"): {hex("6")}})
	going := ""
	for _, img := range p.Images {
		going += img.Digest[7:8]
	}
	if going != "956" || p.Frees != 30 {
		t.Errorf("going %q, frees %d", going, p.Frees)
	}
	why := map[string]string{}
	for _, k := range p.Kept {
		why[k.Digest[7:8]] = k.Why
	}
	for digest, want := range map[string]string{
		"1": "one of the newest 2", "2": "one of the newest 2", "3": "used by service api", "4": "part of r:v7",
		"7": "used by service web (web:3)", "8": "belongs to an image that stays",
	} {
		if why[digest] != want {
			t.Errorf("%s stays since %q, want %q", digest, why[digest], want)
		}
	}
}
