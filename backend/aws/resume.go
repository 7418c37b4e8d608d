package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/datachannel"
)

// opResume is the call of Systems Manager that brings a session back whose
// connection broke; ECS has none of its own. It is the only call of that service
// here and is signed by hand: the SDK's package for all of them would add
// several megabytes to the program.
const opResume = "ResumeSession"

// session is one of ECS Exec, as ExecuteCommand gives it and ResumeSession does
// again ("Session" in both API references).
type session struct {
	ID, URL, Token string
}

// resume gives a session another token. Where that is refused, it is over.
func (b *Backend) resume(ctx context.Context, s session) (url, token string, err error) {
	var out struct{ StreamUrl, TokenValue string } //nolint:revive // as they are on the wire
	err = b.resumeCall(ctx, s, &out)
	switch kind := backend.KindOf(err); {
	case kind == backend.Unreachable, kind == backend.Throttled:
		return "", "", err
	case err != nil:
		return "", "", fmt.Errorf("%w: %w", datachannel.ErrOver, err)
	case out.TokenValue == "": // it has timed out
		return "", "", datachannel.ErrOver
	}
	return cmp.Or(out.StreamUrl, s.URL), out.TokenValue, nil
}

func (b *Backend) resumeCall(ctx context.Context, s session, out any) error {
	c, err := b.connect(ctx)
	if err != nil {
		return named(err, opResume, s.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, err := json.Marshal(map[string]string{"SessionId": s.ID})
	if err != nil {
		return b.wrap(opResume, s.ID, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.ssmEndpoint(s.URL), bytes.NewReader(body))
	if err != nil {
		return b.wrap(opResume, s.ID, err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonSSM."+opResume)
	keys, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return b.wrap(opResume, s.ID, err)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), "ssm", c.region, time.Now()); err != nil {
		return b.wrap(opResume, s.ID, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return b.wrap(opResume, s.ID, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body) // bounded by the transport
	if err != nil {
		return b.wrap(opResume, s.ID, err)
	}
	if resp.StatusCode != http.StatusOK {
		return b.wrap(opResume, s.ID, jsonFault(resp.StatusCode, answer))
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return backend.Errorf(opResume, backend.Other, s.ID, "the answer can't be read: %s", backend.Clean(err.Error()))
	}
	return nil
}

// jsonFault is an error as AWS's JSON protocols write it.
func jsonFault(status int, body []byte) error {
	var f struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Upper   string `json:"Message"`
	}
	_ = json.Unmarshal(body, &f) // without a type it is not AWS that answers
	code := f.Type[strings.LastIndexByte(f.Type, '#')+1:]
	fault := smithy.FaultClient
	if status >= http.StatusInternalServerError {
		fault = smithy.FaultServer
	}
	return &smithy.GenericAPIError{Code: cmp.Or(code, fmt.Sprint(status)), Message: cmp.Or(f.Message, f.Upper, http.StatusText(status)), Fault: fault}
}

// ssmEndpoint is where Systems Manager answers: where the environment says, else
// beside the host that gave the session its channel.
func (c *clients) ssmEndpoint(channel string) string {
	if named := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_SSM"), c.base); named != "" {
		return named
	}
	host := "ssm." + c.region + ".amazonaws.com"
	if u, err := url.Parse(channel); err == nil {
		if rest, ok := strings.CutPrefix(u.Host, "ssmmessages."); ok {
			host = "ssm." + rest
		}
	}
	return "https://" + host + "/"
}
