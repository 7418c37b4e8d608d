package ui_test

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// evilDocument is the corpus as the values of a document. Nobody cleans one: it
// is kept as it came.
func evilDocument() backend.Document {
	values := map[string]string{"about": "evil END"}
	for name, text := range corpus() {
		values[name] = "evil " + text + " END"
	}
	doc, err := json.Marshal(map[string]any{"about": "evil END", "values": values, "evil" + joined(): 1})
	if err != nil {
		panic(err)
	}
	return doc
}

// evilLines are the corpus as a program writes it, and in lines of JSON.
func evilLines(container string) []backend.LogLine {
	var out []backend.LogLine
	for i, name := range corpusNames() {
		id := []string{"000000", "000001", "000002"}[i%3]
		out = append(out, backend.LogLine{At: time.Now(), Task: id, Container: container, Text: backend.CleanLog("evil " + corpus()[name] + " END")})
		object, err := json.Marshal(map[string]string{"level": "info", "msg": "json " + corpus()[name] + " END", "k" + corpus()[name]: "v"})
		if err == nil {
			out = append(out, backend.LogLine{At: time.Now(), Task: id, Container: container, Text: backend.CleanLog(string(object))})
		}
	}
	return out
}

// Build is the demo's, with a step, a warning and a notice for each of the corpus.
func (h hostile) Build(ctx context.Context, req backend.BuildRequest) iter.Seq2[backend.BuildEvent, error] {
	return func(yield func(backend.BuildEvent, error) bool) {
		at := time.Now()
		for i, name := range corpusNames() {
			text := backend.Clean("evil " + corpus()[name] + " END")
			id := string(rune('a'+i/26)) + string(rune('a'+i%26))
			for _, ev := range []backend.BuildEvent{
				backend.BuildVertex{ID: id, Name: text, Started: at, Completed: at.Add(time.Second)},
				backend.BuildLog{Vertex: id, Text: backend.CleanLog("evil " + corpus()[name] + " END")},
				backend.BuildWarning{Text: text, File: text, Line: i},
				backend.BuildNotice{Text: text},
			} {
				if !yield(ev, nil) {
					return
				}
			}
		}
		for ev, err := range h.Backend.Build(ctx, req) {
			if !yield(ev, err) {
				return
			}
		}
	}
}

func (h hostile) DescribeTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	td, err := h.Backend.DescribeTaskDefinition(ctx, ref)
	if err != nil {
		return td, err
	}
	doc, err := td.Document.Edit(func(tree map[string]any) {
		c := tree["containerDefinitions"].([]any)[0].(map[string]any)
		labels, environment := map[string]any{}, []any{}
		for name, text := range corpus() {
			labels[name] = text
			environment = append(environment, map[string]any{"name": "EVIL " + text, "value": text})
		}
		c["dockerLabels"], c["environment"] = labels, environment
	})
	if err != nil {
		return td, err
	}
	evil, err := backend.ParseTaskDefinition(doc)
	evil.ARN, evil.Revision, evil.Status = td.ARN, td.Revision, td.Status
	return evil, err
}

func (h hostile) ListServiceDeployments(ctx context.Context, cluster, service string, p backend.PageRequest) (backend.Page[string], error) {
	return h.Backend.ListServiceDeployments(ctx, cluster, known(service), p)
}

func (h hostile) DescribeServiceDeployments(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
	found, err := h.Backend.DescribeServiceDeployments(ctx, arns)
	for i := range found {
		found[i].Reason = backend.Clean("evil " + joined())
		found[i].RollbackReason = found[i].Reason
	}
	return found, err
}

func (h hostile) DescribeImage(ctx context.Context, ref string) (backend.ImageDetail, error) {
	page, err := h.Backend.ListImages(ctx, backend.PageRequest{})
	if err != nil {
		return backend.ImageDetail{}, err
	}
	if strings.HasPrefix(ref, "evil") {
		ref = page.Items[0].ID // asked for by the tag that it was given here
	}
	d, err := h.Backend.DescribeImage(ctx, ref)
	d.Layers = nil
	for _, name := range corpusNames() {
		d.Layers = append(d.Layers, backend.Layer{Command: backend.Clean("evil " + corpus()[name] + " END"), Size: 977})
	}
	d.User, d.Entrypoint, d.Document = backend.Clean(joined()), []string{backend.Clean(joined())}, evilDocument()
	return d, err
}

// hostileApp is an app that was never deployed: its first tasks die with the
// corpus on their lips, after a migration that says it too.
type hostileApp struct{ dir string }

var _ screen.App = hostileApp{}

func (hostileApp) Name() string           { return "shop" }
func (a hostileApp) Dir() string          { return a.dir }
func (hostileApp) Service() string        { return "shop" }
func (hostileApp) Environments() []string { return []string{"demo"} }
func (hostileApp) Files() []string        { return nil }

func (a hostileApp) Request(_ context.Context, environment string) (deploy.Request, error) {
	td, err := backend.ParseTaskDefinition(backend.Document(`{"family":"shop","containerDefinitions":[{"name":"web","image":"shop/web","memory":128,"essential":true,
		"command":["oom"],"environment":[{"name":"EVIL","value":"\u001b]0;LEAK\u0007\u009b977;1H"}]}]}`))
	if err != nil {
		return deploy.Request{}, err
	}
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"shop","desiredCount":2,"taskDefinition":"shop",
		"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}}`))
	return deploy.Request{
		App: "shop", Environment: environment, Dir: a.dir, Cluster: "demo", Definition: td, Service: &spec,
		Images: []deploy.ImageSource{{Container: "web", Repository: "shop/web", Build: backend.BuildRequest{Context: a.dir}}},
		Hooks:  deploy.Hooks{Notify: &deploy.Notify{Command: []string{"printf", "%s", corpus()["hyperlink"] + corpus()["cursor"] + corpus()["C1"] + corpus()["never ends"]}}},
	}, err
}

func (a hostileApp) Promote(ctx context.Context, _, to string) (deploy.Request, error) {
	return a.Request(ctx, to)
}
