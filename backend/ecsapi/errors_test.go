package ecsapi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// sickBackend fails every list of clusters and every update.
type sickBackend struct {
	backend.Backend
	err error
}

func (b *sickBackend) ListClusters(context.Context, backend.PageRequest) (backend.Page[string], error) {
	return backend.Page[string]{}, b.err
}

func (b *sickBackend) UpdateService(context.Context, string, string, backend.ServiceChange) (backend.Service, error) {
	return backend.Service{}, b.err
}

// TestKinds: each kind of failure has its type on the wire, and carries what
// the backend said.
func TestKinds(t *testing.T) {
	t.Parallel()
	world := demo.New(demo.Options{Empty: true, Quiet: true})
	defer world.Close()
	b := &sickBackend{Backend: world}
	e := listen(t, ecsapi.New(b, ecsapi.Options{}))
	logs := cloudwatchlogs.NewFromConfig(e.cfg)
	for kind, want := range map[backend.Kind]struct {
		code  string
		fault smithy.ErrorFault
	}{
		backend.Conflict:    {"ServiceNotActiveException", smithy.FaultClient},
		backend.Invalid:     {"InvalidParameterException", smithy.FaultClient},
		backend.NotFound:    {"ServiceNotFoundException", smithy.FaultClient},
		backend.Denied:      {"AccessDeniedException", smithy.FaultClient},
		backend.Expired:     {"ExpiredTokenException", smithy.FaultUnknown},
		backend.Throttled:   {"ThrottlingException", smithy.FaultUnknown},
		backend.Unsupported: {"UnsupportedFeatureException", smithy.FaultClient},
		backend.Exhausted:   {"LimitExceededException", smithy.FaultClient},
		backend.Unreachable: {"ServerException", smithy.FaultServer},
		backend.Other:       {"ServerException", smithy.FaultServer},
	} {
		b.err = &backend.Error{Op: "UpdateService", Kind: kind, Resource: "web", Err: errors.New("the cause"), Remedy: "the remedy"}
		_, err := e.ecs().UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("demo"), Service: aws.String("web"), ForceNewDeployment: true})
		wantCode(t, kind.String(), err, want.code)
		var api smithy.APIError
		if errors.As(err, &api) && (api.ErrorFault() != want.fault || !strings.Contains(api.ErrorMessage(), "web: the cause (the remedy)")) {
			t.Errorf("%s: %q, fault %s", kind, api.ErrorMessage(), api.ErrorFault())
		}
		if kind == backend.Unreachable {
			_, err := logs.DescribeLogGroups(t.Context(), nil)
			wantCode(t, "logs "+kind.String(), err, "ServiceUnavailableException")
		}
	}
}

// TestFilters: what clients narrow lists by.
func TestFilters(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 12}, nil)
	for _, test := range []struct {
		body string
		want int
	}{
		{`{"cluster":"demo","launchType":"EC2"}`, 10},
		{`{"cluster":"demo","launchType":"FARGATE"}`, 0},
		{`{"cluster":"demo","schedulingStrategy":"REPLICA","maxResults":100}`, 12},
		{`{"cluster":"demo","schedulingStrategy":"DAEMON"}`, 0},
	} {
		_, out := w.raw(t, "ListServices", test.body)
		if list, _ := out["serviceArns"].([]any); len(list) != test.want {
			t.Errorf("%s: %d services, want %d", test.body, len(list), test.want)
		}
	}
	for _, test := range []struct {
		body string
		want int
	}{
		{`{"cluster":"demo","desiredStatus":"PENDING"}`, 0},
		{`{"cluster":"demo","launchType":"EC2"}`, 12},
		{`{"cluster":"demo","family":"bulk"}`, 12},
		{`{"cluster":"demo","family":"other"}`, 0},
	} {
		_, out := w.raw(t, "ListTasks", test.body)
		if list, _ := out["taskArns"].([]any); len(list) != test.want {
			t.Errorf("%s: %d tasks, want %d", test.body, len(list), test.want)
		}
	}
	_, out := w.raw(t, "ListTagsForResource", `{"resourceArn":"arn:aws:ecs:local:123456789012:task-definition/bulk:1"}`)
	if !strings.Contains(fmt.Sprint(out["tags"]), "map[key:team value:shop]") {
		t.Errorf("tags of a task definition: %v", out)
	}
	_, out = w.raw(t, "ListTagsForResource", `{"resourceArn":"arn:aws:ecs:local:123456789012:service/demo/nobody"}`)
	if out["__type"] != "ResourceNotFoundException" {
		t.Errorf("tags of nobody: %v", out)
	}
	_, out = w.raw(t, "CreateCluster", `{"clusterName":"demo"}`)
	if c, _ := out["cluster"].(map[string]any); c["status"] != "ACTIVE" {
		t.Errorf("the cluster that exists: %v", out)
	}
}
