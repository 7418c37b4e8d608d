package backendtest

import (
	"context"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testRepositories reads the registry's side of Image, whose name is
// "repository:tag", and makes a repository and deletes it.
func testRepositories(s *suite) {
	if why := s.b.Unsupported(backend.CanRepositories); why != "" {
		s.refusesRepositories()
		return
	}
	ctx := s.Context()
	repository, _, _ := strings.Cut(s.Image, ":")
	s.sub("list", func(s *suite) {
		var listed backend.Repository
		for r, err := range backend.All(ctx, s.b.ListRepositories) {
			s.must(err)
			if r.Name == repository {
				listed = r
			}
		}
		if listed.ARN == "" || listed.URI == "" || listed.CreatedAt.IsZero() || listed.Mutability == "" || len(listed.Document) == 0 {
			s.Errorf("%s is listed as %+v", repository, listed)
		}
		found, err := s.b.DescribeRepositories(ctx, []string{repository, s.name("none")})
		s.must(err)
		if len(found) != 1 || found[0].Name != repository {
			s.Errorf("described %+v", found)
		}
	})
	s.sub("create", func(s *suite) {
		spec := backend.RepositorySpec{Name: s.name("made") + "/app", Immutable: true, ScanOnPush: true, Tags: map[string]string{backend.TagApp: "shop"}}
		made, err := s.b.CreateRepository(ctx, spec)
		s.must(err)
		if made.Name != spec.Name || !made.Immutable() || !made.ScanOnPush {
			s.Errorf("made %+v", made)
		}
		_, err = s.b.CreateRepository(ctx, spec)
		s.kind("a second one", err, backend.Conflict)
		_, err = s.b.CreateRepository(ctx, backend.RepositorySpec{Name: "No Name"})
		s.kind("a name that is none", err, backend.Invalid)
		if c, err := s.b.RepositoryContents(ctx, spec.Name); err != nil || c.Images != 0 {
			s.Errorf("a new one holds %+v, %v", c, err)
		}
		if tags, err := s.b.RepositoryTags(ctx, spec.Name); err != nil || tags[backend.TagApp] != "shop" {
			s.Errorf("its tags are %v, %v", tags, err)
		}
		s.must(s.b.DeleteRepository(ctx, spec.Name))
		s.kind("deleting it again", s.b.DeleteRepository(ctx, spec.Name), backend.NotFound)
		s.kind("its tags", second(s.b.RepositoryTags(ctx, spec.Name)), backend.NotFound)
	})
	s.sub("images", func(s *suite) { s.repositoryImages(repository) })
	s.sub("scan", func(s *suite) { s.scans(repository) })
	s.sub("none", func(s *suite) {
		none := s.name("none")
		_, err := s.b.RepositoryContents(ctx, none)
		s.kind("contents", err, backend.NotFound)
		_, err = s.b.ListRepositoryImages(ctx, none, backend.PageRequest{})
		s.kind("images", err, backend.NotFound)
		_, err = s.b.ScanFindings(ctx, none+":1", backend.PageRequest{})
		s.kind("findings", err, backend.NotFound)
		s.kind("a scan", s.b.StartScan(ctx, none+":1"), backend.NotFound)
		_, err = s.b.PlanRepositoryPrune(ctx, none, 1)
		s.kind("a plan", err, backend.NotFound)
	})
}

// refusesRepositories: what can't be done is refused in every call.
func (s *suite) refusesRepositories() {
	ctx := s.Context()
	for what, err := range map[string]error{
		"list":     second(s.b.ListRepositories(ctx, backend.PageRequest{})),
		"describe": second(s.b.DescribeRepositories(ctx, []string{"x"})),
		"create":   second(s.b.CreateRepository(ctx, backend.RepositorySpec{Name: "x/y"})),
		"contents": second(s.b.RepositoryContents(ctx, "x")),
		"images":   second(s.b.ListRepositoryImages(ctx, "x", backend.PageRequest{})),
		"findings": second(s.b.ScanFindings(ctx, "x:1", backend.PageRequest{})),
		"scan":     s.b.StartScan(ctx, "x:1"),
		"plan":     second(s.b.PlanRepositoryPrune(ctx, "x", 1)),
	} {
		s.kind(what, err, backend.Unsupported)
	}
}

// repositoryImage finds the suite's image in its repository.
func (s *suite) repositoryImage(repository string) backend.Image {
	s.Helper()
	for img, err := range backend.All(s.Context(), s.imagesOf(repository, 1)) {
		s.must(err)
		if slices.Contains(img.Tags, s.Image) {
			return img
		}
	}
	s.Fatalf("%s is not in %s", s.Image, repository)
	return backend.Image{}
}

// imagesOf lists the images of a repository in pages of a size.
func (s *suite) imagesOf(repository string, size int) func(context.Context, backend.PageRequest) (backend.Page[backend.Image], error) {
	return func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
		p.Size = size
		return s.b.ListRepositoryImages(ctx, repository, p)
	}
}

func (s *suite) repositoryImages(repository string) {
	ctx := s.Context()
	img := s.repositoryImage(repository)
	if !strings.HasPrefix(img.Digest, "sha256:") || img.Size <= 0 || img.CreatedAt.IsZero() {
		s.Errorf("%+v", img)
	}
	c, err := s.b.RepositoryContents(ctx, repository)
	if err != nil || c.Images < 1 || c.Size < img.Size || c.PushedAt.Before(img.CreatedAt) {
		s.Errorf("it holds %+v, %v", c, err)
	}
	name := s.name("user")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	s.steady(name)
	s.usedBy(name, td.Ref(), img.ID, s.imagesOf(repository, 0))
	s.kind("deleting it while it is used", s.b.RemoveImage(ctx, repository+"@"+img.Digest), backend.Conflict)
	plan, err := s.b.PlanRepositoryPrune(ctx, repository, 1)
	s.must(err)
	for _, going := range plan.Images {
		if going.Digest == img.Digest {
			s.Error("an image in use would be pruned")
		}
	}
	if !slices.ContainsFunc(plan.Kept, func(k backend.KeptImage) bool {
		return k.Digest == img.Digest && strings.HasPrefix(k.Why, "used by service ")
	}) {
		s.Errorf("the plan keeps %+v", plan.Kept)
	}
}

// scans has the image scanned, and reads what was found, page by page.
func (s *suite) scans(repository string) {
	ref := repository + "@" + s.repositoryImage(repository).Digest
	s.must(s.b.StartScan(s.Context(), ref))
	var scan *backend.Scan
	s.eventually("scanned", func() (bool, string) {
		scan = s.repositoryImage(repository).Scan
		return scan != nil && scan.Ended(), "not yet"
	})
	if scan.Status != "COMPLETE" || scan.At.IsZero() {
		s.Errorf("the scan is %+v", scan)
	}
	counts, total := map[string]int{}, 0
	for f, err := range backend.All(s.Context(), func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.ScanFinding], error) {
		p.Size = 2
		return s.b.ScanFindings(ctx, ref, p)
	}) {
		s.must(err)
		if f.ID == "" || f.Package == "" || f.ID != backend.Clean(f.ID) {
			s.Errorf("a finding is %+v", f)
		}
		counts[f.Severity]++
		total++
	}
	for severity, n := range scan.Counts {
		if counts[severity] != n {
			s.Errorf("%d of %s were found, %d are counted", counts[severity], severity, n)
		}
	}
	if total == 0 {
		s.Error("nothing was found: the image that the suite runs with should have flaws")
	}
}
