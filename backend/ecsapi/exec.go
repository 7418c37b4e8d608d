package ecsapi

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/shlex"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/datachannel"
)

// ECS Exec: ExecuteCommand opens a session, and the client attaches a terminal
// to it over a websocket, with the token that it got. In the cloud that socket
// is Systems Manager's, and an agent in the container at its other end; here
// both are this handler, and the command runs in [backend.Shell].

const (
	// channelPath is where sessions are attached to, as in Systems Manager.
	channelPath = "/v1/data-channel/"
	// A session waits this long for its terminal, and so many wait at a time.
	sessionWaits = time.Minute
	mostWaiting  = 1000
	// sessionStays is how long what runs in a session goes on without a terminal
	// whose connection broke. Systems Manager waits for its idle timeout instead.
	sessionStays = time.Minute
)

// execSessions are the sessions that nobody has attached to yet, and those that
// go on.
type execSessions struct {
	mu      sync.Mutex
	waiting map[string]execSession  // by id
	live    map[string]*liveSession // by id
}

type execSession struct {
	token string
	until time.Time
	shell backend.ShellRequest
}

// liveSession is a session whose command runs. token is that of whoever comes
// back to it next, "" while nobody may.
type liveSession struct {
	token  string
	rejoin *datachannel.Rejoin
}

// open makes a session that waits for its terminal.
func (s *execSessions) open(now time.Time, shell backend.ShellRequest) (id, token string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, other := range s.waiting {
		if now.After(other.until) {
			delete(s.waiting, id)
		}
	}
	if len(s.waiting) >= mostWaiting {
		return "", "", failf(http.StatusBadRequest, "ThrottlingException", "Rate exceeded: %d sessions wait for a terminal", mostWaiting)
	}
	id, token = "ecs-execute-command-"+strings.ToLower(rand.Text()[:17]), rand.Text()+rand.Text()
	if s.waiting == nil {
		s.waiting = map[string]execSession{}
	}
	s.waiting[id] = execSession{token, now.Add(sessionWaits), shell}
	return id, token, nil
}

// take gives a session to whoever has its token, once.
func (s *execSessions) take(now time.Time, id, token string) (backend.ShellRequest, *datachannel.Rejoin, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.waiting[id]
	if !ok || now.After(found.until) || !same(token, found.token) {
		return backend.ShellRequest{}, nil, false
	}
	delete(s.waiting, id)
	if s.live == nil {
		s.live = map[string]*liveSession{}
	}
	rejoin := datachannel.NewRejoin(sessionStays)
	s.live[id] = &liveSession{rejoin: rejoin}
	return found.shell, rejoin, true
}

// resume gives a session that goes on another token, for one connection.
func (s *execSessions) resume(id string) (token string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.live[id]
	if !ok {
		return "", false
	}
	found.token = rand.Text() + rand.Text()
	return found.token, true
}

// back is a session for whoever comes back to it with its newest token.
func (s *execSessions) back(id, token string) (*datachannel.Rejoin, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.live[id]
	if !ok || found.token == "" || !same(token, found.token) {
		return nil, false
	}
	found.token = ""
	return found.rejoin, true
}

func (s *execSessions) over(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, id)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

type executeCommandInput struct {
	Cluster     string `json:"cluster"`
	Task        string `json:"task"`
	Container   string `json:"container"`
	Command     string `json:"command"`
	Interactive bool   `json:"interactive"`
}

// notEnabled is ECS's sentence for a task that can't be reached into.
const notEnabled = "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again."

