package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// corpusEntry is a task definition and a service as people have them.
type corpusEntry struct {
	Task    json.RawMessage `json:"taskDefinition"`
	Service json.RawMessage `json:"service"`
}

// corpusNeedsDemo names what ECS's protocol is not served for.
var corpusNeedsDemo = map[string]bool{"daemon": true}

// TestImportsAreComplete takes each entry of the corpus through its life: it is
// created, written as an app by `init --from-service`, and the diff is empty.
// ECS's own protocol is between, through AWS's SDK, with what ECS fills in.
func TestImportsAreComplete(t *testing.T) {
	world := demo.New(demo.Options{Speed: 20, Quiet: true})
	cloud := httptest.NewServer(ecsapi.New(world, ecsapi.Options{Registry: ecsapi.NewRegistry(ecsapi.RegistryOptions{})}))
	t.Cleanup(func() {
		cloud.Close()
		world.Close()
	})
	f, _, _ := testFactory(t, "AWS_ENDPOINT_URL="+cloud.URL, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": cloud.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(key, value)
	}
	f.flags.Backend, f.flags.Region, f.flags.Cluster = "aws", "eu-west-1", "demo"
	files, err := filepath.Glob("testdata/corpus/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("the corpus has %d entries, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var entry corpusEntry
			if err := json.Unmarshal(data, &entry); err != nil {
				t.Fatal(err)
			}
			// Each has a client of its own: what one client may call in a
			// second is bounded.
			s, err := f.open(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.backend.Close() })
			here := *s
			if corpusNeedsDemo[name] {
				here.backend = world
			}
			checkImport(t, &here, entry)
		})
	}
}

func checkImport(t *testing.T, s *session, entry corpusEntry) {
	t.Helper()
	ctx, b := t.Context(), s.backend
	td, err := backend.ParseTaskDefinition(backend.Document(entry.Task))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := backend.ParseServiceSpec(backend.Document(entry.Service))
	if err != nil {
		t.Fatal(err)
	}
	create(t, b, td, spec)

	// What was written by hand says the same as what runs.
	expectNothing(t, b, deploy.Request{Cluster: "demo", Definition: td, Service: &spec}, "the document that it was made from")

	// So does what is imported, and it can be read as an app.
	found, err := importService(ctx, b, "demo", spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	written, err := found.files(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writeApp(dir, written, false); err != nil {
		t.Fatal(err)
	}
	cfg, _, err := s.load(dir)
	if err != nil {
		t.Fatal(err)
	}
	app := *s
	app.cfg = cfg
	req, docs, err := app.request("demo")
	if err != nil {
		t.Fatalf("%v\n%s", err, written[taskDefinitionFile])
	}
	expectNothing(t, b, req, "what was imported")
	for _, readOnly := range []string{"Arn\": \"arn:aws:ecs", "\"revision\"", "\"runningCount\"", "\"deployments\"", "\"registeredAt\"", "\"events\"", "\"compatibilities\""} {
		if strings.Contains(string(written[taskDefinitionFile])+string(written[serviceFile]), readOnly) {
			t.Errorf("%s was imported", readOnly)
		}
	}

	// Nothing is lost: what is made anew from the import is what there was.
	again := *docs.Spec
	again.Name += "-again"
	create(t, b, docs.Definition, again)
	spec.Name = again.Name
	expectNothing(t, b, deploy.Request{Cluster: "demo", Definition: td, Service: &spec}, "the original, beside what was made from its import")
}

func create(t *testing.T, b backend.Backend, td backend.TaskDefinition, spec backend.ServiceSpec) {
	t.Helper()
	registered, err := b.RegisterTaskDefinition(t.Context(), td.Document)
	if err != nil {
		t.Fatal(err)
	}
	spec.TaskDefinition = registered.ARN
	if _, err := b.CreateService(t.Context(), "demo", spec); err != nil {
		t.Fatal(err)
	}
}

func expectNothing(t *testing.T, b backend.Backend, req deploy.Request, what string) {
	t.Helper()
	plan, err := deploy.NewPlan(t.Context(), b, req)
	if err != nil {
		t.Fatal(err)
	}
	if !plan.Nothing() {
		t.Errorf("%s differs from what runs: %+v", what, plan.Diff())
	}
}
