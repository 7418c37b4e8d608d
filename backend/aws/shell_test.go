package aws_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// taskOf is a running task of a service of the demo.
func taskOf(t *testing.T, b backend.Backend, service string) string {
	t.Helper()
	page, err := b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: service}, backend.PageRequest{})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("%v, %v", page, err)
	}
	return page.Items[0]
}

func shell(ctx context.Context, b backend.Backend, task, container string, in io.Reader, command ...string) (code int, out string, err error) {
	var text bytes.Buffer
	code, err = b.Shell(ctx, backend.ShellRequest{Cluster: "demo", Task: task, Container: container, Command: command, In: in, Out: &text})
	return code, text.String(), err
}

// A shell through ECS Exec, as a pipe sees it: the terminal's line ends are
// gone, the end of input ends it, arguments arrive as they were given.
func TestShellInAPipe(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	task := taskOf(t, b, "web")
	code, out, err := shell(t.Context(), b, task, "web", strings.NewReader("id\nfalse\n"))
	if err != nil || code != 1 || !strings.Contains(out, "uid=1000(app) gid=1000(app)\n") || strings.Contains(out, "\r") {
		t.Errorf("code %d, %v, it wrote %q", code, err, out)
	}
	code, out, err = shell(t.Context(), b, task, "web", nil, "echo", "it's", "", "$HOME")
	if err != nil || code != 0 || !strings.Contains(out, "it's") || !strings.Contains(out, "$HOME") {
		t.Errorf("code %d, %v, it wrote %q", code, err, out)
	}
}

// Each reason for which ECS Exec does not work is told apart, with the remedy.
func TestShellRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		service, container, task string
		fault                    *ecsapi.Fault
		change                   func(task map[string]any) // what DescribeTasks gives
		kind                     backend.Kind
		words                    []string
	}{
		"switched off": {
			service: "thumbnails", kind: backend.Conflict,
			words: []string{"ECS Exec was off", "--cluster demo --service thumbnails --enable-execute-command --force-new-deployment"},
		},
		"an agent that stopped": {
			service: "web", container: "web", kind: backend.Conflict,
			fault:  &ecsapi.Fault{Code: "InvalidParameterException", Message: "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running."},
			change: agents("STOPPED", "the agent \x1b[31mcrashed"),
			words:  []string{"agent for ECS Exec in the container is STOPPED: the agent", "crashed", "ssmmessages:CreateControlChannel", "ssmmessages.eu-west-1.amazonaws.com"},
		},
		"an agent that is not there yet": {
			service: "web", container: "web", kind: backend.Conflict,
			fault:  &ecsapi.Fault{Code: "TargetNotConnectedException", Message: "The execute command failed due to an internal error. Try again later."},
			change: agents("RUNNING", ""),
			words:  []string{"not connected", "wait some seconds"},
		},
		"denied": {
			service: "web", container: "web", kind: backend.Denied,
			fault: &ecsapi.Fault{Code: "AccessDeniedException", Message: "User: arn:aws:iam::1:user/x is not authorized to perform: ecs:ExecuteCommand on resource: arn:aws:ecs:eu-west-1:1:task/demo/* because no identity-based policy allows it"},
			words: []string{"needs ecs:ExecuteCommand on arn:aws:ecs:eu-west-1:1:task/demo/*"},
		},
		"which container":   {service: "web", kind: backend.Invalid, words: []string{"several containers: ", "proxy", "web", "name one"}},
		"no such container": {service: "web", container: "nobody", kind: backend.NotFound, words: []string{"no container nobody"}},
		"no such task":      {task: strings.Repeat("0", 32), container: "web", kind: backend.NotFound, words: []string{"does not exist"}},
		"a stopped task": {
			service: "web", container: "web", kind: backend.Conflict,
			fault:  &ecsapi.Fault{Code: "InvalidParameterException", Message: "The task is not running."},
			change: func(task map[string]any) { task["lastStatus"] = "DEPROVISIONING" },
			words:  []string{"DEPROVISIONING, not RUNNING"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := quiet(t)
			b := connect(t, changing(t, w.url, c.change), nil)
			if c.task == "" {
				c.task = taskOf(t, b, c.service)
			}
			if c.fault != nil {
				c.fault.Action, c.fault.Status = "ecs:ExecuteCommand", http.StatusBadRequest
				w.faults.Inject(*c.fault)
			}
			_, _, err := shell(t.Context(), b, c.task, c.container, nil, "true")
			says(t, err, c.kind, c.words...)
		})
	}
}

// agents gives every container of a task an agent for ECS Exec in a state.
func agents(status, reason string) func(map[string]any) {
	return func(task map[string]any) {
		for _, c := range task["containers"].([]any) {
			c.(map[string]any)["managedAgents"] = []any{map[string]any{"name": "ExecuteCommandAgent", "lastStatus": status, "reason": reason}}
		}
	}
}

