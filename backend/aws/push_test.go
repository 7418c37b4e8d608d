package aws_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// A push makes the repository, sends ECR's password, and gives the image by its
// digest as ECR has it.
func TestPush(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	p := &pusher{}
	b := connect(t, w.url, withEngine(p))
	done, notices, err := push(t, b, "team/new", "v1")
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(w.url, "http://")
	if !strings.HasPrefix(done.Reference, host+"/team/new@sha256:") || !strings.HasSuffix(done.Reference, done.Digest) {
		t.Errorf("pushed as %+v", done)
	}
	if len(notices) != 0 {
		t.Errorf("notices: %q", notices)
	}
	if p.auth[0].Username != "AWS" || p.auth[0].Password == "" {
		t.Error("the push had no credentials")
	}
	if text := fmt.Sprintf("%v %+v %#v", p.auth, p.auth, p.auth); strings.Contains(text, p.auth[0].Password) {
		t.Error("printing the credentials shows the password")
	}
	img, err := b.DescribeImage(t.Context(), "team/new:v1")
	if err != nil || img.Digest != done.Digest || len(img.Layers) == 0 {
		t.Errorf("ECR has %+v, %v", img, err)
	}
	if _, notices, err = push(t, b, "team/new", "v2"); err != nil || len(notices) != 0 {
		t.Errorf("the second push: %q, %v", notices, err)
	}
}

func TestPushWithoutRepository(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, func(o *aws.Options) {
		o.Engine = func(context.Context) (aws.Engine, error) { return &pusher{}, nil }
	})
	for _, err := range b.Push(t.Context(), backend.PushRequest{Image: "local", Repository: "team/new", Tags: []string{"v1"}}) {
		says(t, err, backend.NotFound, "aws ecr create-repository --repository-name team/new")
	}
	td, err := backend.ParseTaskDefinition(backend.Document(`{"family":"x","containerDefinitions":[{"name":"app","image":"team/new:v1","memory":32}]}`))
	if err != nil {
		t.Fatal(err)
	}
	findings, err := b.Verify(t.Context(), backend.VerifyRequest{Cluster: "demo", TaskDefinition: td, Repositories: []string{"team/new"}, Built: []string{"app"}})
	if err != nil || len(findings) != 1 || findings[0].Severity != backend.Warning || !strings.Contains(findings[0].Message, "team/new") {
		t.Errorf("%+v, %v", findings, err)
	}
	b = connect(t, w.url, nil)
	_, _, err = push(t, b, "team/new", "v1")
	says(t, err, backend.Unsupported, "Docker engine")
}

// A token that ran out while the program was open is had anew, once.
func TestPushAfterExpiry(t *testing.T) {
	t.Parallel()
	clock := demo.NewManualClock(time.Now())
	w := serve(t, demo.Options{Quiet: true}, ecsapi.Options{Clock: clock})
	p := &pusher{}
	b := connect(t, w.url, withEngine(p)) // on the machine's clock: it thinks that the token is still good
	if _, _, err := push(t, b, "team/new", "v1"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(13 * time.Hour)
	_, notices, err := push(t, b, "team/new", "v2")
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "expired") {
		t.Errorf("notices %q, %v", notices, err)
	}
	if n := w.faults.Calls()["ecr:GetAuthorizationToken"]; n != 2 || len(p.auth) != 3 {
		t.Errorf("%d tokens for %d pushes, want 2 for 3", n, len(p.auth))
	}
}

func TestImmutableTag(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"), config.WithBaseEndpoint(w.url),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", "")))
	if err != nil {
		t.Fatal(err)
	}
	repository := "team/fixed"
	in := &ecr.CreateRepositoryInput{RepositoryName: &repository, ImageTagMutability: types.ImageTagMutabilityImmutable}
	if _, err := ecr.NewFromConfig(cfg).CreateRepository(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	b := connect(t, w.url, withEngine(&pusher{}))
	if _, _, err := push(t, b, repository, "v1"); err != nil {
		t.Fatal(err)
	}
	_, _, err = push(t, b, repository, "v1")
	says(t, err, backend.Conflict, "immutable")
}

// samePusher pushes the same image each time.
type samePusher struct {
	pusher
	image v1.Image
}

func (p *samePusher) Push(ctx context.Context, req backend.PushRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		done, err := p.send(ctx, req, p.image)
		if err != nil {
			yield(nil, err)
			return
		}
		yield(done, nil)
	}
}

// Pushing what a tag has already is no conflict, however the registry takes it.
func TestImmutableTagOfTheSameImage(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := &samePusher{image: image}
	b := connect(t, w.url, func(o *aws.Options) {
		o.Engine = func(context.Context) (aws.Engine, error) { return p, nil }
	})
	if _, err := b.CreateRepository(t.Context(), backend.RepositorySpec{Name: "team/same", Immutable: true}); err != nil {
		t.Fatal(err)
	}
	first, _, err := push(t, b, "team/same", "src-1", "v1")
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := push(t, b, "team/same", "src-1", "v1")
	if err != nil || again.Digest != first.Digest {
		t.Errorf("%+v, %v", again, err)
	}
	p.refuses = true // as a registry that looks at the tag only
	again, _, err = push(t, b, "team/same", "src-1", "v1")
	if err != nil || again.Digest != first.Digest || !strings.HasSuffix(again.Reference, "/team/same@"+first.Digest) {
		t.Errorf("a stricter registry: %+v, %v", again, err)
	}
}

func TestRetag(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, withEngine(&pusher{}))
	done, _, err := push(t, b, "team/new", "v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.TagImage(t.Context(), "team/new:v1", "team/new:stable"); err != nil {
		t.Fatal(err)
	}
	if img, err := b.DescribeImage(t.Context(), "team/new:stable"); err != nil || img.Digest != done.Digest {
		t.Errorf("stable is %s, %v", img.Digest, err)
	}
	says(t, b.TagImage(t.Context(), "team/new:v1", "team/other:v1"), backend.Unsupported, "own repository")
	if err := b.RemoveImage(t.Context(), "team/new:stable"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DescribeImage(t.Context(), "team/new:v1"); err != nil {
		t.Errorf("removing one tag took the image: %v", err)
	}
}
