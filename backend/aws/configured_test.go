package aws_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
)

// TestReadConfigured: what AWS's own files and variables say, without a call.
func TestReadConfigured(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"config": `[default]
region = eu-west-1
[profile sso]
sso_session = work
sso_account_id = 123456789012
sso_role_name = admin
[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
[profile admin]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = keys
region = us-east-1
[profile program]
credential_process = /bin/give
`,
		"credentials": "[keys]\naws_access_key_id = AKIDTEST\naws_secret_access_key = secret\n",
	} {
		if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const keys = "AWS_ACCESS_KEY_ID=AKIDTEST AWS_SECRET_ACCESS_KEY=secret"
	for _, tt := range []struct {
		name, profile, region, env string
		want                       aws.Configured
		fails                      string
	}{
		{name: "a region alone is no login", want: aws.Configured{Region: "eu-west-1"}},
		{name: "keys of the environment", env: keys + " AWS_REGION=ap-south-1", want: aws.Configured{Region: "ap-south-1", Credentials: "keys of the environment"}},
		{name: "a profile of the environment", env: "AWS_PROFILE=sso", want: aws.Configured{Profile: "sso", Credentials: "SSO session work"}},
		{name: "keys before it", env: keys + " AWS_PROFILE=sso", want: aws.Configured{Profile: "sso", Credentials: "keys of the environment"}},
		{name: "a profile that is named before keys", profile: "program", region: "r", env: keys, want: aws.Configured{Profile: "program", Region: "r", Credentials: "the program of credential_process"}},
		{name: "a role", profile: "admin", want: aws.Configured{Profile: "admin", Region: "us-east-1", Credentials: "role arn:aws:iam::123456789012:role/admin with keys in a file"}},
		{name: "in a container", env: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/x", want: aws.Configured{Region: "eu-west-1", Credentials: "the role of this container"}},
		{name: "other files", env: "AWS_CONFIG_FILE=/nowhere AWS_SHARED_CREDENTIALS_FILE=/nowhere", want: aws.Configured{}},
		{name: "a profile that is missing", env: "AWS_PROFILE=nosuch", fails: "there is no profile nosuch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			getenv := func(key string) string {
				for v := range strings.FieldsSeq(tt.env) {
					if value, ok := strings.CutPrefix(v, key+"="); ok {
						return value
					}
				}
				return ""
			}
			got, err := aws.ReadConfigured(t.Context(), aws.Place{Profile: tt.profile, Region: tt.region, Getenv: getenv, Home: home})
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) || backend.KindOf(err) != backend.Invalid {
					t.Errorf("%v, want %s", err, tt.fails)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}
