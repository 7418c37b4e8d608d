package aws_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// Fields that this program does not know are in every document.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	defer w.faults.Inject(ecsapi.Fault{Action: "ecs:*", UnknownFields: true})()
	b := connect(t, w.url, nil)
	services, err := b.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil || len(services) != 1 {
		t.Fatalf("%d services, %v", len(services), err)
	}
	page, err := b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := b.DescribeTasks(t.Context(), "demo", page.Items)
	if err != nil || len(tasks) == 0 {
		t.Fatalf("%d tasks, %v", len(tasks), err)
	}
	rollout, err := backend.RolloutDocumentOf(t.Context(), b, backend.ServiceDeployment{ARN: services[0].Current})
	if err != nil || strings.Count(string(rollout), "fieldOfTomorrow") < 3 || !strings.Contains(string(rollout), `"containerImages":[`) {
		t.Errorf("the deployment and its revisions are %s, %v", rollout, err)
	}
	for what, doc := range map[string]backend.Document{"service": services[0].Document, "task": tasks[0].Document} {
		if !strings.Contains(string(doc), `"fieldOfTomorrow":{"depth":2.5,"list":["x",{}]}`) {
			t.Errorf("the %s lost a field: %s", what, doc)
		}
	}
	var doc struct{ CreatedAt string }
	if err := services[0].Document.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if at, err := time.Parse(time.RFC3339, doc.CreatedAt); err != nil || !at.Equal(services[0].CreatedAt) {
		t.Errorf("createdAt is %q in the document, %s beside it", doc.CreatedAt, services[0].CreatedAt)
	}
}

// recorder keeps what the last call of an operation sent.
type recorder struct {
	next   http.Handler
	mu     sync.Mutex
	bodies map[string]map[string]any
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	_, op, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	var tree map[string]any
	if json.Unmarshal(body, &tree) == nil {
		r.mu.Lock()
		r.bodies[op] = tree
		r.mu.Unlock()
	}
	r.next.ServeHTTP(w, req)
}

func (r *recorder) body(op string) map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bodies[op]
}

// A service is created and changed from its document, with every field that the
// call takes, and none that it does not.
func TestServiceDocuments(t *testing.T) {
	t.Parallel()
	world := demo.New(demo.Options{Quiet: true, Speed: 8})
	defer world.Close()
	rec := &recorder{next: ecsapi.New(world, ecsapi.Options{}), bodies: map[string]map[string]any{}}
	server := httptest.NewServer(rec)
	defer server.Close()
	b := connect(t, server.URL, nil)
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName": "doc", "taskDefinition": "web", "desiredCount": 2, "launchType": "EC2",
		"fieldOfTomorrow": {"deep": [1.5]}, "tags": [{"key": "a", "value": "b"}], "schedulingStrategy": "REPLICA",
		"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
		"deploymentConfiguration": {"maximumPercent": 150, "strategy": "ROLLING", "alarms": {"enable": false}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateService(t.Context(), "demo", spec); err != nil {
		t.Fatal(err)
	}
	sent := rec.body("CreateService")
	for _, k := range []string{"fieldOfTomorrow", "launchType", "networkConfiguration", "tags"} {
		if sent[k] == nil {
			t.Errorf("CreateService lost %s: %v", k, sent)
		}
	}
	spec.Config.MinimumHealthy = 50
	three := 3
	if _, err := b.UpdateService(t.Context(), "demo", "doc", backend.ServiceChange{Spec: &spec, Desired: &three, Force: true}); err != nil {
		t.Fatal(err)
	}
	sent = rec.body("UpdateService")
	config, _ := sent["deploymentConfiguration"].(map[string]any)
	if config["minimumHealthyPercent"] != 50.0 || config["maximumPercent"] != 150.0 || config["alarms"] == nil {
		t.Errorf("deploymentConfiguration is %v", config)
	}
	if sent["fieldOfTomorrow"] == nil || sent["desiredCount"] != 3.0 || sent["forceNewDeployment"] != true || sent["service"] != "doc" {
		t.Errorf("UpdateService sent %v", sent)
	}
	for _, k := range []string{"launchType", "tags", "schedulingStrategy", "serviceName", "taskDefinition"} {
		if _, has := sent[k]; has {
			t.Errorf("UpdateService sent %s, which it does not take", k)
		}
	}
	one := 1
	if _, err := b.UpdateService(t.Context(), "demo", "doc", backend.ServiceChange{Desired: &one}); err != nil {
		t.Fatal(err)
	}
	if sent = rec.body("UpdateService"); len(sent) != 3 {
		t.Errorf("a change of the count alone sent %v", sent)
	}
}

// A task of its own takes the network and launch type of a service.
func TestRunLikeAService(t *testing.T) {
	t.Parallel()
	world := demo.New(demo.Options{Quiet: true, Speed: 8})
	defer world.Close()
	rec := &recorder{next: ecsapi.New(world, ecsapi.Options{}), bodies: map[string]map[string]any{}}
	server := httptest.NewServer(rec)
	defer server.Close()
	b := connect(t, server.URL, nil)
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName": "like", "taskDefinition": "web", "desiredCount": 0, "launchType": "EC2",
		"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}`))
	if err == nil {
		_, err = b.CreateService(t.Context(), "demo", spec)
	}
	if err == nil {
		_, err = b.RunTask(t.Context(), backend.RunTaskRequest{Cluster: "demo", TaskDefinition: "web", Like: "like"})
	}
	if err != nil {
		t.Fatal(err)
	}
	sent := rec.body("RunTask")
	if sent["launchType"] != "EC2" || sent["networkConfiguration"] == nil || sent["clientToken"] == "" {
		t.Errorf("RunTask sent %v", sent)
	}
	_, err = b.RunTask(t.Context(), backend.RunTaskRequest{Cluster: "demo", TaskDefinition: "web", Like: "nobody"})
	says(t, err, backend.NotFound, "nobody")
}

// A deployment that ended in a rollback is reported as one, with its exit code:
// the SDK's own waiter would call the service stable.
func TestRollbackIsOne(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true, Speed: 8}, ecsapi.Options{})
	b := connect(t, w.url, nil)
	td, err := b.RegisterTaskDefinition(t.Context(), backend.Document(`{"family":"rb","networkMode":"awsvpc","containerDefinitions":[{"name":"app","image":"shop/catalog:d410ab7","memory":32}]}`))
	if err != nil {
		t.Fatal(err)
	}
	run := func(image string) deploy.Ended {
		t.Helper()
		def, err := backend.ParseTaskDefinition(backend.Document(`{"family":"rb","networkMode":"awsvpc","containerDefinitions":[{"name":"app","image":"` + image + `","memory":32}]}`))
		if err != nil {
			t.Fatal(err)
		}
		spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"rb","taskDefinition":"` + td.ARN + `","desiredCount":1,
			"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}}`))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := deploy.NewPlan(t.Context(), b, deploy.Request{App: "rb", Dir: t.TempDir(), Cluster: "demo", Definition: def, Service: &spec})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var end deploy.Ended
		for e := range deploy.Run(ctx, b, plan, deploy.Options{Interval: 50 * time.Millisecond}) {
			if ended, ok := e.(deploy.Ended); ok {
				end = ended
			}
		}
		return end
	}
	if end := run("shop/catalog:d410ab7"); end.Outcome != deploy.Stable {
		t.Fatalf("the first version: %+v", end)
	}
	if end := run("shop/web:crash"); end.Outcome != deploy.RolledBack || end.Outcome.ExitCode() != 3 {
		t.Errorf("a version that crashes: %+v", end)
	}
}
