package deploy

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// storeOnly is an engine: it has a store of images, and no registry.
type storeOnly struct{ *demo.Backend }

func (s storeOnly) Unsupported(c backend.Capability) string {
	if c == backend.CanRepositories {
		return "there is no registry"
	}
	return s.Backend.Unsupported(c)
}

// TestPruneOfAStore: on an engine the newest of each name stay, and all that is
// used; what goes is gone then.
func TestPruneOfAStore(t *testing.T) {
	d := demo.New(demo.Options{Quiet: true})
	t.Cleanup(func() { d.Close() })
	b := storeOnly{d}
	all, err := PlanImages(t.Context(), b, nil, 1)
	if err != nil || len(all.Parts) != 1 || all.Going() == 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	whys := map[string]int{}
	for _, img := range all.Parts[0].Kept {
		switch {
		case len(img.UsedBy) > 0 && strings.HasPrefix(img.Why, "used by "):
			whys["used"]++
		case strings.HasPrefix(img.Why, "one of the newest 1 of shop/"):
			whys["newest"]++
		default:
			t.Errorf("%s stays: %q", ImageName(img.Image), img.Why)
		}
	}
	if whys["used"] == 0 || whys["newest"] == 0 {
		t.Errorf("stay: %v", whys)
	}
	for _, img := range all.Parts[0].Images {
		if len(img.UsedBy) > 0 {
			t.Errorf("%s is used and goes", ImageName(img))
		}
	}
	more, err := PlanImages(t.Context(), b, nil, 50)
	if err != nil || more.Going() >= all.Going() {
		t.Errorf("to keep 50 lets %d go, to keep 1 %d, %v", more.Going(), all.Going(), err)
	}
	web, err := PlanImages(t.Context(), b, []string{"shop/web"}, 1)
	if err != nil || web.Going() == 0 || web.Going() >= all.Going() {
		t.Fatalf("of shop/web %d go, of all %d, %v", web.Going(), all.Going(), err)
	}
	last := ImageProgress{}
	for at, err := range PruneImages(t.Context(), b, web) {
		if err != nil {
			t.Fatal(err)
		}
		last = at
	}
	if last.Done != web.Going() || last.Kept != 0 || last.Freed <= 0 {
		t.Errorf("%+v of %d", last, web.Going())
	}
	if again, err := PlanImages(t.Context(), b, []string{"shop/web"}, 1); err != nil || again.Going() != 0 {
		t.Errorf("%d are left to go, %v", again.Going(), err)
	}
}
