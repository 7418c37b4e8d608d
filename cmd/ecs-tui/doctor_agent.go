package main

import (
	"context"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend/docker"
)

// agentCheck says whether the local engine's agent runs where it must: it is
// what keeps services running.
func agentCheck(ctx context.Context, f *factory) check {
	b, err := f.openLocal(ctx)
	if err != nil {
		return failed("agent", checkProblem, err, "")
	}
	defer b.Close()
	st, err := b.AgentStatus(ctx)
	if err != nil {
		return failed("agent", checkProblem, err, "")
	}
	return agentState(st)
}

func agentState(st docker.AgentStatus) check {
	keeps := plural(st.Services, "service") + " and " + plural(st.Tasks, "task")
	switch {
	case st.Running:
		return check{Name: "agent", Result: checkOK, Detail: fmt.Sprintf("runs as process %d, keeps %s", st.PID, keeps)}
	case st.Services > 0 || st.Tasks > 0:
		return check{"agent", checkWarning, keeps + " run unwatched", "ecs-tui status starts the agent again; why it ended is in agent.log, beside the state"}
	default:
		return check{Name: "agent", Result: checkOK, Detail: "not needed: there is nothing to keep"}
	}
}
