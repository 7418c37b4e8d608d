package aws_test

import (
	"context"
	"iter"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// connect opens the backend on an endpoint of this machine, with credentials
// that are good nowhere else.
func connect(t testing.TB, url string, change func(*aws.Options)) *aws.Backend {
	t.Helper()
	opts := aws.Options{
		Region: "eu-west-1", Cluster: "demo",
		Load: []func(*config.LoadOptions) error{
			config.WithBaseEndpoint(url), config.WithSharedConfigFiles(nil), config.WithSharedCredentialsFiles(nil),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", "")),
		},
	}
	if change != nil {
		change(&opts)
	}
	b := aws.New(opts)
	t.Cleanup(func() { b.Close() })
	return b
}

// world is a demo behind ECS's own protocol, with a registry.
type world struct {
	*demo.Backend
	url    string
	faults *ecsapi.Faults
}

func serve(t testing.TB, opts demo.Options, api ecsapi.Options) *world {
	t.Helper()
	w := &world{Backend: demo.New(opts)}
	api.Registry = ecsapi.NewRegistry(ecsapi.RegistryOptions{Clock: api.Clock, Scan: w.flaws})
	w.faults = ecsapi.NewFaults(ecsapi.New(w.Backend, api), nil)
	server := httptest.NewServer(w.faults)
	w.url = server.URL
	t.Cleanup(func() {
		server.Close()
		w.Close()
	})
	return w
}

// flaws are what the demo's scanner finds in an image of its own.
func (w *world) flaws(string, string) []backend.ScanFinding {
	page, err := w.ScanFindings(context.Background(), "shop/catalog:d410ab7", backend.PageRequest{})
	if err != nil {
		return nil // an empty demo
	}
	return page.Items
}

// pusher pushes small random images, as the engine pushes those that it built:
// a real client of a real registry, without an engine.
type pusher struct {
	layers  int64
	refuses bool                   // every push that comes, as of a tag that can't be moved
	auth    []backend.RegistryAuth // what each push came with
}

func (*pusher) Close() error { return nil }

func (*pusher) Build(context.Context, backend.BuildRequest) iter.Seq2[backend.BuildEvent, error] {
	return func(yield func(backend.BuildEvent, error) bool) {
		yield(backend.BuildDone{ImageID: "sha256:" + strings.Repeat("1", 64), Size: 1}, nil)
	}
}

func (p *pusher) Push(ctx context.Context, req backend.PushRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		done, err := p.push(ctx, req)
		if err != nil {
			yield(nil, err)
			return
		}
		if yield(backend.PushLayer{ID: "layer", Status: "Pushed"}, nil) {
			yield(done, nil)
		}
	}
}

func (p *pusher) push(ctx context.Context, req backend.PushRequest) (backend.PushDone, error) {
	image, err := random.Image(64, max(1, p.layers))
	if err != nil {
		return backend.PushDone{}, err
	}
	return p.send(ctx, req, image)
}

func (p *pusher) send(ctx context.Context, req backend.PushRequest, image v1.Image) (backend.PushDone, error) {
	p.auth = append(p.auth, *req.Auth)
	if p.refuses {
		return backend.PushDone{}, backend.Errorf("Push", backend.Conflict, req.Repository, "the tag is immutable")
	}
	digest, err := image.Digest()
	if err != nil {
		return backend.PushDone{}, err
	}
	for _, tag := range req.Tags {
		ref, err := name.ParseReference(req.Repository+":"+tag, name.Insecure)
		if err != nil {
			return backend.PushDone{}, err
		}
		auth := &authn.Basic{Username: req.Auth.Username, Password: req.Auth.Password}
		if err := remote.Write(ref, image, remote.WithAuth(auth), remote.WithContext(ctx)); err != nil {
			return backend.PushDone{}, refused(err)
		}
	}
	return backend.PushDone{Reference: req.Repository + "@" + digest.String(), Digest: digest.String()}, nil
}

// refused gives a registry's refusal the kind that the engine gives it.
func refused(err error) error {
	e := &backend.Error{Op: "Push", Kind: backend.Other, Err: err}
	for text, kind := range map[string]backend.Kind{
		"token has expired": backend.Expired, "immutable": backend.Conflict, "does not exist": backend.NotFound, "UNAUTHORIZED": backend.Denied, "403 Forbidden": backend.Denied,
	} {
		if strings.Contains(err.Error(), text) {
			e.Kind = kind
		}
	}
	return e
}

// push brings an image into the registry through a backend, into a repository
// that is made where it is missing.
func push(t testing.TB, b *aws.Backend, repository string, tags ...string) (backend.PushDone, []string, error) {
	t.Helper()
	spec := backend.RepositorySpec{Name: repository, ScanOnPush: true}
	if _, err := b.CreateRepository(context.Background(), spec); err != nil && backend.KindOf(err) != backend.Conflict {
		return backend.PushDone{}, nil, err
	}
	var done backend.PushDone
	var notices []string
	for e, err := range b.Push(context.Background(), backend.PushRequest{Image: "local", Repository: repository, Tags: tags}) {
		if err != nil {
			return done, notices, err
		}
		switch e := e.(type) {
		case backend.PushDone:
			done = e
		case backend.PushNotice:
			notices = append(notices, e.Text)
		}
	}
	return done, notices, nil
}

// withEngine lets a backend push.
func withEngine(p *pusher) func(*aws.Options) {
	return func(o *aws.Options) {
		o.Engine = func(context.Context) (aws.Engine, error) { return p, nil }
	}
}
