package aws

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"iter"
	"net/url"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/registry"
)

// registryToken is ECR's password, which is good for twelve hours. It lives in
// memory only.
type registryToken struct {
	auth    backend.RegistryAuth
	host    string
	refresh time.Time // half of its life is over then
}

// Build builds on the local engine.
func (b *Backend) Build(ctx context.Context, req backend.BuildRequest) iter.Seq2[backend.BuildEvent, error] {
	return func(yield func(backend.BuildEvent, error) bool) {
		engine, err := b.openEngine(ctx, "Build")
		if err != nil {
			yield(nil, err)
			return
		}
		for e, err := range engine.Build(ctx, b.withRegistry(ctx, req)) {
			if !yield(e, err) {
				return
			}
		}
	}
}

// openEngine opens the engine that builds and pushes, once.
func (b *Backend) openEngine(ctx context.Context, op string) (Engine, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.engine != nil:
		return b.engine, nil
	case b.opts.Engine == nil:
		return nil, backend.Errorf(op, backend.Unsupported, "", "%s", b.Unsupported(backend.CanBuild))
	}
	engine, err := b.opts.Engine(ctx)
	if err != nil {
		return nil, named(err, op, "")
	}
	b.engine = engine
	return engine, nil
}

// Push brings an image into ECR, where its repository must exist: the engine
// pushes with ECR's token, and what ECR has under the tag afterwards is read
// back.
func (b *Backend) Push(ctx context.Context, req backend.PushRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		done, err := b.push(ctx, req, yield)
		switch {
		case errors.Is(err, errLeft):
		case err != nil:
			yield(nil, err)
		default:
			yield(done, nil)
		}
	}
}

// errLeft ends a stream whose consumer wants no more.
var errLeft = errors.New("nobody listens any more")

func (b *Backend) push(ctx context.Context, req backend.PushRequest, yield func(backend.PushEvent, error) bool) (backend.PushDone, error) {
	const op = "Push"
	engine, err := b.openEngine(ctx, op)
	if err != nil {
		return backend.PushDone{}, err
	}
	to, err := b.pushTarget(ctx, op, req.Repository)
	if err != nil {
		return backend.PushDone{}, err
	}
	if len(req.Parts) > 0 {
		return b.pushIndex(ctx, engine, req, to, yield)
	}
	done, err := b.pushImage(ctx, engine, req, &to, yield)
	if backend.KindOf(err) == backend.Conflict {
		return b.sameImage(ctx, to.repository, to.token.host, req.Tags, err)
	}
	if err != nil {
		return done, pushAdvice(err, to.repository)
	}
	return b.readBack(ctx, to.repository, req.Tags, done)
}

// target is a repository of ECR that exists, and the token to push to it.
type target struct {
	repository string
	token      registryToken
}

func (t target) place() registry.Place {
	return registry.Place{Repository: t.token.host + "/" + t.repository, Auth: &t.token.auth}
}

func (b *Backend) pushTarget(ctx context.Context, op, repository string) (target, error) {
	token, err := b.registryToken(ctx, false)
	if err != nil {
		return target{}, err
	}
	r, ok := b.parseRef(repository)
	if !ok {
		return target{}, backend.Errorf(op, backend.Invalid, backend.Clean(repository), "is no repository of ECR: lower-case letters, digits, - _ . and /")
	}
	if exists, err := b.repositoryExists(ctx, r.repository); err != nil || !exists {
		return target{}, cmp.Or(err, missingRepository(op, r.repository))
	}
	return target{r.repository, token}, nil
}

// pushImage has the engine push one image, again with a new token where ECR takes
// the first one for expired.
func (b *Backend) pushImage(ctx context.Context, engine Engine, req backend.PushRequest, to *target, yield func(backend.PushEvent, error) bool) (done backend.PushDone, err error) {
	for attempt := 0; ; attempt++ {
		req.Repository, req.Auth = to.token.host+"/"+to.repository, &to.token.auth
		done, err = relay(engine.Push(ctx, req), yield)
		if kind := backend.KindOf(err); attempt > 0 || (kind != backend.Expired && kind != backend.Denied) {
			return done, err
		}
		if to.token, err = b.registryToken(ctx, true); err != nil {
			return done, err
		}
		if !yield(backend.PushNotice{Text: "ECR's token had expired; pushing again with a new one"}, nil) {
			return done, errLeft
		}
	}
}

