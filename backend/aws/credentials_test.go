package aws_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

const (
	deviceSerial = "arn:aws:iam::123456789012:mfa/me"
	deviceSeed   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// profiles opens the backend on a profile of a config file.
func profiles(t *testing.T, url, profile, text string, change func(*aws.Options)) *aws.Backend {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := aws.Options{Profile: profile, Cluster: "demo", Load: []func(*config.LoadOptions) error{
		config.WithSharedConfigFiles([]string{file}), config.WithSharedCredentialsFiles([]string{}), config.WithBaseEndpoint(url),
	}}
	if change != nil {
		change(&opts)
	}
	b := aws.New(opts)
	t.Cleanup(func() { b.Close() })
	return b
}

const mfaProfile = `[profile ops]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = keys
mfa_serial = ` + deviceSerial + `
region = eu-west-1

[profile keys]
aws_access_key_id = AKIDTEST
aws_secret_access_key = secret
`

// device is a world that wants a code, and the clock that it and the device go
// by.
func device(t *testing.T) *world {
	return serve(t, demo.Options{Quiet: true}, ecsapi.Options{MFA: map[string]string{deviceSerial: deviceSeed}})
}

func code(t *testing.T) string {
	t.Helper()
	c, err := ecsapi.MFACode(deviceSeed, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A profile whose role needs a code: it is asked for once, whoever calls waits
// no longer than he wants to, and another process can be given the same session.
func TestMFA(t *testing.T) {
	t.Parallel()
	w := device(t)
	typed, asked := make(chan string), make(chan aws.MFAQuestion, 9)
	b := profiles(t, w.url, "ops", mfaProfile, func(o *aws.Options) {
		o.MFA = func(ctx context.Context, q aws.MFAQuestion) (string, error) {
			asked <- q
			select {
			case c := <-typed:
				return c, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
	})
	hurried, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	says(t, list(hurried, b), backend.Expired, "MFA code has not been typed yet")
	if q := <-asked; q != (aws.MFAQuestion{Profile: "ops", Serial: deviceSerial}) {
		t.Errorf("asked for %+v", q)
	}
	if env := b.Environ(); env != nil {
		t.Errorf("before the code there is %v", env)
	}
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- list(t.Context(), b) }()
	}
	typed <- code(t)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(asked) != 0 {
		t.Errorf("asked %d times more", len(asked))
	}
	info, err := b.Info(t.Context())
	if err != nil || info.Account != "123456789012" || info.Profile != "ops" {
		t.Errorf("%+v, %v", info, err)
	}
	env := strings.Join(b.Environ(), "\n")
	if !strings.Contains(env, "AWS_ACCESS_KEY_ID=ASIA") || !strings.Contains(env, "AWS_SESSION_TOKEN=") || !strings.Contains(env, "AWS_PROFILE=ops") {
		t.Errorf("another process is given %s", env)
	}
}

// A code that is wrong, none at all, and nobody to ask: each says what to do.
func TestMFARefused(t *testing.T) {
	t.Parallel()
	w := device(t)
	answer := atomic.Pointer[string]{}
	wrong := "000000"
	answer.Store(&wrong)
	b := profiles(t, w.url, "ops", mfaProfile, func(o *aws.Options) {
		o.MFA = func(context.Context, aws.MFAQuestion) (string, error) {
			if c := answer.Load(); c != nil {
				return *c, nil
			}
			return "", aws.ErrNoCode
		}
	})
	says(t, list(t.Context(), b), backend.Expired, "invalid MFA one time pass code", "next code of the device")
	answer.Store(nil)
	says(t, list(t.Context(), b), backend.Expired, "no MFA code was given", ":mfa")
	right := code(t)
	answer.Store(&right)
	if err := list(t.Context(), b); err != nil {
		t.Error(err)
	}
	says(t, list(t.Context(), profiles(t, w.url, "ops", mfaProfile, nil)), backend.Expired, "MFA code", "on a terminal")
}

// The endpoint that a profile or the environment names is where roles are
// assumed too.
func TestRoleAtAnEndpoint(t *testing.T) {
	w := device(t)
	right := code(t)
	answering := func(o *aws.Options) {
		o.Load = o.Load[:2] // no endpoint but the one that is named
		o.MFA = func(context.Context, aws.MFAQuestion) (string, error) { return right, nil }
	}
	named := strings.ReplaceAll(mfaProfile, "region = ", "endpoint_url = "+w.url+"\nregion = ")
	if err := list(t.Context(), profiles(t, "", "ops", named, answering)); err != nil {
		t.Error(err)
	}
	w = device(t)
	t.Setenv("AWS_ENDPOINT_URL", w.url)
	if err := list(t.Context(), profiles(t, "", "ops", mfaProfile, answering)); err != nil {
		t.Error(err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	says(t, list(t.Context(), profiles(t, "", "ops", mfaProfile, answering)), backend.Unreachable, "credentials can't be had", "connection refused")
}

// The question ends with the backend.
func TestMFAEndsWithTheBackend(t *testing.T) {
	t.Parallel()
	w := device(t)
	asked, ended := make(chan struct{}, 9), make(chan struct{}, 9)
	b := profiles(t, w.url, "ops", mfaProfile, func(o *aws.Options) {
		o.MFA = func(ctx context.Context, _ aws.MFAQuestion) (string, error) {
			asked <- struct{}{}
			<-ctx.Done()
			ended <- struct{}{}
			return "", ctx.Err()
		}
	})
	done := make(chan error, 1)
	go func() { done <- list(t.Context(), b) }()
	<-asked
	b.Close()
	<-ended
	if err := <-done; backend.KindOf(err) != backend.Cancelled {
		t.Errorf("the call gives %v", err)
	}
}

// webToken is a web identity token, signed by nobody.
func webToken(t *testing.T, until time.Time) string {
	t.Helper()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	file := filepath.Join(t.TempDir(), "token")
	text := part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"sub":"repo:shop/web","exp":%d}`, until.Unix())) + "." + part("x")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWebIdentity(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	profile := func(file string) string {
		return "[profile ci]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/ci\nweb_identity_token_file = " + file + "\n"
	}
	if err := list(t.Context(), profiles(t, w.url, "ci", profile(webToken(t, time.Now().Add(time.Hour))), nil)); err != nil {
		t.Error(err)
	}
	old := profiles(t, w.url, "ci", profile(webToken(t, time.Now().Add(-time.Hour))), nil)
	says(t, list(t.Context(), old), backend.Expired, "Token expired", "AWS_WEB_IDENTITY_TOKEN_FILE")
	says(t, list(t.Context(), profiles(t, w.url, "ci", profile("/no/such/token"), nil)), backend.Expired, "/no/such/token", "AWS_WEB_IDENTITY_TOKEN_FILE")
}

func TestCredentialProcess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the programs of this test are shell scripts")
	}
	w := quiet(t)
	open := func(script string) backend.Backend {
		file := filepath.Join(t.TempDir(), "creds")
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return profiles(t, w.url, "vault", "[profile vault]\nregion = eu-west-1\ncredential_process = "+file+"\n", detached)
	}
	if err := list(t.Context(), open(`echo '{"Version":1,"AccessKeyId":"AKIDTEST","SecretAccessKey":"secret"}'`)); err != nil {
		t.Error(err)
	}
	says(t, list(t.Context(), open(`echo "connecting" >&2; echo "the vault is locked" >&2; exit 3`)), backend.Expired,
		"credential_process failed: exit status 3: the vault is locked", "profile vault")
	says(t, list(t.Context(), open(`echo '{"Version":2}'`)), backend.Expired, "wrong version")
	err := list(t.Context(), open(`echo '{"Version":1,"AccessKeyId":"AKIDTEST","SecretAccessKey":"top-secret"'`))
	says(t, err, backend.Expired, "credential_process printed no credentials", "profile vault")
	if strings.Contains(err.Error(), "top-secret") {
		t.Errorf("the error tells the secret: %v", err)
	}
	// It can neither read the keys nor write over the picture, also where it
	// stands behind a role.
	if err := list(t.Context(), open(`read key && exit 1; echo '{"Version":1,"AccessKeyId":"AKIDTEST","SecretAccessKey":"secret"}'`)); err != nil {
		t.Error(err)
	}
	role := profiles(t, w.url, "role", "[profile role]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = vault\n\n"+
		"[profile vault]\ncredential_process = echo locked >&2; exit 4\n", detached)
	says(t, list(t.Context(), role), backend.Expired, "exit status 4: locked")
}

func detached(o *aws.Options) { o.Detached = true }

// The credentials of a task or a pod come from an address of this machine.
func TestContainerCredentials(t *testing.T) {
	w := quiet(t)
	var status atomic.Int32
	status.Store(http.StatusOK)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer of-the-pod" {
			status.Store(http.StatusForbidden)
		}
		rw.WriteHeader(int(status.Load()))
		if status.Load() == http.StatusOK {
			fmt.Fprintf(rw, `{"AccessKeyId":"AKIDTEST","SecretAccessKey":"secret","Token":"t","Expiration":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		}
	}))
	t.Cleanup(server.Close)
	for _, key := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(key, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.URL+"/creds")
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer of-the-pod")
	open := func() backend.Backend {
		return profiles(t, w.url, "", "", func(o *aws.Options) { o.Region = "eu-west-1" })
	}
	if err := list(t.Context(), open()); err != nil {
		t.Error(err)
	}
	status.Store(http.StatusForbidden)
	says(t, list(t.Context(), open()), backend.Expired, "container can't be had: 403 Forbidden", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/creds")
	says(t, list(t.Context(), open()), backend.Expired, "192.0.2.1")
}

// A login of SSO that ran out says with which command to log in, for both forms
// of profiles.
func TestExpiredSSO(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	cache := filepath.Join(home, ".aws", "sso", "cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"https://example.awsapps.com/start", "corp"} {
		sum := sha1.Sum([]byte(key))
		token := fmt.Sprintf(`{"accessToken":"secret","expiresAt":%q}`, time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
		if err := os.WriteFile(filepath.Join(cache, hex.EncodeToString(sum[:])+".json"), []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, profile := range []string{"old", "new"} {
		b := profiles(t, "http://127.0.0.1:1", profile, ssoProfiles, nil)
		says(t, list(t.Context(), b), backend.Expired, "SSO session has expired", "run: aws sso login --profile "+profile)
	}
}

// A region that does not exist has no host.
func TestWrongRegion(t *testing.T) {
	t.Parallel()
	b := profiles(t, "", "keys", mfaProfile, func(o *aws.Options) {
		o.Region = "mars-1"
		o.Load = o.Load[:2] // AWS's own endpoints
		o.Load = append(o.Load, config.WithHTTPClient(nowhere()))
	})
	says(t, list(t.Context(), b), backend.Unreachable, "no host ecs.mars-1.amazonaws.com", "region (mars-1)")
}

// nowhere is a network in which no name exists.
func nowhere() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = func(_ context.Context, _, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
		}
	})
}
