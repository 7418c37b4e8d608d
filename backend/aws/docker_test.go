package aws_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/docker"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// TestDeployWithImage builds on the real engine, pushes to a real registry with
// ECR's password, and deploys what ECR has by its digest. The same source again
// is neither built nor pushed.
func TestDeployWithImage(t *testing.T) {
	t.Parallel()
	cl := dockertest.RequireEngine(t)
	w := serve(t, demo.Options{Quiet: true, Speed: 8}, ecsapi.Options{})
	b := connect(t, w.url, func(o *aws.Options) {
		o.Engine = func(ctx context.Context) (aws.Engine, error) {
			return docker.Open(ctx, docker.Options{Getenv: os.Getenv, StateDir: t.TempDir()})
		}
	})
	dir := t.TempDir()
	binary, err := os.ReadFile(dockertest.StaticBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("app", binary, 0o755)
	write("Dockerfile", []byte("FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]\n"), 0o644)
	repository := dockertest.Unique(t, "aws") + "/app"
	t.Cleanup(func() { untag(t, cl, repository) })

	host := strings.TrimPrefix(w.url, "http://")
	first := deployImage(t, b, dir, repository)
	if first.outcome != deploy.Stable || first.skipped[deploy.Build]+first.skipped[deploy.Push] != 0 {
		t.Fatalf("the first deploy: %+v", first)
	}
	services, err := b.DescribeServices(t.Context(), "demo", []string{"image"})
	if err != nil || len(services) != 1 {
		t.Fatalf("%d services, %v", len(services), err)
	}
	td, err := b.DescribeTaskDefinition(t.Context(), services[0].TaskDefinition)
	if err != nil || !strings.HasPrefix(td.Containers[0].Image, host+"/"+repository+"@sha256:") {
		t.Errorf("it runs %s, %v", td.Containers[0].Image, err)
	}
	again := deployImage(t, b, dir, repository)
	if again.outcome != deploy.Stable || again.skipped[deploy.Build] != 1 || again.skipped[deploy.Push] != 1 || again.skipped[deploy.Register] != 1 {
		t.Errorf("the second deploy of the same source: %+v", again)
	}
	write("more", []byte("a file that no git knows"), 0o644)
	if changed := deployImage(t, b, dir, repository); changed.skipped[deploy.Build] != 0 {
		t.Errorf("the deploy after a change: %+v", changed)
	}
}

// deployed is how a deploy went.
type deployed struct {
	outcome deploy.Outcome
	reason  string
	skipped map[deploy.Step]int
}

func deployImage(t *testing.T, b *aws.Backend, dir, repository string) deployed {
	t.Helper()
	def, err := backend.ParseTaskDefinition(backend.Document(`{"family":"image","networkMode":"awsvpc","containerDefinitions":[{"name":"app","image":"<image>","memory":32}]}`))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"image","desiredCount":1}`))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := deploy.NewPlan(t.Context(), b, deploy.Request{
		App: "image", Dir: dir, Cluster: "demo", Definition: def, Service: &spec,
		Images: []deploy.ImageSource{{Container: "app", Repository: repository, Build: backend.BuildRequest{Context: dir}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out := deployed{skipped: map[deploy.Step]int{}}
	for e := range deploy.Run(ctx, b, plan, deploy.Options{Interval: 50 * time.Millisecond}) {
		switch e := e.(type) {
		case deploy.StepFinished:
			if e.Skipped != "" {
				out.skipped[e.Step]++
			}
		case deploy.Ended:
			out.outcome, out.reason = e.Outcome, e.Reason
		}
	}
	return out
}

// untag removes what the engine keeps of the test's repository.
func untag(t *testing.T, cl *client.Client, repository string) {
	list, err := cl.ImageList(context.Background(), client.ImageListOptions{})
	if err != nil {
		t.Errorf("list images: %v", err)
		return
	}
	for _, img := range list.Items {
		for _, tag := range img.RepoTags {
			if strings.Contains(tag, repository+":") {
				if _, err := cl.ImageRemove(context.Background(), tag, client.ImageRemoveOptions{}); err != nil {
					t.Logf("untag %s: %v", tag, err)
				}
			}
		}
	}
}
