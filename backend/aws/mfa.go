package aws

import (
	"context"
	"errors"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"

	"github.com/ecs-tui/ecs-tui/backend"
)

// MFAQuestion says what a code is wanted for.
type MFAQuestion struct {
	Profile string // "" is the default one
	Serial  string // of the device, an ARN or a number
}

// ErrNoCode is what [Options.MFA] gives when nobody types a code.
var ErrNoCode = errors.New("no MFA code was given")

// askForCode has the code of a profile's role asked for. The SDK asks in the
// middle of a call, without a context: the question ends with the backend.
func (b *Backend) askForCode(o *stscreds.AssumeRoleOptions) {
	if o.SerialNumber == nil || b.opts.MFA == nil {
		return
	}
	q := MFAQuestion{Profile: b.opts.Profile, Serial: backend.Clean(*o.SerialNumber)}
	b.wantsCode.Store(true)
	o.TokenProvider = func() (string, error) {
		b.asking.Store(true)
		defer b.asking.Store(false)
		return b.opts.MFA(b.life, q)
	}
}

// codeGiven waits, before a call begins and its time runs, until there are
// credentials where they take a code: whoever looks for his phone may take
// longer than a call. Only ctx, or AWS when it does not answer, ends that.
func (b *Backend) codeGiven(ctx context.Context, c *clients) error {
	if !b.wantsCode.Load() || held(c.credentials) {
		return nil
	}
	const op = "AssumeRole"
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- retrieve(ctx, c.credentials) }() // ends with ctx
	for {
		select {
		case err := <-done:
			return b.wrap(op, b.opts.Profile, err)
		case <-b.clock.After(callTimeout):
			if !b.asking.Load() {
				return b.wrap(op, b.opts.Profile, context.DeadlineExceeded)
			}
		}
	}
}

// mostCodes is how often a code is asked for at a time. A wrong one is no reason
// to wait for the next refresh.
const mostCodes = 3

func retrieve(ctx context.Context, p awssdk.CredentialsProvider) error {
	var err error
	for range mostCodes {
		if _, err = p.Retrieve(ctx); err == nil || !wrongCode(err) {
			break
		}
	}
	return err
}

// wrongCode says whether AWS took a code for a wrong one.
func wrongCode(err error) bool {
	return strings.Contains(strings.ToLower(err.Error()), "multifactorauthentication failed with invalid")
}

// held says whether credentials are at hand, without asking anybody for them.
func held(p awssdk.CredentialsProvider) bool {
	_, ok := atHand(p)
	return ok
}

// atHand gives the credentials that are at hand.
func atHand(p awssdk.CredentialsProvider) (awssdk.Credentials, bool) {
	cache, ok := p.(*awssdk.CredentialsCache)
	if !ok {
		return awssdk.Credentials{}, false
	}
	over, cancel := context.WithCancel(context.Background())
	cancel() // what is not at hand is not waited for
	creds, err := cache.Retrieve(over)
	return creds, err == nil && (!creds.CanExpire || time.Until(creds.Expires) > 0)
}

// Environ is what another process of this user needs to work with the same
// credentials, where a code was typed for them, so that no second one is needed:
// variables of the environment. nil elsewhere. It asks nobody.
func (b *Backend) Environ() []string {
	b.mu.Lock()
	c := b.clients
	b.mu.Unlock()
	if c == nil || !b.wantsCode.Load() {
		return nil
	}
	creds, ok := atHand(c.credentials)
	if !ok {
		return nil
	}
	// Region and endpoint stay the profile's; keys of the environment come
	// before those of the profile that the environment names.
	out := []string{
		"AWS_ACCESS_KEY_ID=" + creds.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + creds.SecretAccessKey, "AWS_SESSION_TOKEN=" + creds.SessionToken,
	}
	if b.opts.Profile != "" {
		out = append(out, "AWS_PROFILE="+b.opts.Profile)
	}
	return out
}
