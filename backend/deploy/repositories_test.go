package deploy

import (
	"context"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// A repository that is missing stands in the plan as it will be made, and is
// made before the build.
func TestMissingRepositoryIsPlannedAndMade(t *testing.T) {
	w := newWorld(t)
	req := w.request(t, "")
	req.Images[0].Create = backend.RepositorySpec{Immutable: true}
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Missing) != 1 || p.Missing[0].Name != "shop/web" || !p.Missing[0].Immutable || p.Missing[0].ScanOnPush {
		t.Fatalf("missing: %+v", p.Missing)
	}
	var text strings.Builder
	if err := p.WriteText(&text); err != nil || !strings.Contains(text.String(), "registry\n  + shop/web: made anew: its tags are immutable, it is not scanned on push\n") {
		t.Errorf("%v: %s", err, text.String())
	}
	var notices []string
	var outcome Outcome
	for e := range Run(t.Context(), w, p, Options{Clock: w.clock}) {
		switch e := e.(type) {
		case BuildProgress:
			if n, ok := e.Event.(backend.BuildNotice); ok {
				notices = append(notices, n.Text)
			}
		case Ended:
			outcome = e.Outcome
		}
	}
	if outcome != Stable || len(notices) == 0 || notices[0] != "made the repository shop/web" {
		t.Errorf("%s, notices %q", outcome, notices)
	}
	found, err := w.DescribeRepositories(t.Context(), []string{"shop/web"})
	if err != nil || len(found) != 1 || !found[0].Immutable() {
		t.Errorf("%+v, %v", found, err)
	}
	if p, err = NewPlan(t.Context(), w, req); err != nil || len(p.Missing) != 0 {
		t.Errorf("the next plan makes %+v, %v", p.Missing, err)
	}
}

// A tag that can't be moved and has another image is said before the build.
func TestTakenTagIsAProblemBeforeTheBuild(t *testing.T) {
	w := newWorld(t)
	req := w.request(t, "")
	req.Images[0].Create = backend.RepositorySpec{Immutable: true}
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	for range Run(t.Context(), w, p, Options{Clock: w.clock}) {
	}
	if p, err = NewPlan(t.Context(), w, req); err != nil {
		t.Fatal(err)
	}
	if !p.Blocked() || !strings.Contains(p.Findings[0].Message, "the tag "+p.Images[0].Tag+" of shop/web has the image sha256:") || !strings.Contains(p.Findings[0].Remedy, "commit") {
		t.Errorf("%+v", p.Findings)
	}
	known := pinning{w, "shop/web@sha256:1"}
	if p, err = NewPlan(t.Context(), known, req); err != nil || p.Blocked() {
		t.Errorf("the image is of this source: %+v, %v", p.Findings, err)
	}
	req.Force = true
	if p, err = NewPlan(t.Context(), known, req); err != nil || !p.Blocked() {
		t.Errorf("it would be built anew: %+v, %v", p.Findings, err)
	}
}

// pinning has an image of every source.
type pinning struct {
	*world
	reference string
}

func (p pinning) Pinned(context.Context, string, string) (string, error) { return p.reference, nil }
