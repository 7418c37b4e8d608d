//go:build unix

package main

import (
	"net/http/httptest"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// TestShellWhoseConnectionBreaks: it comes back by itself where it may, and
// where it may not it ends with what to do, and the terminal as it was.
func TestShellWhoseConnectionBreaks(t *testing.T) {
	world := demo.New(demo.Options{Quiet: true})
	t.Cleanup(func() { world.Close() })
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{}), nil)
	server := httptest.NewServer(faults)
	t.Cleanup(server.Close)
	atAWS(t, server.URL)
	tasks, err := world.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
	if err != nil || len(tasks.Items) == 0 {
		t.Fatal(tasks, err)
	}
	term := inTerminal(t, t.TempDir(), "shell", backend.ShortID(tasks.Items[0]), "--backend", "aws", "--cluster", "demo")
	see(t, term, "/app #")
	press(t, term, "i", "d", "enter")
	see(t, term, "uid=1000(app)")
	clear := faults.Inject(ecsapi.Broken("ssm:ResumeSession"))
	faults.Cut()
	see(t, term, "trying to get it back")
	clear()
	see(t, term, "connected again")
	press(t, term, "p", "w", "d", "enter")
	see(t, term, "pwd")
	faults.Inject(ecsapi.Denied("ssm:ResumeSession", "*"))
	faults.Cut()
	see(t, term, "may not be resumed")
	see(t, term, "ssm:ResumeSession")
	ends(t, term, exitError)
}
