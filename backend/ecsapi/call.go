package ecsapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// The services, by the name that requests are signed for.
const (
	serviceECS  = "ecs"
	serviceECR  = "ecr"
	serviceLogs = "logs"
	serviceSTS  = "sts"
	serviceCW   = "monitoring"
	serviceELB  = "elasticloadbalancing"
	serviceASG  = "application-autoscaling"
	serviceSD   = "servicediscovery"
	serviceSSM  = "ssm"
	serviceEBS  = "scheduler"
	serviceIAM  = "iam"
	serviceEC2  = "ec2"
	serviceSM   = "secretsmanager"
)

// targets are the prefixes of X-Amz-Target.
func targets() map[string]string {
	return map[string]string{
		"AmazonEC2ContainerServiceV20141113":   serviceECS,
		"AmazonEC2ContainerRegistry_V20150921": serviceECR,
		"Logs_20140328":                        serviceLogs,
		"AnyScaleFrontendService":              serviceASG,
		"Route53AutoNaming_v20170314":          serviceSD,
		"GraniteServiceVersion20100801":        serviceCW,
		"secretsmanager":                       serviceSM,
		"AmazonSSM":                            serviceSSM,
	}
}

// call is one request of a client.
type call struct {
	service, action   string
	region, accessKey string // from the signature; "" when there is none
	token             string // session token
	scheme, host      string // of this endpoint, as the client named it
	wire              protocol
	body              []byte // the input, as a JSON object whatever the protocol
}

// identify reads what the headers say about a request. For the query protocol
// the action is in the body, see decode.
func identify(r *http.Request) *call {
	c := &call{scheme: "http", host: r.Host, token: r.Header.Get("X-Amz-Security-Token"), wire: queryProtocol{}}
	if r.TLS != nil {
		c.scheme = "https"
	}
	c.accessKey, c.region, c.service = scope(r.Header.Get("Authorization"))
	switch {
	case c.service == serviceEC2:
		c.wire = ec2Protocol{}
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		c.wire = cborProtocol{}
		// /service/GraniteServiceVersion20100801/operation/GetMetricData
		if f := strings.Split(r.URL.Path, "/"); len(f) == 5 && f[1] == "service" && f[3] == "operation" {
			c.service, c.action = targets()[f[2]], f[4]
		}
	case c.service == serviceEBS:
		restful(c, r)
	case r.Header.Get("X-Amz-Target") != "":
		prefix, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		c.wire = jsonProtocol{version: "application/x-amz-json-1.1"}
		if strings.Contains(r.Header.Get("Content-Type"), "json-1.0") {
			c.wire = jsonProtocol{version: "application/x-amz-json-1.0"}
		}
		c.service, c.action = targets()[prefix], action
	}
	return c
}

// scope reads the credential scope of a signature:
// "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecs/aws4_request, …".
func scope(authorization string) (key, region, service string) {
	_, rest, ok := strings.Cut(authorization, "Credential=")
	if !ok {
		return "", "", ""
	}
	rest, _, _ = strings.Cut(rest, ",")
	f := strings.Split(strings.TrimSpace(rest), "/")
	if len(f) != 5 {
		return "", "", ""
	}
	return f[0], f[2], f[3]
}

// typed is an operation whose input is the JSON object of a call.
func typed[In any](do func(ctx context.Context, in *In) (any, error)) operation {
	return func(ctx context.Context, c *call) (any, error) {
		var in In
		if err := bind(c, &in); err != nil {
			return nil, err
		}
		return do(ctx, &in)
	}
}

// bind reads the JSON object of a call into v. Fields that v does not have are
// left alone.
func bind(c *call, v any) error {
	err := json.Unmarshal(c.body, v)
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typ):
		return failf(http.StatusBadRequest, "SerializationException", "%s: %s can not be converted to %s", typ.Field, typ.Value, typ.Type)
	default:
		return failf(http.StatusBadRequest, "SerializationException", "%v", err)
	}
}
