package ecsapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// sts says who the caller is, and gives credentials that run out. Whoever signs
// has all rights here; credentials that were given here are held to what was
// given: their token, and their time.
func (h *Handler) sts() map[string]operation {
	return map[string]operation{
		"GetCallerIdentity": func(ctx context.Context, c *call) (any, error) {
			p, err := h.place(ctx)
			if err != nil {
				return nil, err
			}
			arn := "arn:aws:iam::" + p.account + ":user/" + c.accessKey
			if s, ok := h.given.of(c.accessKey); ok {
				arn = s.arn
			}
			return obj{"Account": p.account, "UserId": c.accessKey, "Arn": arn}, nil
		},
		"AssumeRole":      h.assumeRole,
		actionWebIdentity: h.assumeRoleWithWebIdentity,
		"GetSessionToken": h.getSessionToken,
	}
}

// actionWebIdentity is the one action that nobody signs: the token says who
// comes.
const actionWebIdentity = "AssumeRoleWithWebIdentity"

type assumeInput struct {
	RoleARN  string `json:"RoleArn"`
	Session  string `json:"RoleSessionName"`
	Duration count  `json:"DurationSeconds"`
	Serial   string `json:"SerialNumber"`
	Code     string `json:"TokenCode"`
	Token    string `json:"WebIdentityToken"`
}

func (h *Handler) assumeRole(ctx context.Context, c *call) (any, error) {
	var in assumeInput
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	if err := h.devices.check(h.clock.Now(), in.Serial, in.Code, c, in.RoleARN); err != nil {
		return nil, err
	}
	return h.assume(in)
}

// assumeRoleWithWebIdentity takes any token whose time has not run out. Its
// signature is not looked at: this endpoint knows no identity provider.
func (h *Handler) assumeRoleWithWebIdentity(_ context.Context, c *call) (any, error) {
	var in assumeInput
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	claims, err := webClaims(in.Token)
	switch {
	case err != nil:
		return nil, failf(http.StatusBadRequest, "InvalidIdentityToken", "The web identity token that was passed could not be validated: %v", err)
	case claims.Expires > 0 && h.clock.Now().Unix() >= claims.Expires:
		return nil, failf(http.StatusBadRequest, "ExpiredTokenException", "Token expired: current date/time %d must be before the expiration date/time %d", h.clock.Now().Unix(), claims.Expires)
	}
	out, err := h.assume(in)
	if err != nil {
		return nil, err
	}
	out["SubjectFromWebIdentityToken"] = backend.Clean(claims.Subject)
	return out, nil
}

// claims are the parts of a JSON web token that are looked at.
type claims struct {
	Subject string `json:"sub"`
	Expires int64  `json:"exp"`
}

func webClaims(token string) (claims, error) {
	var c claims
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 {
		return c, invalidf("it is no JSON web token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	return c, err
}

// assume gives the credentials of a role.
func (h *Handler) assume(in assumeInput) (obj, error) {
	parts := strings.SplitN(in.RoleARN, ":", 6)
	switch {
	case len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/"):
		return nil, failf(http.StatusBadRequest, "ValidationError", "%s is invalid", backend.Clean(in.RoleARN))
	case in.Session == "":
		return nil, failf(http.StatusBadRequest, "ValidationError", "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null")
	}
	name := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	arn := backend.Clean("arn:aws:sts::" + parts[4] + ":assumed-role/" + name + "/" + in.Session)
	creds, key, err := h.give(arn, in.Duration, time.Hour, 12*time.Hour)
	if err != nil {
		return nil, err
	}
	return obj{"Credentials": creds, "AssumedRoleUser": obj{"Arn": arn, "AssumedRoleId": "AROA" + key[4:] + ":" + backend.Clean(in.Session)}}, nil
}

func (h *Handler) getSessionToken(ctx context.Context, c *call) (any, error) {
	var in assumeInput
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	if err := h.devices.check(h.clock.Now(), in.Serial, in.Code, c, "*"); err != nil {
		return nil, err
	}
	p, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	creds, _, err := h.give("arn:aws:iam::"+p.account+":user/"+backend.Clean(c.accessKey), in.Duration, 12*time.Hour, 36*time.Hour)
	return obj{"Credentials": creds}, err
}

// place is where the backend's ARNs say that they are.
type place struct{ region, account string }

func (h *Handler) place(ctx context.Context) (place, error) {
	page, err := h.b.ListClusters(ctx, backend.PageRequest{Size: 1})
	if err != nil {
		return place{}, err
	}
	if len(page.Items) > 0 {
		if f := strings.SplitN(page.Items[0], ":", 6); len(f) == 6 {
			return place{f[3], f[4]}, nil
		}
	}
	return place{"local", "000000000000"}, nil
}

// arn is the ARN of what another service than ECS has.
func (p place) arn(service, resource string) string {
	return strings.Join([]string{"arn:aws", service, p.region, p.account, resource}, ":")
}
