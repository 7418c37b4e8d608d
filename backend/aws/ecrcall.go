package aws

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ecrCall makes one call of ECR, for what the SDK makes of its answer.
func ecrCall[In, Out any](ctx context.Context, b *Backend, op, resource string, in *In,
	send func(*ecr.Client, context.Context, *In, ...func(*ecr.Options)) (*Out, error),
) (*Out, error) {
	return sdkCall(ctx, b, op, resource, func(c *clients) *ecr.Client { return c.ecr }, in, send)
}

// ecrRead makes one call of ECR and decodes the answer, as it came over the
// wire, into out.
func ecrRead[In, Out any](ctx context.Context, b *Backend, op, resource string, in *In, out any,
	send func(*ecr.Client, context.Context, *In, ...func(*ecr.Options)) (*Out, error),
) error {
	_, body, err := sdkSend(ctx, b, op, resource, func(c *clients) *ecr.Client { return c.ecr }, in, send)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return backend.Errorf(op, backend.Other, backend.Clean(resource), "the answer can't be read: %s", backend.Clean(err.Error()))
	}
	return nil
}

// imageRef is an image of ECR: a repository and a tag or a digest.
type imageRef struct{ repository, tag, digest string }

func (r imageRef) String() string {
	if r.digest != "" {
		return r.repository + "@" + r.digest
	}
	return r.repository + ":" + r.tag
}

var (
	repositoryForm = regexp.MustCompile(`^[a-z0-9]+([._/-]+[a-z0-9]+)*$`)
	tagForm        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	digestForm     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	ecrHost        = regexp.MustCompile(`^[0-9]{12}\.dkr[.-]ecr[.-]`)
)

// parseRef reads "shop/web:v1", "shop/web@sha256:…", both also with a registry
// before them. ok is false for what is no image of ECR.
func (b *Backend) parseRef(ref string) (r imageRef, ok bool) {
	rest := ref
	if host, after, found := strings.Cut(ref, "/"); found && (strings.ContainsAny(host, ".:") || host == "localhost") {
		if !ecrHost.MatchString(host) && host != b.registryHost() {
			return imageRef{}, false
		}
		rest = after
	}
	if name, digest, found := strings.Cut(rest, "@"); found {
		r.digest = digest
		rest, _, _ = strings.Cut(name, ":")
	} else if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		rest, r.tag = rest[:i], rest[i+1:]
	} else {
		r.tag = "latest"
	}
	r.repository = rest
	ok = len(rest) >= 2 && len(rest) <= 256 && repositoryForm.MatchString(rest) &&
		(r.digest == "" && len(r.tag) <= 128 && tagForm.MatchString(r.tag) || digestForm.MatchString(r.digest))
	return r, ok
}

// ecrImage is parseRef for a call that needs an image of ECR.
func (b *Backend) ecrImage(op, ref string) (imageRef, error) {
	r, ok := b.parseRef(ref)
	if !ok {
		return r, backend.Errorf(op, backend.NotFound, backend.Clean(ref), "it is no image of this account's ECR")
	}
	return r, nil
}

// registryHost is the registry that the last token was for; before that, what an
// endpoint of one's own has beside its calls, or "".
func (b *Backend) registryHost() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.token.host != "" || b.clients == nil {
		return b.token.host
	}
	u, err := url.Parse(awssdk.ToString(b.clients.cfg.BaseEndpoint))
	if err != nil {
		return ""
	}
	return u.Host
}
