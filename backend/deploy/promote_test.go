package deploy

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// promotion reads what staging runs, for a deploy to another world.
func (w *world) promotion(t *testing.T) (*Promotion, error) {
	t.Helper()
	return ReadPromotion(t.Context(), w, "staging", "demo", "web", w.request(t, "").Images)
}

// promoted plans a deploy to this world of what runs in staging.
func (w *world) promoted(t *testing.T, staging *world, mode string) *Plan {
	t.Helper()
	req := w.request(t, mode)
	var err error
	if req.Promotion, err = staging.promotion(t); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What runs in staging runs in prod afterwards, to the digest and without a
// build; the history there says where it comes from, and the second time there is
// nothing to do.
func TestPromote(t *testing.T) {
	staging, prod := newWorld(t), newWorld(t)
	if _, end := staging.deploy(t, "one"); end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	p := prod.promoted(t, staging, "two")
	from := p.Request.Promotion
	if from.Revision != "web:1" || !strings.HasPrefix(from.Images["web"], "shop/web@sha256:") || from.Tags["web"] != p.Images[0].Tag || strings.HasPrefix(p.Images[0].Tag, sourcePrefix) {
		t.Fatalf("%+v, %+v", from, p.Images)
	}
	var text strings.Builder
	if err := p.WriteText(&text); err != nil || !strings.Contains(text.String(), "Promoted from staging (web:1), without a build\n  web: "+from.Images["web"]+"\n") {
		t.Errorf("%v: %s", err, text.String())
	}
	events, end := collect(t, Run(t.Context(), prod, p, Options{Clock: prod.clock}))
	if end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	var steps []Step
	for _, e := range events {
		switch e := e.(type) {
		case StepStarted:
			steps = append(steps, e.Step)
		case BuildProgress:
			t.Errorf("%+v", e)
		}
	}
	if !slices.Equal(steps, []Step{Copy, Register, Update, Rollout}) || !slices.Equal(steps, p.PlannedSteps()) {
		t.Errorf("steps %v, planned %v", steps, p.PlannedSteps())
	}
	past, err := History(t.Context(), prod, "demo", "web", 0)
	if err != nil || len(past) != 1 || past[0].Origin.Promoted != "staging web:1" || past[0].Images["web"] != from.Images["web"] {
		t.Errorf("%+v, %v", past, err)
	}
	if p = prod.promoted(t, staging, "two"); !p.Nothing() {
		t.Errorf("again: %+v", p.Diff())
	}
}

// What has not been deployed to its end is not promoted, and what was rolled back
// is said.
func TestOnlyWhatEndedIsPromoted(t *testing.T) {
	refused := func(w *world, kind backend.Kind, want string) {
		t.Helper()
		if _, err := w.promotion(t); backend.KindOf(err) != kind || !strings.Contains(err.Error(), want) || backend.AdviceFor(err) == "" {
			t.Errorf("%v, should be %s: %s", err, kind, want)
		}
	}
	w := newWorld(t)
	refused(w, backend.NotFound, "staging has no such service in cluster demo")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for e := range Run(ctx, w, w.plan(t, "hang"), Options{Clock: w.clock}) {
		if _, ok := e.(RolloutProgress); ok {
			refused(w, backend.Conflict, "web:1 is being deployed there")
			cancel()
		}
	}
	if ctx.Err() == nil {
		t.Error("nothing was rolled out")
	}
	w = newWorld(t)
	if _, end := w.deploy(t, "crash"); end.Outcome == Stable {
		t.Fatalf("%+v", end)
	}
	refused(w, backend.Conflict, "its last deployment, of web:1, ended as")
	if _, end := w.deploy(t, "fine"); end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	if _, end := w.deploy(t, "crash"); end.Outcome != RolledBack {
		t.Fatalf("%+v", end)
	}
	p, err := w.promotion(t)
	if err != nil || p.Revision != "web:2" || !strings.Contains(p.Remark, "was rolled back") || !strings.Contains(p.Remark, "what runs there is web:2") {
		t.Errorf("%+v, %v", p, err)
	}
}

// A revision that names its image by a tag: the tasks tell which one that is, and
// where they don't agree, nobody does.
func TestPromotedTag(t *testing.T) {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	td, err := backend.ParseTaskDefinition(backend.Document(`{"family":"web","revision":4,"taskDefinitionArn":"arn:web:4","containerDefinitions":[{"name":"web","image":"127.0.0.1:5000/shop/web:v1"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		run  []string
		want string
	}{
		{"one image", []string{digest("a"), digest("a")}, "127.0.0.1:5000/shop/web@" + digest("a")},
		{"two images", []string{digest("a"), digest("b")}, "its tasks run different images of web"},
		{"no task", nil, "no task tells which image that is"},
	} {
		p := &Promotion{Environment: "staging", Cluster: "demo", Service: "web", Images: map[string]string{}, Tags: map[string]string{}}
		err := p.readImage(t.Context(), tasksOf{newWorld(t), td.ARN, tt.run}, td, "web")
		got := p.Images["web"]
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

// tasksOf has tasks of a revision that run these images.
type tasksOf struct {
	*world
	revision string
	digests  []string
}

func (w tasksOf) ListTasks(context.Context, backend.TaskQuery, backend.PageRequest) (backend.Page[string], error) {
	return backend.Page[string]{Items: w.digests}, nil
}

func (w tasksOf) DescribeTasks(_ context.Context, _ string, arns []string) ([]backend.Task, error) {
	var out []backend.Task
	for _, digest := range arns {
		out = append(out, backend.Task{TaskDefinition: w.revision, Containers: []backend.Container{{Name: "web", ImageDigest: digest}}})
	}
	return out, nil
}

// A promotion is stopped by the plan where the other place can't have the image.
func TestPromotionIsHeldAgainstTheTarget(t *testing.T) {
	staging, prod := newWorld(t), newWorld(t)
	if _, end := staging.deploy(t, "one"); end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	from, err := staging.promotion(t)
	if err != nil {
		t.Fatal(err)
	}
	plan := func() *Plan {
		t.Helper()
		req := prod.request(t, "one")
		req.Promotion = from
		p, err := NewPlan(t.Context(), prod, req)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	from.Backend = "docker"
	if p := plan(); !p.Blocked() || !strings.Contains(p.Findings[0].Message, "the demo has no images") {
		t.Errorf("%+v", p.Findings)
	}
	from.Backend = "demo"
	if _, err := prod.CreateRepository(t.Context(), backend.RepositorySpec{Name: "shop/web", Immutable: true}); err != nil {
		t.Fatal(err)
	}
	if p := plan(); p.Blocked() {
		t.Errorf("%+v", p.Findings)
	}
	taken := *from
	taken.Images = map[string]string{"web": "shop/web@sha256:" + strings.Repeat("9", 64)}
	for _, err := range prod.Copy(t.Context(), backend.CopyRequest{Image: taken.Images["web"], Repository: "shop/web", Tags: []string{from.Tags["web"]}}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if p := plan(); !p.Blocked() || !strings.Contains(p.Findings[0].Message, "has the image sha256:9999") {
		t.Errorf("%+v", p.Findings)
	}
}

// Platforms of the app file: one image for all where it is pushed.
func TestPlatforms(t *testing.T) {
	src := ImageSource{Container: "web", Repository: "shop/web", Platforms: []string{"linux/amd64", "linux/arm64/v8"}}
	var got []string
	for _, b := range src.Builds("shop/web:1", true) {
		got = append(got, b.Platform+" "+b.Tags[0])
	}
	if strings.Join(got, ", ") != "linux/amd64 shop/web:1-amd64, linux/arm64/v8 shop/web:1-arm64-v8" {
		t.Errorf("%q", got)
	}
	if local := src.Builds("shop/web:1", false); len(local) != 1 || local[0].Platform != "" || local[0].Tags[0] != "shop/web:1" {
		t.Errorf("%+v", local)
	}
	w := newWorld(t)
	req := w.request(t, "")
	req.Images[0].Platforms = []string{"linux/amd64", "linux/s390x"}
	req.Definition.Platform = &backend.RuntimePlatform{CPUArchitecture: "ARM64"}
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Blocked() || p.Findings[0].Path != "runtimePlatform.cpuArchitecture" || !strings.Contains(p.Findings[0].Message, "tasks run on linux/arm64, and the image of web is built for linux/amd64, linux/s390x") {
		t.Errorf("%+v", p.Findings)
	}
	req.Definition.Platform.CPUArchitecture = "X86_64"
	if p, err = NewPlan(t.Context(), w, req); err != nil || p.Blocked() {
		t.Errorf("%+v, %v", p.Findings, err)
	}
	one := req
	one.Images = []ImageSource{req.Images[0]}
	one.Images[0].Platforms, one.Images[0].Build.Platform = nil, "linux/arm64"
	if p, err := NewPlan(t.Context(), w, one); err != nil || !p.Blocked() || !strings.Contains(p.Findings[0].Message, "is built for linux/arm64") {
		t.Errorf("%+v, %v", p.Findings, err)
	}
	events, end := collect(t, Run(t.Context(), w, p, Options{Clock: w.clock}))
	if end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	seen := map[string]bool{}
	for _, e := range events {
		if b, ok := e.(BuildProgress); ok {
			if v, ok := b.Event.(backend.BuildVertex); ok {
				platform, _, _ := strings.Cut(v.Name, " ")
				seen[platform] = true
			}
		}
	}
	if !seen["linux/amd64"] || !seen["linux/s390x"] {
		t.Errorf("steps of %v", seen)
	}
}
