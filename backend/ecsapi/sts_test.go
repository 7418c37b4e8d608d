package ecsapi_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// The vectors of RFC 6238, appendix B, to six digits.
func TestMFACode(t *testing.T) {
	const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if code, err := ecsapi.MFACode(seed, time.Unix(at, 0)); err != nil || code != want {
			t.Errorf("at %d the device shows %s, want %s, %v", at, code, want, err)
		}
	}
	if _, err := ecsapi.MFACode("not base32!", time.Unix(0, 0)); err == nil {
		t.Error("a seed that is none makes codes")
	}
}

// TestAssumeRole: the code of a device is looked at and good once; what was
// given works, says who it is, and runs out.
func TestAssumeRole(t *testing.T) {
	t.Parallel()
	const serial, seed = "arn:aws:iam::123456789012:mfa/me", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	role := "arn:aws:iam::123456789012:role/ops/admin"
	clock := &handClock{now: time.Now()}
	w := serveWith(t, demo.Options{}, ecsapi.Options{Clock: clock, MFA: map[string]string{serial: seed}}, nil)
	c := sts.NewFromConfig(w.cfg)
	assume := func(serial, code *string) (*types.Credentials, error) {
		out, err := c.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me"), SerialNumber: serial, TokenCode: code})
		if err != nil {
			return nil, err
		}
		return out.Credentials, nil
	}
	_, err := assume(nil, nil)
	wantCode(t, "without a code", err, "AccessDenied")
	_, err = assume(aws.String(serial), aws.String("000000"))
	wantCode(t, "with a wrong code", err, "AccessDenied")
	_, err = assume(aws.String("arn:aws:iam::123456789012:mfa/you"), aws.String("000000"))
	wantCode(t, "with another's device", err, "AccessDenied")
	code, err := ecsapi.MFACode(seed, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	got, err := assume(aws.String(serial), &code)
	if err != nil || !got.Expiration.After(clock.Now().Add(59*time.Minute)) {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = assume(aws.String(serial), &code)
	wantCode(t, "with a code that was used", err, "AccessDenied")

	cfg := w.cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*got.AccessKeyId, *got.SecretAccessKey, *got.SessionToken)
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	if err != nil || aws.ToString(who.Arn) != "arn:aws:sts::123456789012:assumed-role/admin/me" {
		t.Errorf("it is %+v, %v", who, err)
	}
	stolen := cfg.Copy()
	stolen.Credentials = credentials.NewStaticCredentialsProvider(*got.AccessKeyId, *got.SecretAccessKey, "another")
	_, err = ecs.NewFromConfig(stolen).ListClusters(t.Context(), nil)
	wantCode(t, "with another token", err, "UnrecognizedClientException")
	clock.move(61 * time.Minute)
	_, err = ecs.NewFromConfig(cfg).ListClusters(t.Context(), nil)
	wantCode(t, "after an hour", err, "ExpiredTokenException")
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	cfg := w.cfg.Copy()
	cfg.Credentials = aws.AnonymousCredentials{}
	c := sts.NewFromConfig(cfg)
	for _, x := range []struct {
		what, token, code string
	}{
		{"a good token", webToken(time.Now().Add(time.Hour)), ""},
		{"a token that ran out", webToken(time.Now().Add(-time.Hour)), "ExpiredTokenException"},
		{"no token", "secret", "InvalidIdentityToken"},
	} {
		out, err := c.AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/ci"), RoleSessionName: aws.String("run"), WebIdentityToken: &x.token,
		})
		if x.code != "" {
			wantCode(t, x.what, err, x.code)
			if err != nil && strings.Contains(err.Error(), x.token) {
				t.Errorf("%s: the error tells the token: %v", x.what, err)
			}
			continue
		}
		if err != nil || aws.ToString(out.SubjectFromWebIdentityToken) != "repo:shop/web" || out.Credentials == nil {
			t.Errorf("%s: %+v, %v", x.what, out, err)
		}
	}
	_, err := sts.NewFromConfig(w.cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("admin"), RoleSessionName: aws.String("me")})
	wantCode(t, "what is no role", err, "ValidationError")
}

// webToken is a web identity token, signed by nobody.
func webToken(until time.Time) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"sub":"repo:shop/web","exp":%d}`, until.Unix())) + "." + part("x")
}