func (h *Handler) executeCommand(ctx context.Context, c *call) (any, error) {
	var in executeCommandInput
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	if why := h.b.Unsupported(backend.CanShell); why != "" {
		return nil, failf(http.StatusBadRequest, "AccessDeniedException", "%s", why)
	}
	command, err := shlex.Split(in.Command)
	switch {
	case err != nil:
		return nil, invalidf("command: %v.", err)
	case len(command) == 0:
		return nil, invalidf("Command cannot be empty.")
	case !in.Interactive:
		return nil, invalidf("Interactive is the only mode supported currently.")
	case in.Task == "":
		return nil, invalidf("Task cannot be empty.")
	}
	task, container, err := h.execTarget(ctx, in)
	if err != nil {
		return nil, err
	}
	id, token, err := h.sessions.open(h.clock.Now(), backend.ShellRequest{
		Cluster: in.Cluster, Task: task.ARN, Container: container, Command: command, TTY: true,
	})
	if err != nil {
		return nil, err
	}
	return obj{
		"clusterArn": sibling(task.ARN, "cluster", task.Cluster), "taskArn": task.ARN, "interactive": true,
		"containerArn": sibling(task.ARN, "container", task.Cluster, task.ID(), container), "containerName": container,
		"session": obj{
			"sessionId": id, "tokenValue": token,
			"streamUrl": c.channel(id),
		},
	}, nil
}

// channel is the address of a session's channel at this endpoint.
func (c *call) channel(id string) string {
	scheme := map[string]string{"http": "ws", "https": "wss"}[c.scheme]
	return fmt.Sprintf("%s://%s%s%s?role=publish_subscribe", scheme, c.host, channelPath, id)
}

// ssm are the operations of Systems Manager that ECS Exec's sessions need.
func (h *Handler) ssm() map[string]operation {
	return map[string]operation{"ResumeSession": h.resumeSession}
}

// resumeSession gives a session whose connection broke another token.
func (h *Handler) resumeSession(_ context.Context, c *call) (any, error) {
	var in struct {
		ID string `json:"SessionId"`
	}
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	token, ok := h.sessions.resume(in.ID)
	if !ok {
		return nil, failf(http.StatusBadRequest, "DoesNotExistException", "Session %s does not exist.", backend.Clean(in.ID))
	}
	return obj{"SessionId": in.ID, "TokenValue": token, "StreamUrl": c.channel(in.ID)}, nil
}

// execTarget finds the container that is meant, and refuses what ECS refuses.
func (h *Handler) execTarget(ctx context.Context, in executeCommandInput) (backend.Task, string, error) {
	found, err := h.b.DescribeTasks(ctx, in.Cluster, []string{in.Task})
	if err != nil {
		return backend.Task{}, "", err
	}
	if len(found) == 0 {
		return backend.Task{}, "", invalidf("The referenced task was not found.")
	}
	task := found[0]
	if in.Container == "" && len(task.Containers) == 1 {
		in.Container = task.Containers[0].Name
	}
	for _, c := range task.Containers {
		switch {
		case c.Name != in.Container:
			continue
		case task.ExecOff, task.LastStatus != backend.Running:
			return task, "", invalidf(notEnabled)
		case c.LastStatus != backend.Running:
			return task, "", failf(http.StatusBadRequest, "TargetNotConnectedException", "The execute command failed due to an internal error. Try again later.")
		}
		return task, c.Name, nil
	}
	if in.Container == "" {
		return task, "", invalidf("Container name is required: the task has more than one container.")
	}
	return task, "", invalidf("The specified container was not found in the task: %s.", backend.Clean(in.Container))
}

// attach is the websocket of a session: it runs the session's command on the
// terminal of whoever has the token.
func (h *Handler) attach(w http.ResponseWriter, r *http.Request) {
	agent, token, err := datachannel.Accept(w, r)
	if err != nil {
		return // it was answered
	}
	id := strings.TrimPrefix(r.URL.Path, channelPath)
	if rejoin, ok := h.sessions.back(id, token); ok {
		rejoin.Join(agent)
		return
	}
	shell, rejoin, ok := h.sessions.take(h.clock.Now(), id, token)
	if !ok {
		agent.Refuse("no such session")
		return
	}
	defer h.sessions.over(id)
	agent.Rejoin = rejoin
	// How it ended was told over the channel; there is nobody else to tell.
	_ = agent.Serve(r.Context(), id, func(ctx context.Context, t datachannel.Terminal) (int, error) {
		shell.In, shell.Out, shell.Err, shell.Resize = t.In, t.Out, t.Out, t.Resize
		return h.b.Shell(ctx, shell)
	})
}
