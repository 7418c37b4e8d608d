package aws_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
)

// copyTo brings an image to a repository, which is made where it is missing; moved
// says whether anything had to be.
func copyTo(t *testing.T, to, from *aws.Backend, image, repository string) (done backend.PushDone, moved bool, err error) {
	t.Helper()
	if _, err := to.CreateRepository(t.Context(), backend.RepositorySpec{Name: repository}); err != nil && backend.KindOf(err) != backend.Conflict {
		t.Fatal(err)
	}
	auth, err := from.PullAuth(t.Context(), image)
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range to.Copy(t.Context(), backend.CopyRequest{Image: image, Auth: auth, Repository: repository, Tags: []string{"9f3c1ab"}}) {
		if err != nil {
			return done, moved, err
		}
		if d, ok := e.(backend.PushDone); ok {
			done = d
			continue
		}
		moved = true
	}
	return done, moved, nil
}

// An image for two platforms is pushed as an index, and goes from one account's
// ECR to another's with the same digest; where it is already, nothing is moved.
func TestCopyBetweenAccounts(t *testing.T) {
	t.Parallel()
	p := &pusher{}
	staging, prod := connect(t, quiet(t).url, withEngine(p)), connect(t, quiet(t).url, withEngine(&pusher{refuses: true}))
	if _, err := staging.CreateRepository(t.Context(), backend.RepositorySpec{Name: "shop/web"}); err != nil {
		t.Fatal(err)
	}
	var pushed backend.PushDone
	parts := []backend.PlatformImage{{Platform: "linux/amd64", Image: "sha256:aaaa"}, {Platform: "linux/arm64", Image: "sha256:bbbb"}}
	for e, err := range staging.Push(t.Context(), backend.PushRequest{Parts: parts, Repository: "shop/web", Tags: []string{"src-1", "9f3c1ab"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := e.(backend.PushDone); ok {
			pushed = d
		}
	}
	img, err := staging.DescribeImage(t.Context(), "shop/web:9f3c1ab")
	if err != nil || img.Digest != pushed.Digest || !strings.HasSuffix(pushed.Reference, "/shop/web@"+pushed.Digest) || len(p.auth) != 2 {
		t.Fatalf("pushed %+v, ECR has %s, %v", pushed, img.Digest, err)
	}
	done, moved, err := copyTo(t, prod, staging, pushed.Reference, "shop/web-prod")
	if err != nil || !moved || done.Digest != pushed.Digest || done.Reference == pushed.Reference || !strings.HasSuffix(done.Reference, "/shop/web-prod@"+pushed.Digest) {
		t.Fatalf("copied %+v, %v", done, err)
	}
	if img, err = prod.DescribeImage(t.Context(), "shop/web-prod:9f3c1ab"); err != nil || img.Digest != pushed.Digest {
		t.Errorf("ECR of prod has %s, %v", img.Digest, err)
	}
	if done, moved, err = copyTo(t, prod, prod, done.Reference, "shop/web-prod"); err != nil || moved || done.Digest != pushed.Digest {
		t.Errorf("to where it is: moved %v, %+v, %v", moved, done, err)
	}
	if _, _, err := copyTo(t, prod, prod, "sha256:"+strings.Repeat("1", 64), "shop/web-prod"); backend.KindOf(err) != backend.Conflict {
		t.Errorf("an image of the engine is pushed, which is refused here: %v", err)
	}
	gone := strings.Replace(pushed.Reference, pushed.Digest, "sha256:"+strings.Repeat("0", 64), 1)
	if _, _, err := copyTo(t, prod, staging, gone, "shop/web-prod"); backend.KindOf(err) != backend.NotFound {
		t.Errorf("an image that is not there: %v", err)
	}
}

// The password of ECR is for ECR: nobody else is told it.
func TestPullAuthIsForECROnly(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	host := strings.TrimPrefix(w.url, "http://")
	for image, want := range map[string]bool{host + "/shop/web@sha256:1": true, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:1": true, "docker.io/library/nginx@sha256:1": false, "123456789012.dkr.ecr.evil.example/a@sha256:1": false} {
		auth, err := b.PullAuth(t.Context(), image)
		if err != nil || (auth != nil) != want {
			t.Errorf("%s: given %v, %v", image, auth != nil, err)
		}
	}
}