// changing stands between the client and the endpoint, and changes the tasks
// that DescribeTasks gives.
func changing(t *testing.T, endpoint string, change func(map[string]any)) string {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(r *http.Response) error {
		if change == nil || !strings.HasSuffix(r.Request.Header.Get("X-Amz-Target"), ".DescribeTasks") {
			return nil
		}
		var tree map[string]any
		if err := json.NewDecoder(r.Body).Decode(&tree); err != nil {
			return err
		}
		for _, task := range tree["tasks"].([]any) {
			change(task.(map[string]any))
		}
		body, err := json.Marshal(tree)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", fmt.Sprint(len(body)))
		return err
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// The key of an encrypted session comes from KMS, for this session and this
// container only. (How the session goes on with it is datachannel's to test.)
func TestKeyOfAnEncryptedSession(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	plain := bytes.Repeat([]byte("k"), 64)
	var asked map[string]any
	denied := false
	kms := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "TrentService.GenerateDataKey" {
			proxyTo(w.url, rw, r)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if denied {
			rw.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(rw, `{"__type":"AccessDeniedException","message":"User: x is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:1:key/k because no policy allows it"}`)
			return
		}
		fmt.Fprintf(rw, `{"KeyId":"k","Plaintext":%q,"CiphertextBlob":"c2VhbGVk"}`, base64.StdEncoding.EncodeToString(plain))
	}))
	t.Cleanup(kms.Close)
	b := connect(t, kms.URL, nil)
	task := taskOf(t, b, "web")
	req := backend.ShellRequest{Cluster: "demo", Task: task, Container: "web"}
	key, sealed, err := b.DataKey(t.Context(), "arn:aws:kms:eu-west-1:1:key/k", "demo", req, "ecs-execute-command-1")
	if err != nil || !bytes.Equal(key, plain) || string(sealed) != "sealed" {
		t.Fatalf("%q, %q, %v", key, sealed, err)
	}
	found, err := b.DescribeTasks(t.Context(), "demo", []string{task})
	if err != nil {
		t.Fatal(err)
	}
	runtime := ""
	for _, c := range found[0].Containers {
		if c.Name == "web" {
			runtime = c.RuntimeID
		}
	}
	want := map[string]any{"aws:ssm:SessionId": "ecs-execute-command-1", "aws:ssm:TargetId": "ecs:demo_" + found[0].ID() + "_" + runtime}
	if context, _ := asked["EncryptionContext"].(map[string]any); !maps.Equal(context, want) || runtime == "" {
		t.Errorf("the context is %v, want %v", asked["EncryptionContext"], want)
	}
	denied = true
	_, _, err = b.DataKey(t.Context(), "k", "demo", req, "s")
	says(t, err, backend.Denied, "needs kms:GenerateDataKey on arn:aws:kms:eu-west-1:1:key/k")
}

func proxyTo(endpoint string, w http.ResponseWriter, r *http.Request) {
	to, err := url.Parse(endpoint)
	if err != nil {
		panic(err) // a mistake in the test
	}
	httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
}

// Read-only refuses it here as everywhere.
func TestShellReadOnly(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := backend.ReadOnly(connect(t, w.url, func(*aws.Options) {}))
	_, _, err := shell(t.Context(), b, taskOf(t, b, "web"), "web", nil, "true")
	says(t, err, backend.Denied, "read-only")
	if n := w.faults.Calls()["ecs:ExecuteCommand"]; n != 0 {
		t.Errorf("%d sessions were opened", n)
	}
}

// screenOf is a terminal that can be looked at while it is written to.
type screenOf struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screenOf) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// until waits for a text that is shown so many times.
func (s *screenOf) until(t *testing.T, text string, times int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		n := strings.Count(s.text.String(), text)
		s.mu.Unlock()
		if n >= times {
			return
		}
	}
	t.Fatalf("%q is not there %d times: %q", text, times, s.text.String())
}

// A shell whose connection breaks comes back, with what runs in it.
func TestShellComesBack(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	task := taskOf(t, b, "web")
	keys, typed := io.Pipe()
	defer typed.Close()
	screen, notes := &screenOf{}, &screenOf{}
	done := make(chan error, 1)
	go func() {
		code, err := b.Shell(t.Context(), backend.ShellRequest{
			Cluster: "demo", Task: task, Container: "web", Command: []string{"sh"}, TTY: true, In: keys, Out: screen, Err: notes,
		})
		if err == nil && code != 3 {
			err = fmt.Errorf("exit code %d", code)
		}
		done <- err
	}()
	fmt.Fprint(typed, "id\r")
	screen.until(t, "uid=1000(app)", 1)
	clear := w.faults.Inject(ecsapi.Broken("ssm:ResumeSession"))
	if n := w.faults.Cut(); n != 1 {
		t.Fatalf("%d connections were cut", n)
	}
	notes.until(t, "trying to get it back", 1)
	go fmt.Fprint(typed, "id\r") // typed while there is no connection
	clear()
	screen.until(t, "uid=1000(app)", 2)
	notes.until(t, "connected again", 1)
	w.faults.Cut()
	fmt.Fprint(typed, "exit 3\r")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := w.faults.Calls()["ecs:ExecuteCommand"]; n != 1 {
		t.Errorf("%d sessions were opened", n)
	}
}

// A shell whose connection breaks, and that may not be resumed, ends and says
// what is missing.
func TestShellMayNotComeBack(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	task := taskOf(t, b, "web")
	w.faults.Inject(ecsapi.Denied("ssm:ResumeSession", "arn:aws:ssm:eu-west-1:123456789012:session/ecs-execute-command-1"))
	keys, typed := io.Pipe()
	defer typed.Close()
	screen := &screenOf{}
	done := make(chan error, 1)
	go func() {
		_, err := b.Shell(t.Context(), backend.ShellRequest{Cluster: "demo", Task: task, Container: "web", Command: []string{"sh"}, TTY: true, In: keys, Out: screen})
		done <- err
	}()
	fmt.Fprint(typed, "id\r")
	screen.until(t, "uid=1000(app)", 1)
	w.faults.Cut()
	says(t, <-done, backend.Unreachable, "broke off", "may not be resumed", "open the shell again", "ssm:ResumeSession")
}
