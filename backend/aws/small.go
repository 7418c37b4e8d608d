package aws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ecs-tui/ecs-tui/backend"
)

// smallService is a service of AWS of which one or two calls are made. The SDK's
// packages for IAM, Secrets Manager and Systems Manager make this program 11 MB
// larger, since the linker keeps all of their hundreds of calls; that for EC2
// takes two minutes to compile. What the SDK does for a call is done here, over
// the same configuration, credentials, transport and rules for trying again.
type smallService struct {
	id      string // as the SDK names it, in AWS_ENDPOINT_URL_… and in profiles
	name    string // of its endpoint, and for which calls are signed
	version string // of the query protocol; "" is JSON
	target  string // of JSON: what stands before the operation
	global  bool   // one endpoint for all regions of a partition
}

func iamService() smallService {
	return smallService{id: iamID, name: "iam", version: "2010-05-08", global: true}
}

func ec2Service() smallService { return smallService{id: ec2ID, name: "ec2", version: "2016-11-15"} }

func secretsService() smallService {
	return smallService{id: "Secrets Manager", name: "secretsmanager", target: "secretsmanager"}
}

func systemsService() smallService {
	return smallService{id: "SSM", name: "ssm", target: "AmazonSSM"}
}

func keyService() smallService {
	return smallService{id: "KMS", name: "kms", target: "TrentService"}
}

// Names of the services whose calls say only in their body what they are.
const (
	iamID = "IAM"
	ec2ID = "EC2"
)

// smallQuery makes one call in the query protocol, and reads its XML into out.
func smallQuery(ctx context.Context, b *Backend, s smallService, op, resource string, form url.Values, out any) error {
	form.Set("Action", op)
	form.Set("Version", s.version)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
	body, err := b.small(awsmiddleware.SetServiceID(ctx, s.id), s, "", op, resource, header, []byte(form.Encode()))
	if err != nil {
		return err
	}
	return readAnswer(op, resource, xml.Unmarshal(body, out))
}

// smallJSON makes one call in the JSON protocol in a region; "" is one's own.
func smallJSON(ctx context.Context, b *Backend, s smallService, region, op, resource string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return b.wrap(op, resource, err)
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {s.target + "." + op}}
	body, err := b.small(ctx, s, region, op, resource, header, raw)
	if err != nil {
		return err
	}
	return readAnswer(op, resource, json.Unmarshal(body, out))
}

func readAnswer(op, resource string, err error) error {
	if err != nil {
		return backend.Errorf(op, backend.Other, backend.Clean(resource), "the answer can't be read: %s", backend.Clean(err.Error()))
	}
	return nil
}

// small makes one call, with all its attempts.
func (b *Backend) small(ctx context.Context, s smallService, region, op, resource string, header http.Header, form []byte) ([]byte, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, named(err, op, resource)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if region == "" {
		region = c.region
	}
	r := smallRequest{cfg: c.cfg, service: s.name, header: header, body: form}
	if r.base, r.region, err = s.endpoint(ctx, c.cfg, c.elb.Options(), region); err != nil {
		return nil, b.wrap(op, resource, err)
	}
	seen := &capture{}
	body, err := r.send(context.WithValue(ctx, captureKey{}, seen))
	if err != nil {
		return nil, b.wrapSeen(op, resource, err, seen)
	}
	return body, nil
}

// endpoint is where the calls of a service go, and the region they are signed
// for. AWS's own endpoint is that of load balancing with another name:
// partition, FIPS and dual stack are the same for both.
func (s smallService) endpoint(ctx context.Context, cfg awssdk.Config, neighbour elb.Options, region string) (base, signed string, err error) {
	if base := s.configured(ctx, cfg); base != "" {
		return base, region, nil
	}
	fips := neighbour.EndpointOptions.UseFIPSEndpoint == awssdk.FIPSEndpointStateEnabled
	dual := neighbour.EndpointOptions.UseDualStackEndpoint == awssdk.DualStackEndpointStateEnabled && !s.global
	e, err := elb.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, elb.EndpointParameters{Region: &region, UseFIPS: &fips, UseDualStack: &dual})
	if err != nil {
		return "", "", err
	}
	host := strings.Replace(e.URI.Host, "elasticloadbalancing", s.name, 1)
	if s.global {
		host, region = globalEndpoint(host, region)
	}
	return "https://" + host, region, nil
}

