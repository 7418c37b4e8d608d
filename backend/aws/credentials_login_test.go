package aws_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
)

// withoutCredentials hides what this machine is configured with.
func withoutCredentials(t *testing.T) {
	t.Helper()
	for _, key := range []string{
		"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ENDPOINT_URL",
	} {
		t.Setenv(key, "")
	}
}

// instance is a machine's metadata service, version 2: a session token first,
// and nothing without one.
func instance(t *testing.T, role string) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	const session = "of-the-instance"
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
		fmt.Fprint(w, session)
	})
	const path = "/latest/meta-data/iam/security-credentials/"
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, path)
		switch {
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != session:
			w.WriteHeader(http.StatusUnauthorized)
		case role == "" || name != "" && name != role:
			w.WriteHeader(http.StatusNotFound)
		case name == "":
			fmt.Fprint(w, role)
		default:
			asked.Add(1)
			fmt.Fprintf(w, `{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAINSTANCE","SecretAccessKey":"secret","Token":"t","Expiration":%q}`,
				time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, asked
}

// The credentials of a machine's role come from its metadata service, and one
// that has no role says so.
func TestInstanceRole(t *testing.T) {
	w := quiet(t)
	withoutCredentials(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	open := func() backend.Backend {
		return profiles(t, w.url, "", "", func(o *aws.Options) { o.Region = "eu-west-1" })
	}
	url, asked := instance(t, "shop-machine")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
	if err := list(t.Context(), open()); err != nil || asked.Load() != 1 {
		t.Errorf("%v; the role was asked for %d times", err, asked.Load())
	}
	url, _ = instance(t, "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
	says(t, list(t.Context(), open()), backend.Expired, "credentials", "aws configure")
}

const ssoProfiles = `[profile old]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = admin
region = eu-west-1

[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1

[profile new]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = admin
region = eu-west-1
`

// loggedIn writes what `aws sso login` leaves behind, for both forms of
// profiles, and gives the file of the one with a session.
func loggedIn(t *testing.T, until time.Time) string {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	cache := filepath.Join(home, ".aws", "sso", "cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	file := ""
	for _, key := range []string{"https://example.awsapps.com/start", "corp"} {
		sum := sha1.Sum([]byte(key))
		text, err := json.Marshal(map[string]string{
			"accessToken": "first", "expiresAt": until.UTC().Format(time.RFC3339),
			"clientId": "ecs", "clientSecret": "secret", "refreshToken": "again",
			"registrationExpiresAt": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
		})
		if err != nil {
			t.Fatal(err)
		}
		file = filepath.Join(cache, hex.EncodeToString(sum[:])+".json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// portal is IAM Identity Center: it gives credentials for an access token, and a
// new access token for what refreshes the old one.
func portal(t *testing.T) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /federation/credentials", func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("X-Amz-Sso_bearer_token")
		if token != "first" && token != "second" || r.URL.Query().Get("account_id") != "123456789012" || r.URL.Query().Get("role_name") != "admin" {
			w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"secret","sessionToken":"t","expiration":%d}}`, time.Now().Add(time.Hour).UnixMilli())
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ GrantType, RefreshToken string }
		w.Header().Set("Content-Type", "application/json")
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.GrantType != "refresh_token" || in.RefreshToken != "again" {
			w.Header().Set("X-Amzn-Errortype", "InvalidGrantException")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"accessToken":"second","tokenType":"Bearer","expiresIn":3600,"refreshToken":"again"}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// A login of SSO that is good gives credentials for both forms of profiles. One
// with a session that ran out is refreshed where the login can be, and the new
// token is kept where AWS's own tools look for it.
func TestSSO(t *testing.T) {
	w := quiet(t)
	withoutCredentials(t)
	url := portal(t)
	t.Setenv("AWS_ENDPOINT_URL_SSO", url)
	t.Setenv("AWS_ENDPOINT_URL_SSO_OIDC", url)
	t.Setenv("AWS_ENDPOINT_URL", w.url)
	open := func(profile string) backend.Backend {
		return profiles(t, "", profile, ssoProfiles, func(o *aws.Options) { o.Load = o.Load[:2] })
	}
	loggedIn(t, time.Now().Add(time.Hour))
	for _, profile := range []string{"old", "new"} {
		if err := list(t.Context(), open(profile)); err != nil {
			t.Errorf("profile %s: %v", profile, err)
		}
	}
	file := loggedIn(t, time.Now().Add(-time.Hour))
	if err := list(t.Context(), open("new")); err != nil {
		t.Error(err)
	}
	if kept, err := os.ReadFile(file); err != nil || !strings.Contains(string(kept), `"second"`) {
		t.Errorf("the new token was not kept: %v", err)
	}
	says(t, list(t.Context(), open("old")), backend.Expired, "run: aws sso login --profile old")
}
