package ecsapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// handClock is a clock that stands until it is moved.
type handClock struct {
	backend.SystemClock
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// shop is a world with a registry that has the repository "shop/web".
type shop struct {
	*world
	c     *ecr.Client
	clock *handClock
}

func openShop(t *testing.T) *shop {
	t.Helper()
	clock := &handClock{now: time.Now()}
	s := &shop{clock: clock}
	s.world = serveWith(t, demo.Options{Empty: true}, ecsapi.Options{Registry: ecsapi.NewRegistry(ecsapi.RegistryOptions{Clock: clock})}, nil)
	s.c = ecr.NewFromConfig(s.cfg)
	made, err := s.c.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("shop/web")})
	if err != nil {
		t.Fatal(err)
	}
	if uri := aws.ToString(made.Repository.RepositoryUri); "http://"+uri != s.url+"/shop/web" {
		t.Errorf("the repository is at %s", uri)
	}
	return s
}

// login gives a password for the registry.
func (s *shop) login(t *testing.T) string {
	t.Helper()
	out, err := s.c.GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := base64.StdEncoding.DecodeString(aws.ToString(out.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		t.Fatal(err)
	}
	_, password, _ := strings.Cut(string(token), ":")
	return password
}

// image is a small image: a config and a layer.
type image struct{ config, layer, manifest []byte }

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func newImage(seed string) image {
	i := image{layer: bytes.Repeat([]byte(seed), 1000)}
	i.config = fmt.Appendf(nil, `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[%q]}}`, sha(i.layer))
	i.manifest = fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,
		"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":%q},
		"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":%d,"digest":%q}]}`,
		dockerManifest, len(i.config), sha(i.config), len(i.layer), sha(i.layer))
	return i
}

const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"

// send makes one call to the registry; an answer that is no success is an error
// with its text.
func (s *shop) send(t *testing.T, method, path, password, kind string, body []byte) (http.Header, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if password != "" {
		req.SetBasicAuth("AWS", password)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	return resp.Header, err
}

// push pushes as an engine does: blobs first, then the manifest.
func (s *shop) push(t *testing.T, repo, tag, password string, img image) error {
	t.Helper()
	for _, blob := range [][]byte{img.config, img.layer} {
		header, err := s.send(t, http.MethodPost, "/v2/"+repo+"/blobs/uploads/", password, "", nil)
		if err != nil {
			return err
		}
		_, err = s.send(t, http.MethodPut, header.Get("Location")+"?digest="+sha(blob), password, "application/octet-stream", blob)
		if err != nil {
			return err
		}
	}
	_, err := s.send(t, http.MethodPut, "/v2/"+repo+"/manifests/"+tag, password, dockerManifest, img.manifest)
	return err
}

// TestRegistry pushes, and sees what was pushed through ECR's calls.
func TestRegistry(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx, repo := t.Context(), aws.String("shop/web")
	first, second := newImage("first"), newImage("second")
	d1, d2 := sha(first.manifest), sha(second.manifest)
	who := s.login(t)
	for _, p := range []struct {
		tag string
		img image
	}{{"v1", first}, {"latest", first}, {"v2", second}} {
		if err := s.push(t, "shop/web", p.tag, who, p.img); err != nil {
			t.Fatal(err)
		}
		s.clock.move(time.Second)
	}
	images, err := s.c.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: repo})
	if err != nil || len(images.ImageDetails) != 2 {
		t.Fatalf("images: %+v, %v", images, err)
	}
	newest, oldest := images.ImageDetails[0], images.ImageDetails[1]
	if aws.ToString(newest.ImageDigest) != d2 || aws.ToString(oldest.ImageDigest) != d1 || strings.Join(oldest.ImageTags, " ") != "latest v1" ||
		aws.ToInt64(newest.ImageSizeInBytes) < 1024 || newest.ImagePushedAt == nil {
		t.Errorf("images: %+v", images.ImageDetails)
	}
	_, err = s.c.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: repo, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("v9")}}})
	wantCode(t, "no image", err, "ImageNotFoundException")
	_, err = s.c.ListImages(ctx, &ecr.ListImagesInput{RepositoryName: aws.String("shop/api")})
	wantCode(t, "no repository", err, "RepositoryNotFoundException")
	_, err = s.c.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: repo, ImageId: &types.ImageIdentifier{ImageTag: aws.String("v1")}})
	wantCode(t, "findings", err, "ScanNotFoundException")

	// A tag is put on an image by its manifest.
	got, err := s.c.BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: repo, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("v2")}}})
	if err != nil || len(got.Images) != 1 {
		t.Fatalf("get: %+v, %v", got, err)
	}
	put := &ecr.PutImageInput{RepositoryName: repo, ImageManifest: got.Images[0].ImageManifest, ImageTag: aws.String("stable")}
	if _, err := s.c.PutImage(ctx, put); err != nil {
		t.Fatal(err)
	}
	_, err = s.c.PutImage(ctx, put)
	wantCode(t, "the same again", err, "ImageAlreadyExistsException")
	s.download(t, repo, sha(second.config))

	// Tags go one by one, and the image with the last.
	gone, err := s.c.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: repo, ImageIds: []types.ImageIdentifier{
		{ImageTag: aws.String("v1")}, {ImageDigest: &d2}, {ImageTag: aws.String("never")},
	}})
	if err != nil || len(gone.ImageIds) != 3 || len(gone.Failures) != 1 {
		t.Errorf("deleted: %+v, %v", gone, err)
	}
	left, err := s.c.ListImages(ctx, &ecr.ListImagesInput{RepositoryName: repo})
	if err != nil || len(left.ImageIds) != 1 || aws.ToString(left.ImageIds[0].ImageTag) != "latest" {
		t.Errorf("left: %+v, %v", left, err)
	}
	if _, err := s.send(t, http.MethodGet, "/v2/shop/web/manifests/v2", who, "", nil); err == nil {
		t.Error("the registry still has what was deleted")
	}
}

// download fetches a blob as clients of ECR do: by an address that carries its
// own permission.
func (s *shop) download(t *testing.T, repo *string, digest string) {
	t.Helper()
	layer, err := s.c.GetDownloadUrlForLayer(t.Context(), &ecr.GetDownloadUrlForLayerInput{RepositoryName: repo, LayerDigest: &digest})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(aws.ToString(layer.DownloadUrl))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "rootfs") {
		t.Errorf("downloaded %s: %q, %v", resp.Status, body, err)
	}
}

// TestRegistryRefuses: passwords, repositories that are not there, tags that
// must not move.
func TestRegistryRefuses(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	img, other := newImage("one"), newImage("other")
	refused := func(what string, err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, want %q", what, err, text)
		}
	}
	who := s.login(t)
	refused("no password", s.push(t, "shop/web", "v1", "", img), "authentication required")
	refused("a made-up password", s.push(t, "shop/web", "v1", "AAAAAAAAAAAAAAAA", img), "authentication required")
	refused("no repository", s.push(t, "shop/api", "v1", who, img), "does not exist")
	if err := s.push(t, "shop/web", "v1", who, img); err != nil {
		t.Fatal(err)
	}
	if _, err := s.c.PutImageTagMutability(t.Context(), &ecr.PutImageTagMutabilityInput{
		RepositoryName: aws.String("shop/web"), ImageTagMutability: types.ImageTagMutabilityImmutable,
	}); err != nil {
		t.Fatal(err)
	}
	refused("a tag that must not move", s.push(t, "shop/web", "v1", who, other), "immutable")
	s.clock.move(13 * time.Hour)
	refused("an old password", s.push(t, "shop/web", "v2", who, other), "authorization token has expired")
	if err := s.push(t, "shop/web", "v2", s.login(t), other); err != nil {
		t.Errorf("with a new password: %v", err)
	}
	_, err := s.c.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("shop/web")})
	wantCode(t, "a repository with images", err, "RepositoryNotEmptyException")
	if _, err = s.c.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("shop/web"), Force: true}); err != nil {
		t.Error(err)
	}
}
