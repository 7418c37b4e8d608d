package uitest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// app is an app around a service of the demo, with a Dockerfile of its own.
type app struct {
	b     backend.Backend
	lends backend.Backend // what is promoted runs there
	dir   string
	w     World
}

var _ screen.App = (*app)(nil)

func newApp(t *testing.T, b backend.Backend, w World) *app {
	t.Helper()
	a := &app{b: b, lends: b, dir: t.TempDir(), w: w}
	if err := a.write(); err != nil {
		t.Fatal(err)
	}
	return a
}

// AppIn is an app of another world, which promotes what runs in this one.
func (u *User) AppIn(b backend.Backend, w World) screen.App {
	u.t.Helper()
	a := newApp(u.t, b, w)
	a.lends = u.Demo
	return a
}

// write writes the Dockerfile.
func (a *app) write() error {
	text := "FROM scratch\nCOPY server /server\nRUN make " + a.w.Fate + "\nCMD [\"/server\"]\n"
	return os.WriteFile(filepath.Join(a.dir, "Dockerfile"), []byte(text), 0o600)
}

func (a *app) Name() string    { return "shop" }
func (a *app) Dir() string     { return a.dir }
func (a *app) Service() string { return a.w.Service }
func (a *app) Environments() []string {
	if a.w.Environments != nil {
		return a.w.Environments
	}
	return []string{"demo"}
}

func (a *app) Files() []string {
	return []string{"ecs-tui.yml", "task-definition.json", "service.json"}
}

// Request takes the task definition with the fate in its environment.
func (a *app) Request(ctx context.Context, environment string) (deploy.Request, error) {
	doc, err := a.definition(ctx)
	if err != nil {
		return deploy.Request{}, err
	}
	if a.w.Fate != "" {
		doc, err = doc.Edit(func(tree map[string]any) {
			c := tree["containerDefinitions"].([]any)[0].(map[string]any)
			c["environment"] = []any{map[string]any{"name": "MODE", "value": a.w.Fate}}
		})
		if err != nil {
			return deploy.Request{}, err
		}
	}
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		return deploy.Request{}, err
	}
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"` + a.w.Service + `","desiredCount":3,"taskDefinition":"` + td.Family +
		`","deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}}`))
	if err != nil {
		return deploy.Request{}, err
	}
	return deploy.Request{
		App: a.Name(), Environment: environment, Protected: a.w.Protected, Dir: a.dir, Cluster: "demo", Definition: td, Service: &spec,
		Images: []deploy.ImageSource{{Container: td.Containers[0].Name, Repository: "shop/" + a.w.Service, Build: backend.BuildRequest{Context: a.dir}, Create: backend.RepositorySpec{ScanOnPush: true}}},
	}, nil
}

// Promote takes the images of what runs in the world that lends.
func (a *app) Promote(ctx context.Context, from, to string) (deploy.Request, error) {
	req, err := a.Request(ctx, to)
	if err != nil {
		return req, err
	}
	req.Promotion, err = deploy.ReadPromotion(ctx, a.lends, from, "demo", a.w.Service, req.Images)
	return req, err
}

// definition is the task definition as it is written, or as the service has it.
func (a *app) definition(ctx context.Context) (backend.Document, error) {
	if a.w.Definition != "" {
		return backend.Document(a.w.Definition), nil
	}
	found, err := a.b.DescribeServices(ctx, "demo", []string{a.w.Service})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, backend.Errorf("DescribeServices", backend.NotFound, a.w.Service, "the service does not exist")
	}
	td, err := a.b.DescribeTaskDefinition(ctx, found[0].TaskDefinition)
	if err != nil {
		return nil, err
	}
	return td.Registrable()
}

// Folder is a folder that may become an app.
type Folder struct {
	Found   screen.FolderFacts
	Err     error                // why it can't be read
	Answers *screen.SetupAnswers // what it was set up with

	b   backend.Backend
	dir string
}

var _ screen.Folder = (*Folder)(nil)

// Dir is where it is.
func (f *Folder) Dir() string { return "~/src/orders" }

// Facts is what was found.
func (f *Folder) Facts(context.Context) (screen.FolderFacts, error) { return f.Found, f.Err }

// Setup makes an app of the answers.
func (f *Folder) Setup(_ context.Context, answers screen.SetupAnswers) (screen.App, error) {
	f.Answers = &answers
	a := &app{b: f.b, dir: f.dir, w: World{Service: answers.Name, Definition: fmt.Sprintf(
		`{"family":%q,"containerDefinitions":[{"name":%[1]q,"image":"shop/%[1]s","memory":%d,"essential":true}]}`, answers.Name, answers.Memory)}}
	return a, a.write()
}
