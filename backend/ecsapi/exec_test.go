package ecsapi_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/datachannel"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// exec opens a session with the SDK.
func (e *endpoint) exec(t *testing.T, cluster, task, container, command string) *ecs.ExecuteCommandOutput {
	t.Helper()
	out, err := e.ecs().ExecuteCommand(t.Context(), &ecs.ExecuteCommandInput{
		Cluster: &cluster, Task: &task, Container: &container, Command: &command, Interactive: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// attach runs a session to its end, typing in.
func attach(t *testing.T, s *types.Session, in io.Reader) (datachannel.Result, string, error) {
	t.Helper()
	var out bytes.Buffer
	size := make(chan backend.Size, 1)
	size <- backend.Size{Width: 91, Height: 33}
	res, err := datachannel.Client{URL: aws.ToString(s.StreamUrl), Token: aws.ToString(s.TokenValue), In: in, Out: &out, Resize: size}.Run(t.Context())
	return res, out.String(), err
}

func (w *world) aTask(t *testing.T, service string) string {
	t.Helper()
	page, err := w.b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: service}, backend.PageRequest{})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("%v, %v", page, err)
	}
	return page.Items[0]
}

// TestExecuteCommand: a session is opened with the SDK and attached to over the
// wire; its token is good once, and for it alone.
func TestExecuteCommand(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	task := w.aTask(t, "web")
	out := w.exec(t, "demo", task, "web", "sh")
	if aws.ToString(out.TaskArn) != task || aws.ToString(out.ContainerName) != "web" || !strings.Contains(aws.ToString(out.ContainerArn), ":container/demo/") ||
		!strings.HasPrefix(aws.ToString(out.Session.StreamUrl), "ws://127.0.0.1:") {
		t.Errorf("opened %+v, %+v", out, out.Session)
	}
	other := w.exec(t, "demo", task, "web", "sh")
	if _, _, err := attach(t, &types.Session{StreamUrl: out.Session.StreamUrl, TokenValue: other.Session.TokenValue}, nil); err == nil {
		t.Error("the token of another session opens it")
	}
	res, text, err := attach(t, out.Session, strings.NewReader("id\rexit 3\r"))
	if err != nil || !res.Known || res.ExitCode != 3 || !strings.Contains(text, "uid=1000(app)") {
		t.Errorf("%+v, %v, the terminal shows %q", res, err, text)
	}
	if _, _, err := attach(t, out.Session, nil); err == nil {
		t.Error("a session can be attached to twice")
	}
	words := w.exec(t, "demo", task, "web", `sh -c "echo 'two  words'; exit 7"`)
	if res, text, err := attach(t, words.Session, nil); err != nil || res.ExitCode != 7 || !strings.Contains(text, "two") {
		t.Errorf("%+v, %v, the terminal shows %q", res, err, text)
	}
}

// TestExecuteCommandRefused: what ECS refuses is refused in its words.
func TestExecuteCommandRefused(t *testing.T) {
	t.Parallel()
	clock := &handClock{now: time.Now()}
	w := serveWith(t, demo.Options{}, ecsapi.Options{Clock: clock}, nil)
	task := w.aTask(t, "web")
	for _, c := range []struct {
		what, code, text string
		in               ecs.ExecuteCommandInput
	}{
		{"not interactive", "InvalidParameterException", "Interactive is the only mode", ecs.ExecuteCommandInput{Task: &task, Command: aws.String("sh")}},
		{"no such task", "InvalidParameterException", "task was not found", ecs.ExecuteCommandInput{Task: aws.String(strings.Repeat("0", 32)), Command: aws.String("sh"), Interactive: true}},
		{"no such cluster", "ClusterNotFoundException", "", ecs.ExecuteCommandInput{Cluster: aws.String("nowhere"), Task: &task, Command: aws.String("sh"), Interactive: true}},
		{"which container", "InvalidParameterException", "Container name is required", ecs.ExecuteCommandInput{Task: &task, Command: aws.String("sh"), Interactive: true}},
		{"no such container", "InvalidParameterException", "container was not found", ecs.ExecuteCommandInput{Task: &task, Container: aws.String("nobody"), Command: aws.String("sh"), Interactive: true}},
		{"an open quote", "InvalidParameterException", "command", ecs.ExecuteCommandInput{Task: &task, Container: aws.String("web"), Command: aws.String(`sh -c "`), Interactive: true}},
		{"switched off", "InvalidParameterException", "execute command was not enabled", ecs.ExecuteCommandInput{Task: aws.String(w.aTask(t, "thumbnails")), Command: aws.String("sh"), Interactive: true}},
	} {
		if c.in.Cluster == nil {
			c.in.Cluster = aws.String("demo")
		}
		_, err := w.ecs().ExecuteCommand(t.Context(), &c.in)
		wantCode(t, c.what, err, c.code)
		if err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v does not say %q", c.what, err, c.text)
		}
	}
	late := w.exec(t, "demo", task, "web", "sh")
	clock.move(2 * time.Minute)
	if _, _, err := attach(t, late.Session, nil); err == nil {
		t.Error("a session waits for ever")
	}
}
