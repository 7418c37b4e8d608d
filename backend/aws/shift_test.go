package aws_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// rewriter is an endpoint whose answers say other words.
type rewriter struct {
	next  http.Handler
	words *strings.Replacer
}

func (r rewriter) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	rec := httptest.NewRecorder()
	r.next.ServeHTTP(rec, req)
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(rec.Code)
	_, _ = io.Copy(w, bytes.NewBufferString(r.words.Replace(rec.Body.String())))
}

// Values that ECS may have tomorrow break nothing, and are shown as they are:
// a status that nobody knows goes on.
func TestValuesOfTomorrow(t *testing.T) {
	t.Parallel()
	world := demo.New(demo.Options{Quiet: true})
	defer world.Close()
	server := httptest.NewServer(rewriter{ecsapi.New(world, ecsapi.Options{}), strings.NewReplacer(
		`"CANARY"`, `"STRATEGY_OF_TOMORROW"`, `"POST_TEST_TRAFFIC_SHIFT"`, `"STAGE_OF_TOMORROW"`, `"IN_PROGRESS"`, `"STATUS_OF_TOMORROW"`,
		`"AWAITING_ACTION"`, `"HOOK_OF_TOMORROW"`, `"CODE_DEPLOY"`, `"CONTROLLER_OF_TOMORROW"`, `"MONITORING"`, `"WATCHING"`,
	)})
	defer server.Close()
	b := connect(t, server.URL, nil)
	found, err := b.DescribeServices(t.Context(), "demo", []string{"checkout"})
	others, err2 := b.DescribeServices(t.Context(), "batch", []string{"gateway"})
	if err := errors.Join(err, err2); err != nil || len(found) != 1 || len(others) != 1 {
		t.Fatalf("%+v, %+v, %v", found, others, err)
	}
	if s := found[0]; s.Config.Strategy != "STRATEGY_OF_TOMORROW" || s.Foreign() != "" {
		t.Errorf("%+v", s.Config)
	}
	if s := others[0]; !strings.Contains(s.Foreign(), "CONTROLLER_OF_TOMORROW") || len(s.Deployments) != 1 || s.Deployments[0].Desired != 2 ||
		s.Deployments[0].Rollout != backend.RolloutCompleted {
		t.Errorf("%q, %+v", s.Foreign(), s.Deployments)
	}
	deployments, err := b.DescribeServiceDeployments(t.Context(), []string{found[0].Current})
	if err != nil || len(deployments) != 1 {
		t.Fatalf("%+v, %v", deployments, err)
	}
	d := deployments[0]
	if d.Status != "STATUS_OF_TOMORROW" || d.Status.Ended() || d.Stage != "STAGE_OF_TOMORROW" || d.Strategy != "STRATEGY_OF_TOMORROW" ||
		d.Alarms.Status != "WATCHING" || len(d.Hooks) != 1 || d.Hooks[0].Status != "HOOK_OF_TOMORROW" {
		t.Errorf("%+v", d)
	}
	if _, waits := d.Waiting(); waits {
		t.Error("nobody knows that it waits")
	}
}
