package aws_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/backendtest"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// TestConformance runs the suite through the SDK's real client, over the wire,
// against the demo.
func TestConformance(t *testing.T) {
	w := serve(t, demo.Options{Speed: 8, Quiet: true}, ecsapi.Options{})
	pushing := connect(t, w.url, withEngine(&pusher{}))
	for repository, tag := range map[string]string{"shop/catalog": "d410ab7", "shop/api": "c7e4410", "shop/web": "crash"} {
		if _, _, err := push(t, pushing, repository, tag); err != nil {
			t.Fatal(err)
		}
	}
	backendtest.Run(t, backendtest.Harness{
		New:         func(t *testing.T) backend.Backend { return connect(t, w.url, nil) },
		Cluster:     "demo",
		Image:       "shop/catalog:d410ab7",
		ImageV2:     "shop/api:c7e4410",
		ImageBroken: "shop/web:crash",
		Exit:        func(code int) []string { return []string{"exit", strconv.Itoa(code)} },
		Say:         func(text string) []string { return []string{"say", text} },
		Shell: func(text string, code int) []string {
			return []string{"sh", "-c", "echo " + text + "; exit " + strconv.Itoa(code)}
		},
		Define: func(c, td map[string]any) {
			family, _ := td["family"].(string)
			c["logConfiguration"] = map[string]any{"logDriver": "awslogs", "options": map[string]any{
				"awslogs-group": "/ecs/" + family, "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs", "awslogs-create-group": "true",
			}}
		},
		Prefix:     "conform",
		Parallel:   true,
		Eventually: time.Minute,
		Skip: map[string]string{
			"Images/tag": "ECR tags an image in its own repository only; see TestRetag",
		},
	})
}
