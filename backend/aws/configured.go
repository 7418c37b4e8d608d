package aws

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/config"
)

// Place is where AWS is to be looked for: in the account of a profile, in a
// region, as far as they were named.
type Place struct {
	Profile, Region string
	Getenv          func(string) string
	Home            string // the folder with .aws in it
}

// Configured is what AWS's own variables and files say of a place.
type Configured struct {
	Profile     string // "" where none is named
	Region      string // "" where none is configured
	Credentials string // what they are, in words: "keys in a file"; "" for none
}

// ReadConfigured looks for credentials and a region in the order of the SDK. It
// reads files and calls nobody, so that it can't tell whether they are good, nor
// what a machine of EC2 would give. A profile that is named and missing is an
// error.
func ReadConfigured(ctx context.Context, p Place) (Configured, error) {
	out := Configured{Profile: cmp.Or(p.Profile, p.Getenv("AWS_PROFILE"), p.Getenv("AWS_DEFAULT_PROFILE"))}
	file := func(variable, name string) []string {
		return []string{cmp.Or(p.Getenv(variable), filepath.Join(p.Home, ".aws", name))}
	}
	shared, err := config.LoadSharedConfigProfile(ctx, cmp.Or(out.Profile, config.DefaultSharedConfigProfile), func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles = file("AWS_CONFIG_FILE", "config")
		o.CredentialsFiles = file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
	})
	var missing config.SharedConfigProfileNotExistError
	if err != nil && (out.Profile != "" || !errors.As(err, &missing)) {
		b := New(Options{Profile: out.Profile})
		defer b.Close()
		return out, b.wrap("Configure", out.Profile, err)
	}
	out.Region = cmp.Or(p.Region, p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION"), shared.Region)
	// Keys in the environment come before a profile that the environment names, and
	// after any other.
	if p.Profile == "" || p.Profile == p.Getenv("AWS_PROFILE") {
		switch {
		case p.Getenv("AWS_ACCESS_KEY_ID") != "" && p.Getenv("AWS_SECRET_ACCESS_KEY") != "":
			out.Credentials = "keys of the environment"
		case p.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
			out.Credentials = "a web identity of the environment"
		}
	}
	out.Credentials = cmp.Or(out.Credentials, credentialsOf(shared))
	if out.Credentials == "" && (p.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || p.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "") {
		out.Credentials = "the role of this container"
	}
	return out, nil
}

// credentialsOf says what kind of credentials a profile has, "" for none.
func credentialsOf(s config.SharedConfig) string {
	kind := ""
	switch {
	case s.Source != nil:
		kind = credentialsOf(*s.Source)
	case s.Credentials.HasKeys():
		kind = "keys in a file"
	case s.CredentialSource != "":
		kind = "credentials of " + s.CredentialSource
	case s.WebIdentityTokenFile != "":
		return "a web identity"
	case s.SSOSessionName != "":
		kind = "SSO session " + s.SSOSessionName
	case s.SSOStartURL != "":
		kind = "SSO at " + s.SSOStartURL
	case s.LoginSession != "":
		kind = "a login of aws login"
	case s.CredentialProcess != "":
		kind = "the program of credential_process"
	}
	if kind != "" && s.RoleARN != "" {
		return "role " + s.RoleARN + " with " + kind
	}
	return kind
}