// globalEndpoint takes the region out of the host of a service that has one
// endpoint for a whole partition, and names the region that its calls are signed
// for ("IAM endpoints and quotas" in AWS's general reference).
func globalEndpoint(host, region string) (global, signed string) {
	switch {
	case strings.HasSuffix(host, ".amazonaws.com.cn"):
		return strings.Replace(host, "."+region+".", ".cn-north-1.", 1), "cn-north-1"
	case strings.HasPrefix(region, "us-gov-"):
		return "iam.us-gov.amazonaws.com", "us-gov-west-1"
	case strings.HasSuffix(host, ".amazonaws.com"):
		return strings.Replace(host, "."+region+".", ".", 1), "us-east-1"
	}
	return host, region
}

// configured is where the configuration says that calls go: AWS_ENDPOINT_URL_EC2
// before AWS_ENDPOINT_URL before the profile's ("Service-specific endpoints" in
// the SDKs' reference guide); "" is AWS's own.
func (s smallService) configured(ctx context.Context, cfg awssdk.Config) string {
	_, general := os.LookupEnv("AWS_ENDPOINT_URL")
	_, specific := os.LookupEnv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(s.id), " ", "_"))
	if !general || specific {
		for _, source := range cfg.ConfigSources {
			from, ok := source.(interface {
				GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
			})
			if !ok {
				continue
			}
			if found, ok, err := from.GetServiceBaseEndpoint(ctx, s.id); err == nil && ok {
				return found
			}
		}
	}
	return awssdk.ToString(cfg.BaseEndpoint)
}

// smallRequest is a call that is ready to be signed.
type smallRequest struct {
	cfg                   awssdk.Config
	base, service, region string
	header                http.Header
	body                  []byte
}

// send tries until there is an answer, as often as other calls are tried.
func (r smallRequest) send(ctx context.Context) ([]byte, error) {
	again := r.cfg.Retryer()
	for attempt := 1; ; attempt++ {
		body, err := r.attempt(ctx)
		if err == nil || attempt >= again.MaxAttempts() || !again.IsErrorRetryable(err) {
			return body, err
		}
		pause, failed := again.RetryDelay(attempt, err)
		if failed != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (r smallRequest) attempt(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header = r.header.Clone()
	req.Header.Set("User-Agent", "app/"+r.cfg.AppID)
	credentials, err := r.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get credentials: %w", err)
	}
	sum := sha256.Sum256(r.body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), r.service, r.region, time.Now()); err != nil {
		return nil, err
	}
	resp, err := r.cfg.HTTPClient.Do(req)
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body) // the transport has read it already, and bounded it
	if err != nil || resp.StatusCode < http.StatusMultipleChoices {
		return body, err
	}
	failed := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: errors.New("it is no answer of AWS")}
	if code, message := refusal(body); code != "" {
		failed.Err = &smithy.GenericAPIError{Code: code, Message: message}
	}
	return nil, failed
}

// refusal reads the error in an answer, in the forms of JSON, of the query
// protocol, and of EC2's own.
func refusal(body []byte) (code, message string) {
	var text struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &text) == nil {
		return text.Type[strings.LastIndexByte(text.Type, '#')+1:], text.Message
	}
	var tree struct {
		Code       string `xml:"Error>Code"`
		Message    string `xml:"Error>Message"`
		EC2Code    string `xml:"Errors>Error>Code"`
		EC2Message string `xml:"Errors>Error>Message"`
	}
	if xml.Unmarshal(body, &tree) != nil {
		return "", ""
	}
	return tree.Code + tree.EC2Code, tree.Message + tree.EC2Message
}
