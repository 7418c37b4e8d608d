package ecsapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

const signed = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/%s/aws4_request, SignedHeaders=host, Signature=0"

// TestHostile: whatever is sent to whichever operation, the answer is one that
// a client can read, and never the server's fault.
func TestHostile(t *testing.T) {
	t.Parallel()
	b := demo.New(demo.Options{Empty: true, Services: 1, Quiet: true})
	defer b.Close()
	h := ecsapi.New(b, ecsapi.Options{Registry: ecsapi.NewRegistry(ecsapi.RegistryOptions{}), Account: &ecsapi.Account{Parameters: []string{"a"}}})
	bodies := []string{
		``, `{}`, `null`, `[]`, `{"cluster":`, `{"cluster": 7}`, `{"cluster":"\u001b[2J","service":"x","services":["\u0000"],"tasks":["../.."]}`,
		`{"maxResults":-1,"limit":-1,"count":-1}`, `{"nextToken":"AAAA","logGroupName":"g","repositoryName":"../x"}`,
		`{"taskDefinition":"a:b:c","serviceRevisionArns":["arn:aws:ecs:::service-revision/a/b/c"],"serviceDeploymentArns":["x"]}`,
		strings.Repeat(`{"overrides":`, 20000) + strings.Repeat(`}`, 20000), "\xff\xfe", `Action=DescribeTargetHealth&A.1=x&A.1.B=y&%zz`,
	}
	for prefix, actions := range map[string][]string{
		"AmazonEC2ContainerServiceV20141113": {
			"ListClusters", "DescribeClusters", "CreateCluster", "DeleteCluster", "TagResource", "UntagResource", "ExecuteCommand", "ListServices", "DescribeServices", "CreateService", "UpdateService",
			"DeleteService", "ListTasks", "DescribeTasks", "RunTask", "StopTask", "ListTaskDefinitionFamilies", "ListTaskDefinitions",
			"DescribeTaskDefinition", "RegisterTaskDefinition", "DeregisterTaskDefinition", "DeleteTaskDefinitions", "ListServiceDeployments",
			"DescribeServiceDeployments", "DescribeServiceRevisions", "StopServiceDeployment", "ListTagsForResource", "NoSuchThing",
		},
		"AmazonEC2ContainerRegistry_V20150921": {
			"GetAuthorizationToken", "GetDownloadUrlForLayer", "CreateRepository", "DescribeRepositories", "DeleteRepository", "ListImages",
			"DescribeImages", "BatchGetImage", "BatchDeleteImage", "PutImage", "DescribeImageScanFindings", "PutImageTagMutability",
		},
		"Logs_20140328":                 {"DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents"},
		"GraniteServiceVersion20100801": {"GetMetricData"},
		"secretsmanager":                {"DescribeSecret"},
		"AmazonSSM":                     {"DescribeParameters", "ResumeSession"},
		"NoSuchService":                 {"", "ListClusters"},
	} {
		for _, action := range actions {
			for _, body := range bodies {
				for wire, r := range map[string]*http.Request{
					"json":  request(body, "X-Amz-Target", prefix+"."+action),
					"cbor":  request(body, "Smithy-Protocol", "rpc-v2-cbor"),
					"query": request(body, "Content-Type", "application/x-www-form-urlencoded"),
				} {
					r.URL.Path = "/service/" + prefix + "/operation/" + action
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if w.Code >= http.StatusInternalServerError || w.Code != http.StatusOK && w.Body.Len() == 0 {
						t.Errorf("%s %s %.60q: %d %s", wire, action, body, w.Code, w.Body)
					}
					if wire == "json" && !json.Valid(w.Body.Bytes()) {
						t.Errorf("%s %.60q: not JSON: %s", action, body, w.Body)
					}
				}
			}
		}
	}
}

func request(body, header, value string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Authorization", fmt.Sprintf(signed, "ecs"))
	r.Header.Set(header, value)
	return r
}

// TestDoor: who gets in, and what somebody sees who only looks.
func TestDoor(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	for what, c := range map[string]struct {
		method string
		header map[string]string
		body   io.Reader
		status int
		want   string
	}{
		"a visitor":   {method: http.MethodGet, status: 200, want: "aws --endpoint-url"},
		"not signed":  {header: map[string]string{"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}, status: 403, want: "MissingAuthenticationToken"},
		"a web page":  {header: map[string]string{"Authorization": fmt.Sprintf(signed, "sts"), "Origin": "http://evil.example"}, status: 403, want: "AccessDenied"},
		"a preflight": {method: http.MethodOptions, header: map[string]string{"Origin": "http://evil.example"}, status: 403, want: "AccessDenied"},
		"a flood":     {header: map[string]string{"Authorization": fmt.Sprintf(signed, "sts")}, body: io.LimitReader(zeros{}, 9<<20), status: 413, want: "RequestEntityTooLarge"},
	} {
		if c.method == "" {
			c.method = http.MethodPost
		}
		req, err := http.NewRequestWithContext(t.Context(), c.method, w.url, c.body)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range c.header {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || !strings.Contains(string(body), c.want) || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s %s, %v", what, resp.Status, body, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestAround: what no backend has is not there, in each service's own words.
func TestAround(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	targets, err := applicationautoscaling.NewFromConfig(w.cfg).DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: scaling.ServiceNamespaceEcs,
	})
	if err != nil || len(targets.ScalableTargets) != 0 {
		t.Errorf("targets: %+v, %v", targets, err)
	}
	lb := elasticloadbalancingv2.NewFromConfig(w.cfg)
	balancers, err := lb.DescribeLoadBalancers(t.Context(), nil)
	if err != nil || len(balancers.LoadBalancers) != 0 {
		t.Errorf("load balancers: %+v, %v", balancers, err)
	}
	_, err = lb.DescribeTargetHealth(t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: aws.String("arn:none")})
	wantCode(t, "target health", err, "TargetGroupNotFound")
	_, err = servicediscovery.NewFromConfig(w.cfg).ListInstances(t.Context(), &servicediscovery.ListInstancesInput{ServiceId: aws.String("srv-1")})
	wantCode(t, "instances", err, "ServiceNotFound")
}
