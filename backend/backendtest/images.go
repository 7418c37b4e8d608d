package backendtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

func testImages(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	s.steady(name)
	detail, err := s.b.DescribeImage(s.Context(), s.Image)
	s.must(err)
	if detail.ID == "" || detail.Size <= 0 || len(detail.Layers) == 0 || len(detail.Document) == 0 {
		s.Errorf("%+v", detail)
	}
	s.sub("used by", func(s *suite) {
		s.usedBy(name, td.Ref(), detail.ID, s.b.ListImages)
		s.kind("an image in use", s.b.RemoveImage(s.Context(), detail.ID), backend.Conflict)
		plan, err := s.b.PlanPrune(s.Context())
		s.must(err)
		if slices.ContainsFunc(plan.Images, func(i backend.Image) bool { return i.ID == detail.ID }) {
			s.Error("an image in use would be pruned")
		}
	})
	s.sub("tag", func(s *suite) {
		if why := s.b.Unsupported(backend.CanTagImage); why != "" {
			s.Skipf("%s", why)
		}
		tag := s.name("tagged") + ":v1"
		s.must(s.b.TagImage(s.Context(), s.Image, tag))
		if got, err := s.b.DescribeImage(s.Context(), tag); err != nil || got.ID != detail.ID || !slices.Contains(got.Tags, tag) {
			s.Errorf("%s is %v, %v", tag, got.Tags, err)
		}
		s.must(s.b.RemoveImage(s.Context(), tag))
		_, err := s.b.DescribeImage(s.Context(), tag)
		s.kind("a tag that was removed", err, backend.NotFound)
		if _, err := s.b.DescribeImage(s.Context(), s.Image); err != nil {
			s.Errorf("removing one tag took the image: %v", err)
		}
		s.kind("no tag at all", s.b.TagImage(s.Context(), s.Image, "Not A Tag"), backend.Invalid)
	})
}

// usedBy waits until a list of images says that a service uses one: who uses
// what may take a while to find out.
func (s *suite) usedBy(service, definition, id string, list func(context.Context, backend.PageRequest) (backend.Page[backend.Image], error)) {
	s.Helper()
	s.eventually("used by "+service, func() (bool, string) {
		for img, err := range backend.All(s.Context(), list) {
			s.must(err)
			if img.ID != id {
				continue
			}
			return slices.ContainsFunc(img.UsedBy, func(u backend.ImageUse) bool {
				return u.Service == service && u.TaskDefinition == definition && u.Running == 1
			}), fmt.Sprintf("pending %t, used by %+v", img.UsePending, img.UsedBy)
		}
		return false, "it is not listed"
	})
}

// testBuild builds once to its end, and once only until it has begun.
func testBuild(s *suite) {
	if why := s.b.Unsupported(backend.CanBuild); why != "" || s.Build == nil {
		s.Skipf("%s", "nothing to build here: "+why)
	}
	req := s.Build(s.T)
	var done *backend.BuildDone
	vertexes := map[string]bool{}
	for e, err := range s.b.Build(s.Context(), req) {
		s.must(err)
		switch e := e.(type) {
		case backend.BuildVertex:
			vertexes[e.ID] = true
			if e.Name != backend.Clean(e.Name) {
				s.Errorf("the step %q is not clean", e.Name)
			}
		case backend.BuildDone:
			if done != nil {
				s.Error("it was done twice")
			}
			done = &e
		}
	}
	if done == nil || done.ImageID == "" || len(vertexes) == 0 {
		s.Fatalf("done: %+v after %d steps", done, len(vertexes))
	}
	if img, err := s.b.DescribeImage(s.Context(), req.Tags[0]); err != nil || img.ID != done.ImageID {
		s.Errorf("%s is %s, %v; %s was built", req.Tags[0], img.ID, err, done.ImageID)
	}
	s.Cleanup(func() {
		if err := s.b.RemoveImage(context.Background(), req.Tags[0]); err != nil {
			s.Logf("remove %s: %v", req.Tags[0], err)
		}
	})
	s.sub("cancel", func(s *suite) {
		req.NoCache = true
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		begun := time.Time{}
		var last error
		for e, err := range s.b.Build(ctx, req) {
			last = err
			if _, ok := e.(backend.BuildVertex); ok && begun.IsZero() {
				begun = time.Now()
				cancel()
			}
		}
		if begun.IsZero() || time.Since(begun) > 10*time.Second {
			s.Errorf("it ended %s after it was cancelled", time.Since(begun))
		}
		s.kind("a build that was cancelled", last, backend.Cancelled)
	})
}
