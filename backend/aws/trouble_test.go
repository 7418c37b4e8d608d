package aws_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// quiet is a world in which nothing happens by itself.
func quiet(t *testing.T) *world {
	return serve(t, demo.Options{Quiet: true}, ecsapi.Options{})
}

func list(ctx context.Context, b backend.Backend) error {
	_, err := b.ListServices(ctx, "demo", backend.PageRequest{})
	return err
}

// says fails the test unless err is of the kind, names the call, is clean, and
// says what to do in these words.
func says(t *testing.T, err error, kind backend.Kind, words ...string) {
	t.Helper()
	var e *backend.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Op == "" {
		t.Fatalf("%v (%T) of kind %q, want %q", err, err, backend.KindOf(err), kind)
	}
	all := err.Error() + " → " + backend.AdviceFor(err)
	if backend.Clean(all) != all {
		t.Errorf("not clean: %q", all)
	}
	for _, w := range words {
		if !strings.Contains(all, w) {
			t.Errorf("%q does not say %q", all, w)
		}
	}
}

// Each kind of trouble that AWS makes gives one clear error, with what to do.
func TestTrouble(t *testing.T) {
	t.Parallel()
	web := "shop/web:1"
	const role = "arn:aws:iam::123456789012:role/app"
	for name, c := range map[string]struct {
		fault ecsapi.Fault
		do    func(context.Context, *aws.Backend) error
		kind  backend.Kind
		words []string
	}{
		"denied": {
			ecsapi.Denied("ecs:ListServices", "arn:aws:ecs:eu-west-1:123456789012:cluster/demo"), nil,
			backend.Denied,
			[]string{"the policy of these credentials needs ecs:ListServices on arn:aws:ecs:eu-west-1:123456789012:cluster/demo"},
		},
		"expired": {
			ecsapi.Expired("ecs:*"), nil, backend.Expired, []string{"token", "expired", "log in"},
		},
		"clock skew": {
			ecsapi.Fault{
				Action: "ecs:*", Status: http.StatusForbidden, Code: "InvalidSignatureException",
				Message: "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)",
			},
			nil,
			backend.Denied,
			[]string{"clock of this machine is wrong"},
		},
		"a proxy's page": {
			ecsapi.Fault{Action: "ecs:*", Status: http.StatusBadGateway}, nil, backend.Unreachable, []string{"tried again"},
		},
		"PassRole": {
			ecsapi.Fault{
				Action: "ecs:RegisterTaskDefinition", Status: http.StatusBadRequest, Code: "ClientException",
				Message: "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: " + role + " because no identity-based policy allows it",
			},
			func(ctx context.Context, b *aws.Backend) error {
				_, err := b.RegisterTaskDefinition(ctx, backend.Document(`{"family":"x","containerDefinitions":[{"name":"app","image":"`+web+`","memory":32}]}`))
				return err
			},
			backend.Denied,
			[]string{"needs iam:PassRole on " + role, "nothing was changed"},
		},
		"a refused definition": {
			ecsapi.Fault{
				Action: "ecs:RegisterTaskDefinition", Status: http.StatusBadRequest, Code: "ClientException",
				Message: "Invalid 'networkMode' setting for container 'app'",
			},
			func(ctx context.Context, b *aws.Backend) error {
				_, err := b.RegisterTaskDefinition(ctx, backend.Document(`{"family":"x","networkMode":"none","containerDefinitions":[{"name":"app","image":"`+web+`","memory":32}]}`))
				var field *backend.FieldError
				if !errors.As(err, &field) || field.Path != "containerDefinitions[0]" {
					t.Errorf("%v names no field", err)
				}
				return err
			},
			backend.Invalid,
			[]string{"networkMode"},
		},
		"a service being deleted": {
			ecsapi.Fault{
				Action: "ecs:UpdateService", Status: http.StatusBadRequest, Code: "ServiceNotActiveException", Message: "Service was not ACTIVE.",
			},
			func(ctx context.Context, b *aws.Backend) error {
				_, err := b.UpdateService(ctx, "demo", "web", backend.ServiceChange{Force: true})
				return err
			},
			backend.Conflict,
			[]string{"being deleted", "wait"},
		},
		"an INACTIVE revision": {
			ecsapi.Fault{
				Action: "ecs:UpdateService", Status: http.StatusBadRequest, Code: "ClientException", Message: "TaskDefinition is inactive",
			},
			func(ctx context.Context, b *aws.Backend) error {
				_, err := b.UpdateService(ctx, "demo", "web", backend.ServiceChange{Force: true})
				return err
			},
			backend.Conflict,
			[]string{"deregistered"},
		},
		"ECR denied": {
			ecsapi.Denied("ecr:GetAuthorizationToken", "*"),
			func(_ context.Context, b *aws.Backend) error { _, _, err := push(t, b, "shop/web", "1"); return err },
			backend.Denied,
			[]string{"needs ecr:GetAuthorizationToken on *"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := quiet(t)
			w.faults.Inject(c.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			do := c.do
			if do == nil {
				do = func(ctx context.Context, b *aws.Backend) error { return list(ctx, b) }
			}
			says(t, do(ctx, connect(t, w.url, withEngine(&pusher{}))), c.kind, c.words...)
		})
	}
}

// What passes by itself is tried again, and not shown.
func TestTroubleThatPasses(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]ecsapi.Fault{
		"throttled":    ecsapi.Throttled("ecs:ListServices"),
		"broken":       ecsapi.Broken("ecs:ListServices"),
		"half a body":  {Action: "ecs:ListServices", HalfBody: true},
		"a 503's page": {Action: "ecs:ListServices", Status: http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := quiet(t)
			fault.Times = 2
			defer w.faults.Inject(fault)()
			b := connect(t, w.url, nil)
			if err := list(t.Context(), b); err != nil {
				t.Error(err)
			}
			if n := w.faults.Calls()["ecs:ListServices"]; n != 3 {
				t.Errorf("%d attempts, want 3", n)
			}
			if b.Throttled() != (name == "throttled") {
				t.Errorf("the quiet sign is %v", b.Throttled())
			}
		})
	}
}

