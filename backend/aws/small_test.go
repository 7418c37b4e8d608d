package aws

import (
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// The services without a client of the SDK are where AWS has them, and where the
// configuration says.
func TestSmallEndpoints(t *testing.T) {
	for _, c := range []struct {
		service      smallService
		region       string
		fips         bool
		base, signed string
	}{
		{ec2Service(), "eu-west-1", false, "https://ec2.eu-west-1.amazonaws.com", "eu-west-1"},
		{ec2Service(), "us-east-1", true, "https://ec2-fips.us-east-1.amazonaws.com", "us-east-1"},
		{secretsService(), "cn-north-1", false, "https://secretsmanager.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{systemsService(), "us-gov-east-1", false, "https://ssm.us-gov-east-1.amazonaws.com", "us-gov-east-1"},
		{iamService(), "eu-west-1", false, "https://iam.amazonaws.com", "us-east-1"},
		{iamService(), "us-west-2", true, "https://iam-fips.amazonaws.com", "us-east-1"},
		{iamService(), "cn-northwest-1", false, "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{iamService(), "us-gov-east-1", false, "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
	} {
		opts := elb.Options{}
		if c.fips {
			opts.EndpointOptions.UseFIPSEndpoint = awssdk.FIPSEndpointStateEnabled
		}
		base, signed, err := c.service.endpoint(t.Context(), awssdk.Config{}, opts, c.region)
		if err != nil || base != c.base || signed != c.signed {
			t.Errorf("%s in %s: %s, %s, %v", c.service.id, c.region, base, signed, err)
		}
	}
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_EC2": "http://ec2:1", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://secrets:1",
		"AWS_REGION": "eu-west-1", "HOME": t.TempDir(), "AWS_CONFIG_FILE": "", "AWS_PROFILE": "",
	} {
		t.Setenv(key, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]smallService{"http://all:1": iamService(), "http://ec2:1": ec2Service(), "http://secrets:1": secretsService()} {
		if base, signed, err := s.endpoint(t.Context(), cfg, elb.Options{}, "eu-west-1"); err != nil || base != want || signed != "eu-west-1" {
			t.Errorf("%s is at %s for %s, %v", s.id, base, signed, err)
		}
	}
}

// An error is read in each of the forms that services give it.
func TestRefusal(t *testing.T) {
	for body, want := range map[string]string{
		`{"__type":"com.amazonaws.secretsmanager#ResourceNotFoundException","message":"m"}`:                                                             "ResourceNotFoundException",
		`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Code>NoSuchEntity</Code><Message>m</Message></Error></ErrorResponse>`: "NoSuchEntity",
		`<Response><Errors><Error><Code>AuthFailure</Code><Message>m</Message></Error></Errors></Response>`:                                             "AuthFailure",
		`<html><body>m</body></html>`: "", "": "",
	} {
		if code, message := refusal([]byte(body)); code != want || code != "" && message != "m" {
			t.Errorf("%s: %q, %q", body, code, message)
		}
	}
}
