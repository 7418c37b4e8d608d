package ecsapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 has it so
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// mostGiven bounds the credentials that are remembered. Of those beyond it the
// oldest are forgotten, and then good for ever: nothing is guarded here.
const mostGiven = 10000

// given are the credentials that were handed out, by access key.
type given struct {
	mu    sync.Mutex
	byKey map[string]grant
	order []string // oldest first
}

type grant struct {
	arn, token string
	until      time.Time
}

func (g *given) add(key string, s grant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byKey == nil {
		g.byKey = map[string]grant{}
	}
	if len(g.order) >= mostGiven {
		delete(g.byKey, g.order[0])
		g.order = g.order[1:]
	}
	g.byKey[key], g.order = s, append(g.order, key)
}

func (g *given) of(key string) (grant, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.byKey[key]
	return s, ok
}

// check holds a call to the credentials that it is made with, where they were
// given here.
func (g *given) check(now time.Time, c *call) error {
	s, ok := g.of(c.accessKey)
	switch {
	case !ok:
		return nil
	case subtle.ConstantTimeCompare([]byte(s.token), []byte(c.token)) == 0:
		return failf(http.StatusForbidden, "UnrecognizedClientException", "The security token included in the request is invalid.")
	case !now.Before(s.until):
		return failf(http.StatusForbidden, "ExpiredTokenException", "The security token included in the request is expired")
	}
	return nil
}

// give hands out credentials for so many seconds: from 15 minutes up to most.
func (h *Handler) give(arn string, seconds count, preset, most time.Duration) (creds obj, key string, err error) {
	lasts := time.Duration(seconds) * time.Second
	if seconds == 0 {
		lasts = preset
	}
	if lasts < 15*time.Minute || lasts > most {
		return nil, "", failf(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds must be between 900 and %d.", int(most/time.Second))
	}
	key = "ASIA" + rand.Text()[:16]
	s := grant{arn: arn, token: rand.Text() + rand.Text(), until: h.clock.Now().Add(lasts)}
	h.given.add(key, s)
	return obj{"AccessKeyId": key, "SecretAccessKey": rand.Text(), "SessionToken": s.token, "Expiration": stamp(s.until)}, key, nil
}

// devices are virtual MFA devices: where there is one, roles and session tokens
// take its code.
type devices struct {
	seeds map[string]string // by serial
	mu    sync.Mutex
	used  map[string]int64 // the last window of time that a device's code was taken in
}

// window is how long a code is good (RFC 6238).
const codeWindow = 30

// check looks at a code. One of half a minute ago is good too, and each once.
func (d *devices) check(now time.Time, serial, code string, c *call, resource string) error {
	if len(d.seeds) == 0 {
		return nil
	}
	refused := failf(http.StatusForbidden, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	seed, known := d.seeds[serial]
	switch {
	case serial == "":
		return failf(http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::000000000000:user/%s is not authorized to perform: sts:%s on resource: %s with an explicit deny in an identity-based policy",
			backend.Clean(c.accessKey), c.action, backend.Clean(resource))
	case !known:
		return failf(http.StatusForbidden, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for at := now.Unix() / codeWindow; at >= now.Unix()/codeWindow-1; at-- {
		want, err := MFACode(seed, time.Unix(at*codeWindow, 0))
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 0 {
			continue
		}
		if at <= d.used[serial] {
			return refused
		}
		if d.used == nil {
			d.used = map[string]int64{}
		}
		d.used[serial] = at
		return nil
	}
	return refused
}

// MFACode is the code that a virtual MFA device with this seed (in base32) shows
// at a time.
func MFACode(seed string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed)
	if err != nil {
		return "", fmt.Errorf("the seed of an MFA device: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/codeWindow)))
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:from+4])&0x7fffffff%1000000), nil
}
