package aws_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// overDemo is the demo's own registry behind ECR's protocol.
func overDemo(t *testing.T) (*demo.Backend, *aws.Backend) {
	t.Helper()
	d := demo.New(demo.Options{Quiet: true})
	server := httptest.NewServer(ecsapi.New(d, ecsapi.Options{}))
	t.Cleanup(func() { server.Close(); d.Close() })
	return d, connect(t, server.URL, nil)
}

// What the demo says of its registry is what comes through ECR's protocol.
func TestRegistryOverTheDemo(t *testing.T) {
	t.Parallel()
	d, b := overDemo(t)
	ctx := t.Context()
	var names []string
	for r, err := range backend.All(ctx, b.ListRepositories) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, r.Name)
		if r.Immutable() != (r.Name == "shop/api") || r.ScanOnPush != (r.Name != "shop/migrate") || r.CreatedAt.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	if len(names) < 14 || !slices.IsSorted(names) {
		t.Errorf("%d repositories: %v", len(names), names)
	}
	want, err := d.ListRepositoryImages(ctx, "shop/web", backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.ListRepositoryImages(ctx, "shop/web", backend.PageRequest{})
	if err != nil || len(got.Items) != len(want.Items) {
		t.Fatalf("%d images of %d, %v", len(got.Items), len(want.Items), err)
	}
	for i, img := range got.Items {
		w := want.Items[i]
		if img.ID != "shop/web@"+w.Digest || img.Size != w.Size || !slices.Equal(img.Tags, w.Tags) || !img.CreatedAt.Equal(w.CreatedAt.Truncate(1e6)) ||
			img.Scan == nil || len(img.Scan.Counts) != len(w.Scan.Counts) {
			t.Errorf("%+v came as %+v", w, img)
		}
	}
	if _, err := b.DescribeImage(ctx, "shop/web:9f3c1ab"); err != nil {
		t.Error(err)
	}
}

// A finding keeps its parts, and one that was never looked for says so.
func TestFindingsOverTheDemo(t *testing.T) {
	t.Parallel()
	d, b := overDemo(t)
	want, err := d.ScanFindings(t.Context(), "shop/web:9f3c1ab", backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.ScanFindings(t.Context(), "shop/web:9f3c1ab", backend.PageRequest{})
	if err != nil || len(got.Items) != 3 {
		t.Fatalf("%d findings, %v", len(got.Items), err)
	}
	for i, f := range got.Items {
		w := want.Items[i]
		w.FixedIn = "" // basic scanning does not tell
		if f != w {
			t.Errorf("%+v came as %+v", w, f)
		}
	}
	_, err = b.ScanFindings(t.Context(), "shop/migrate:20a9be1", backend.PageRequest{})
	says(t, err, backend.NotFound, "the image was never scanned")
}

// A plan weighs only what no other image has, and what it names is deleted, but
// for what is used by then.
func TestPruneOfARepository(t *testing.T) {
	t.Parallel()
	d, b := overDemo(t)
	ctx := t.Context()
	plan, err := b.PlanRepositoryPrune(ctx, "shop/web", 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Images) != 4 || len(plan.Kept) != 2 || plan.Frees < 1<<30 {
		t.Fatalf("going %d, staying %d, frees %d", len(plan.Images), len(plan.Kept), plan.Frees)
	}
	doc := backend.Document(`{"family":"late","containerDefinitions":[{"name":"app","image":"shop/web:41d08ce","memory":64}]}`)
	if _, err := d.RegisterTaskDefinition(ctx, doc); err != nil {
		t.Fatal(err)
	}
	if _, err := d.RunTask(ctx, backend.RunTaskRequest{Cluster: "batch", TaskDefinition: "late"}); err != nil {
		t.Fatal(err)
	}
	done, err := b.PruneImages(ctx, plan)
	if err != nil || len(done.Images) != 3 {
		t.Errorf("deleted %d, %v", len(done.Images), err)
	}
	left, err := d.ListRepositoryImages(ctx, "shop/web", backend.PageRequest{})
	if err != nil || len(left.Items) != 3 || !slices.ContainsFunc(left.Items, func(i backend.Image) bool { return slices.Contains(i.Tags, "shop/web:41d08ce") }) {
		t.Errorf("%d are left, %v", len(left.Items), err)
	}
	says(t, b.RemoveImage(ctx, "shop/web@"+left.Items[0].Digest), backend.Conflict, "it is used by service web (web:14)")
}

// Whoever describes an image sees what ECR has of it, in ECR's words.
func TestDescribedImageIsECRsDocument(t *testing.T) {
	t.Parallel()
	_, b := overDemo(t)
	img, err := b.DescribeImage(t.Context(), "shop/web:9f3c1ab")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := img.Document.Tree()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"imageDigest", "imageTags", "imageSizeInBytes", "imagePushedAt", "imageScanFindingsSummary", "imageManifest"} {
		if tree[field] == nil {
			t.Errorf("the document has no %s: %s", field, img.Document)
		}
	}
	if at, _ := tree["lastRecordedPullTime"].(string); !strings.HasPrefix(at, "20") {
		t.Errorf("the last pull is %v", tree["lastRecordedPullTime"])
	}
}