// Throttled for as long as the caller waits: the error says so, and not that
// there is no network.
func TestThrottledForLong(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.faults.Inject(ecsapi.Throttled("ecs:*"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	says(t, list(ctx, connect(t, w.url, nil)), backend.Throttled)
}

// An endpoint that hangs: the caller's own deadline ends the call, and so does
// giving up.
func TestHang(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.faults.Inject(ecsapi.Fault{Action: "ecs:*", Hang: true})
	b := connect(t, w.url, nil)
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	says(t, list(short, b), backend.Unreachable, "in time")
	given, giveUp := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, giveUp)
	says(t, list(given, b), backend.Cancelled)
}

func TestEndpointDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	b := connect(t, "http://"+l.Addr().String(), nil)
	says(t, list(t.Context(), b), backend.Unreachable, "connection refused", "AWS_ENDPOINT_URL")
}

func TestNotThere(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	_, err := b.ListServices(t.Context(), "nowhere", backend.PageRequest{})
	says(t, err, backend.NotFound, "nowhere", "--cluster", "eu-west-1")
	_, err = b.Verify(t.Context(), backend.VerifyRequest{Cluster: "nowhere"})
	says(t, err, backend.NotFound, "--region")
}

// Credentials and regions that are not there, from AWS's own files.
func TestConfiguration(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	text := `[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = admin
region = eu-west-1

[profile mfa]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
region = eu-west-1

[profile keys]
aws_access_key_id = AKIDTEST
aws_secret_access_key = secret

[profile nothing]
region = eu-west-1
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", dir)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, key := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		t.Setenv(key, "")
	}
	open := func(profile string) backend.Backend {
		b := aws.New(aws.Options{Profile: profile, Load: []func(*config.LoadOptions) error{
			config.WithSharedConfigFiles([]string{file}), config.WithSharedCredentialsFiles([]string{}), config.WithBaseEndpoint("http://127.0.0.1:1"),
		}})
		t.Cleanup(func() { b.Close() })
		return b
	}
	for profile, c := range map[string]struct {
		kind  backend.Kind
		words []string
	}{
		"nothing": {backend.Expired, []string{"no credentials", "--profile nothing"}},
		"sso":     {backend.Expired, []string{"SSO session has expired", "aws sso login --profile sso"}},
		"mfa":     {backend.Expired, []string{"MFA"}},
		"keys":    {backend.Invalid, []string{"no region", "--region"}},
		"nobody":  {backend.Invalid, []string{"no profile nobody", "aws configure --profile nobody"}},
	} {
		t.Run(profile, func(t *testing.T) { says(t, list(t.Context(), open(profile)), c.kind, c.words...) })
	}
}