// relay hands on what the engine says; its last word comes back.
func relay(events iter.Seq2[backend.PushEvent, error], yield func(backend.PushEvent, error) bool) (backend.PushDone, error) {
	var done backend.PushDone
	for e, err := range events {
		if err != nil {
			return done, err
		}
		if d, ok := e.(backend.PushDone); ok {
			done = d
			continue
		}
		if !yield(e, nil) {
			return done, errLeft
		}
	}
	return done, nil
}

// pushAdvice says what to do in ECR's words.
func pushAdvice(err error, repository string) error {
	var e *backend.Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	switch e.Kind {
	case backend.Conflict:
		out.Remedy = "the repository's tags are immutable and this one exists: commit, so that the tag is another one"
	case backend.Denied:
		out.Remedy = "the policy needs ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:BatchCheckLayerAvailability and ecr:PutImage on repository/" + repository
	}
	return &out
}

func missingRepository(op, name string) error {
	e := backend.Errorf(op, backend.NotFound, name, "ECR has no such repository")
	e.Remedy = "make it: n on the repositories screen, or aws ecr create-repository --repository-name " + name
	return e
}

// sameImage looks whether a tag that could not be moved has the image that was
// pushed: the tags before it tell which one that is. Then all is as it should.
func (b *Backend) sameImage(ctx context.Context, repository, host string, tags []string, refused error) (backend.PushDone, error) {
	digest := ""
	for _, tag := range tags {
		d, err := b.describeImage(ctx, "Push", imageRef{repository: repository, tag: tag})
		if err != nil || digest != "" && digest != string(d.Digest) || len(tags) < 2 {
			return backend.PushDone{}, pushAdvice(refused, repository)
		}
		digest = string(d.Digest)
	}
	return backend.PushDone{Reference: host + "/" + repository + "@" + digest, Digest: digest}, nil
}

// readBack asks ECR what it has under the tag, so that what is deployed is what
// is there.
func (b *Backend) readBack(ctx context.Context, repository string, tags []string, done backend.PushDone) (backend.PushDone, error) {
	r := imageRef{repository: repository, tag: "latest"}
	if len(tags) > 0 {
		r.tag = tags[len(tags)-1]
	}
	d, err := b.describeImage(ctx, "Push", r)
	if err != nil {
		return done, err
	}
	if digest := string(d.Digest); digest != done.Digest {
		return done, backend.Errorf("Push", backend.Conflict, r.String(), "ECR has %s under this tag, %s was pushed: somebody else pushed too", digest, done.Digest)
	}
	return done, nil
}

// Pinned gives the image that ECR has under a tag, by its digest.
func (b *Backend) Pinned(ctx context.Context, repository, tag string) (string, error) {
	token, err := b.registryToken(ctx, false)
	if err != nil {
		return "", err
	}
	r, ok := b.parseRef(repository + ":" + tag)
	if !ok {
		return "", nil
	}
	d, err := b.describeImage(ctx, "DescribeImage", r)
	if backend.KindOf(err) == backend.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return token.host + "/" + r.repository + "@" + string(d.Digest), nil
}

// registryToken is ECR's token, a new one from half of its life on.
func (b *Backend) registryToken(ctx context.Context, fresh bool) (registryToken, error) {
	const op = "GetAuthorizationToken"
	b.mu.Lock()
	token := b.token
	b.mu.Unlock()
	if !fresh && token.host != "" && b.clock.Now().Before(token.refresh) {
		return token, nil
	}
	out, err := ecrCall(ctx, b, op, "", &ecr.GetAuthorizationTokenInput{}, (*ecr.Client).GetAuthorizationToken)
	if err != nil {
		return registryToken{}, err
	}
	if len(out.AuthorizationData) == 0 {
		return registryToken{}, backend.Errorf(op, backend.Other, "", "ECR gave no token")
	}
	data := out.AuthorizationData[0]
	plain, err := base64.StdEncoding.DecodeString(awssdk.ToString(data.AuthorizationToken))
	user, password, ok := strings.Cut(string(plain), ":")
	if err != nil || !ok {
		return registryToken{}, backend.Errorf(op, backend.Other, "", "ECR's token has another form than it should")
	}
	endpoint, err := url.Parse(awssdk.ToString(data.ProxyEndpoint))
	if err != nil || endpoint.Host == "" {
		return registryToken{}, backend.Errorf(op, backend.Other, "", "ECR names no registry")
	}
	now := b.clock.Now()
	token = registryToken{
		auth: backend.RegistryAuth{Username: user, Password: password}, host: backend.Clean(endpoint.Host),
		refresh: now.Add(awssdk.ToTime(data.ExpiresAt).Sub(now) / 2),
	}
	b.mu.Lock()
	b.token = token
	b.mu.Unlock()
	return token, nil
}
