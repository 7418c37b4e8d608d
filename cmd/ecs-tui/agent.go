package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend/docker"
)

// newAgentCmd groups what can be done with the local engine's agent.
func newAgentCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "The agent of the local engine, which keeps services running",
		Long: "On the local engine, an agent in the background keeps services as they are wanted. The first change starts it, " +
			"and it ends by itself when nothing is left to keep. There is one for each engine.",
		Args: maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "status", Short: "Say whether the agent runs, and what it keeps", Args: maxArgs(0),
			RunE: func(cmd *cobra.Command, _ []string) error { return runAgentStatus(cmd.Context(), f) },
		},
		&cobra.Command{
			Use: "stop", Short: "End the agent; what it keeps runs on, unwatched", Args: maxArgs(0),
			RunE: func(cmd *cobra.Command, _ []string) error { return runAgentStop(cmd.Context(), f) },
		},
		&cobra.Command{
			Use: "run", Short: "Be the agent, until it is stopped or nothing is left to keep", Args: maxArgs(0),
			RunE: func(cmd *cobra.Command, _ []string) error { return runAgent(cmd.Context(), f) },
		},
	)
	return cmd
}

// agentSettings are how the agent opens its engine. They know no app and no
// environment: there is one agent for all of them, and it runs in no folder, but
// with the variables of whoever's change started it.
func (f *factory) agentSettings() docker.Settings {
	return docker.Settings{Options: dockerOptions(f, f.paths(""))}
}

// openLocal opens the local backend without starting an agent for it.
func (f *factory) openLocal(ctx context.Context) (*docker.Backend, error) {
	return docker.New(ctx, f.agentSettings())
}

func runAgentStatus(ctx context.Context, f *factory) error {
	b, err := f.openLocal(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	st, err := b.AgentStatus(ctx)
	if err != nil {
		return err
	}
	if f.flags.json() {
		doc := map[string]any{"running": st.Running, "services": st.Services, "tasks": st.Tasks, "schedules": st.Schedules, "state": st.State}
		if st.Running {
			doc["pid"], doc["since"] = st.PID, st.Since.UTC().Format(time.RFC3339)
		}
		return printJSON(f.io.Out, doc)
	}
	keeps := plural(st.Services, "service") + ", " + plural(st.Tasks, "task")
	if st.Schedules > 0 {
		keeps += ", " + plural(st.Schedules, "schedule")
	}
	if !st.Running {
		_, err = fmt.Fprintf(f.io.Out, "no agent runs; to keep: %s; state in %s\n", keeps, st.State)
		return err
	}
	_, err = fmt.Fprintf(f.io.Out, "the agent runs as process %d for %s; it keeps %s; state in %s\n",
		st.PID, f.clock.Now().Sub(st.Since).Round(time.Second), keeps, st.State)
	return err
}

func runAgentStop(ctx context.Context, f *factory) error {
	b, err := f.openLocal(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	st, err := b.AgentStatus(ctx)
	if err != nil {
		return err
	}
	if st.Running {
		if err := b.StopAgent(ctx); err != nil {
			return err
		}
	}
	if f.flags.json() {
		return printJSON(f.io.Out, map[string]any{"stopped": st.Running, "services": st.Services, "tasks": st.Tasks})
	}
	if !st.Running {
		_, err = fmt.Fprintln(f.io.Out, "no agent runs")
		return err
	}
	fmt.Fprintf(f.io.Out, "the agent has ended; %s and %s run on unwatched, and the next change starts it again\n",
		plural(st.Services, "service"), plural(st.Tasks, "task"))
	if st.Schedules > 0 {
		fmt.Fprintf(f.io.Out, "until then, no schedule runs: %s\n", plural(st.Schedules, "schedule"))
	}
	return nil
}

func runAgent(ctx context.Context, f *factory) error {
	set := f.agentSettings()
	log, closeLog := openAgentLog(f.paths(""))
	defer func() { _ = closeLog() }()
	set.Log = log
	log.Info("the agent begins")
	err := docker.RunAgent(ctx, set)
	log.Info("the agent ends", "err", err)
	return err
}
