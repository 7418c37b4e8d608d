package aws

import (
	"errors"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"github.com/ecs-tui/ecs-tui/backend"
)

// isDenied says whether an answer means that a policy is missing.
func isDenied(code string) bool {
	return strings.Contains(code, "AccessDenied") || code == "UnauthorizedOperation" || code == "AuthorizationError"
}

// isExpired says whether an answer means that the credentials are of no use.
func isExpired(code, lower string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
		"SignatureDoesNotMatch", "IncompleteSignature", "AuthFailure", "MissingAuthenticationToken", "UnauthorizedException":
		return true
	}
	return strings.Contains(lower, "security token included in the request is expired") ||
		strings.Contains(lower, "security token included in the request is invalid")
}

// isSkew says whether a signature was refused for its time.
func isSkew(code, lower string) bool {
	if code == "RequestTimeTooSkewed" || code == "RequestExpired" || code == "RequestInTheFuture" {
		return true
	}
	return strings.Contains(lower, "signature expired") || strings.Contains(lower, "signature not yet current")
}

// authorized is how AWS words a refusal: "User: … is not authorized to perform:
// ecs:UpdateService on resource: arn:… because …".
var authorized = regexp.MustCompile(`(?i)not authorized to perform: ([A-Za-z0-9:-]+)(?: on resource: ([^ ]+))?`)

// denied names the action and the resource that the policy needs.
func denied(out *backend.Error, message string) {
	out.Kind = backend.Denied
	action, resource := "ecs:"+out.Op, out.Resource
	if m := authorized.FindStringSubmatch(message); m != nil {
		action = m[1]
		if m[2] != "" {
			resource = m[2]
		}
	}
	if resource == "" {
		resource = "*"
	}
	out.Remedy = "the policy of these credentials needs " + action + " on " + resource
	if action == "iam:PassRole" {
		out.Remedy += ": without it ECS may not give the task its role; nothing was changed"
	}
}

// credentialProblem recognises that there were no credentials to sign with.
func (b *Backend) credentialProblem(out *backend.Error, err error) bool {
	var noProfile config.SharedConfigProfileNotExistError
	var sso *ssocreds.InvalidTokenError
	var mfa config.AssumeRoleTokenProviderNotSetError
	text := err.Error()
	lower := strings.ToLower(text)
	switch {
	case errors.As(err, &noProfile):
		out.Kind, out.Err = backend.Invalid, errors.New("there is no profile "+backend.Clean(noProfile.Profile))
		out.Remedy = "name another with --profile, or add this one: aws configure --profile " + backend.Clean(noProfile.Profile)
	case errors.As(err, &mfa):
		out.Kind, out.Err = backend.Expired, errors.New("the profile's role wants an MFA code")
		out.Remedy = "use a session that has one: aws sts get-session-token --serial-number … --token-code …"
	case errors.As(err, &sso), strings.Contains(lower, "sso session has expired"), strings.Contains(lower, "cached sso token"):
		out.Kind, out.Err = backend.Expired, errors.New("the SSO session has expired")
		out.Remedy = b.ssoLogin()
	case strings.Contains(lower, "failed to refresh cached credentials"), strings.Contains(lower, "failed to retrieve credentials"),
		strings.Contains(lower, "no ec2 imds role found"), strings.Contains(lower, "get credentials"):
		var api smithy.APIError
		out.Kind, out.Err = backend.Expired, errors.New("there are no credentials")
		if errors.As(err, &api) {
			out.Err = errors.New("the credentials can't be had: " + backend.Clean(api.ErrorMessage()))
		}
		out.Remedy = b.login()
	default:
		return false
	}
	return true
}

// login is how to get credentials that work.
func (b *Backend) login() string {
	if b.opts.Profile == "" {
		return "log in (aws sso login, or aws configure), or name a profile: --profile NAME"
	}
	return "log in again: aws sso login --profile " + b.opts.Profile + ", or aws configure --profile " + b.opts.Profile
}

func (b *Backend) ssoLogin() string {
	if b.opts.Profile == "" {
		return "run: aws sso login"
	}
	return "run: aws sso login --profile " + b.opts.Profile
}
