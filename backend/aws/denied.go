package aws

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
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
	var process *processcreds.ProviderError
	text := err.Error()
	lower := strings.ToLower(text)
	switch {
	case errors.As(err, &noProfile):
		out.Kind, out.Err = backend.Invalid, errors.New("there is no profile "+backend.Clean(noProfile.Profile))
		out.Remedy = "name another with --profile, or add this one: aws configure --profile " + backend.Clean(noProfile.Profile)
	case errors.As(err, &mfa):
		out.Kind, out.Err = backend.Expired, errors.New("the profile's role wants an MFA code")
		out.Remedy = "run it on a terminal, where the code can be asked for"
	case errors.As(err, &sso), strings.Contains(lower, "sso session has expired"), strings.Contains(lower, "cached sso token"):
		out.Kind, out.Err = backend.Expired, errors.New("the SSO session has expired")
		out.Remedy = b.ssoLogin()
	case errors.As(err, &process):
		out.Kind, out.Err = backend.Expired, processProblem(err)
		out.Remedy = "run it by hand to see why: it is in ~/.aws/config, " + b.ofProfile()
	case strings.Contains(lower, "retrieve jwt"):
		_, what, _ := strings.Cut(text, "unable to read ")
		out.Kind, out.Err = backend.Expired, errors.New("the web identity token can't be read: "+backend.Clean(what))
		out.Remedy = newToken
	case strings.Contains(lower, "failed to load credentials"), strings.Contains(lower, "invalid endpoint host"):
		out.Kind, out.Err = backend.Expired, containerProblem(err)
		out.Remedy = "check AWS_CONTAINER_CREDENTIALS_FULL_URI and the token that goes with it"
	case strings.Contains(lower, "failed to refresh cached credentials"), strings.Contains(lower, "failed to retrieve credentials"),
		strings.Contains(lower, "no ec2 imds role found"), strings.Contains(lower, "get credentials"):
		var api smithy.APIError
		out.Kind, out.Err = backend.Expired, errors.New("there are no credentials")
		out.Remedy = b.login()
		switch {
		case errors.As(err, &api):
			b.refusedCredentials(out, api)
		case isNetwork(err) && !strings.Contains(lower, "imds"): // who is on no instance has no metadata
			b.wireProblem(out, err)
			out.Err = fmt.Errorf("the credentials can't be had: %w", out.Err)
		}
	default:
		return false
	}
	return true
}

// newToken is what to do about a web identity that is of no use.
const newToken = "get a new token into the file that AWS_WEB_IDENTITY_TOKEN_FILE or the profile names"

// containerProblem is why the credentials of a container could not be had.
func containerProblem(err error) error {
	var status interface{ HTTPStatusCode() int }
	if errors.As(err, &status) && status.HTTPStatusCode() > 0 {
		code := status.HTTPStatusCode()
		return fmt.Errorf("the credentials of this container can't be had: %d %s", code, http.StatusText(code))
	}
	return errors.New("the credentials of this container can't be had: " + backend.Clean(short(err.Error())))
}

// ofProfile names the profile in a sentence.
func (b *Backend) ofProfile() string {
	if b.opts.Profile == "" {
		return "profile default"
	}
	return "profile " + b.opts.Profile
}

// refusedCredentials is what the service that gives credentials answered.
func (b *Backend) refusedCredentials(out *backend.Error, api smithy.APIError) {
	code, message := backend.Clean(api.ErrorCode()), backend.Clean(api.ErrorMessage())
	out.Err = errors.New("the credentials can't be had: " + message)
	switch lower := strings.ToLower(message); {
	case strings.Contains(lower, "multifactorauthentication failed"), strings.Contains(lower, "invalid mfa"):
		out.Remedy = "type the next code of the device: each is good for half a minute, and once"
	case isSkew(code, lower):
		out.Remedy = skewed
	case code == "InvalidIdentityToken", code == "IDPRejectedClaim", strings.Contains(lower, "web identity"), strings.Contains(lower, "token expired"):
		out.Remedy = newToken + ", or look at the role's trust policy"
	case isDenied(code) && authorized.MatchString(message):
		denied(out, message)
	}
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
