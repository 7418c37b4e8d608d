package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
)

// psOptions are those of `ecs-tui ps`.
type psOptions struct {
	*factory
	Dir          string
	All, Stopped bool
}

func newPsCmd(f *factory) *cobra.Command {
	o := &psOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "ps [DIR]",
		Short: "List tasks",
		Long:  "Lists the tasks of the app's service, or of --service; without an app, or with --all, every task of the cluster.",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runPs(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVarP(&o.All, "all", "a", false, "every task of the cluster")
	cmd.Flags().BoolVar(&o.Stopped, "stopped", false, "the tasks that stopped, with the reason")
	return cmd
}

func runPs(ctx context.Context, o *psOptions) error {
	return o.inCluster(ctx, o.Dir, func(s *session, cluster string) error { return o.run(ctx, s, cluster) })
}

func (o *psOptions) run(ctx context.Context, s *session, cluster string) error {
	var err error
	q := backend.TaskQuery{Cluster: cluster, Stopped: o.Stopped}
	if !o.All && s.hasService() {
		if q.Service, err = s.service(); err != nil {
			return err
		}
	}
	tasks, err := listTasks(ctx, s.backend, q)
	if err != nil {
		return err
	}
	if o.flags.json() {
		return printJSON(o.io.Out, psDocument{s.cfg.Backend, cluster, taskSummaries(tasks)})
	}
	if len(tasks) == 0 {
		_, err := fmt.Fprintln(o.io.Out, "no tasks")
		return err
	}
	return printTasks(o, tasks)
}

// listTasks reads every task that q selects.
func listTasks(ctx context.Context, b backend.TaskReader, q backend.TaskQuery) ([]backend.Task, error) {
	var tasks []backend.Task
	req := backend.PageRequest{Size: 100}
	for {
		page, err := b.ListTasks(ctx, q, req)
		if err != nil {
			return nil, err
		}
		if len(page.Items) > 0 {
			found, err := b.DescribeTasks(ctx, q.Cluster, page.Items)
			if err != nil {
				return nil, err
			}
			tasks = append(tasks, found...)
		}
		if page.Next == "" {
			return tasks, nil
		}
		req.Token = page.Next
	}
}

func printTasks(o *psOptions, tasks []backend.Task) error {
	heads := []string{"TASK", "SERVICE", "REVISION", "STATUS", "HEALTH", "PORTS", "STARTED"}
	if o.Stopped {
		heads = []string{"TASK", "SERVICE", "REVISION", "STATUS", "EXIT", "STOPPED", "REASON"}
	}
	var rows [][]string
	for _, t := range tasks {
		row := []string{backend.ShortID(t.ARN), cmp.Or(t.Service, "–"), backend.ShortName(t.TaskDefinition), t.LastStatus}
		if o.Stopped {
			row = append(row, exitCodes(t), ago(o.clock.Now(), t.StoppedAt), whyStopped(t))
		} else {
			row = append(row, cmp.Or(t.Health, backend.HealthUnknown), ports(t), ago(o.clock.Now(), t.StartedAt))
		}
		rows = append(rows, row)
	}
	return printTable(o.io.Out, heads, nil, rows)
}

// ports are where the host listens: "127.0.0.1:49153→8080".
func ports(t backend.Task) string {
	var out []string
	for _, c := range t.Containers {
		for _, p := range c.Ports {
			out = append(out, fmt.Sprintf("%s:%d→%d", cmp.Or(p.HostIP, "0.0.0.0"), p.HostPort, p.ContainerPort))
		}
	}
	return cmp.Or(strings.Join(out, " "), "–")
}

// exitCodes are the exit codes of the containers that have one.
func exitCodes(t backend.Task) string {
	var out []string
	for _, c := range t.Containers {
		if c.ExitCode != nil {
			out = append(out, fmt.Sprint(*c.ExitCode))
		}
	}
	return cmp.Or(strings.Join(out, ","), "–")
}

// whyStopped is the task's reason, with the containers' own.
func whyStopped(t backend.Task) string {
	reasons := []string{t.StoppedReason}
	for _, c := range t.Containers {
		if c.Reason != "" {
			reasons = append(reasons, c.Name+": "+c.Reason)
		}
	}
	return strings.TrimPrefix(strings.Join(reasons, "; "), "; ")
}

// The documents of `ps -o json`.
type (
	psDocument struct {
		Backend string        `json:"backend"`
		Cluster string        `json:"cluster"`
		Tasks   []taskSummary `json:"tasks"`
	}
	taskSummary struct {
		ID             string             `json:"id"`
		ARN            string             `json:"arn"`
		Service        string             `json:"service,omitempty"`
		TaskDefinition string             `json:"taskDefinition"`
		LastStatus     string             `json:"lastStatus"`
		DesiredStatus  string             `json:"desiredStatus"`
		Health         string             `json:"healthStatus"`
		StopCode       string             `json:"stopCode,omitempty"`
		StoppedReason  string             `json:"stoppedReason,omitempty"`
		StartedAt      *time.Time         `json:"startedAt,omitempty"`
		StoppedAt      *time.Time         `json:"stoppedAt,omitempty"`
		Containers     []containerSummary `json:"containers"`
	}
	containerSummary struct {
		Name       string        `json:"name"`
		Image      string        `json:"image"`
		LastStatus string        `json:"lastStatus"`
		Health     string        `json:"healthStatus,omitempty"`
		ExitCode   *int          `json:"exitCode,omitempty"`
		Reason     string        `json:"reason,omitempty"`
		Ports      []portSummary `json:"ports,omitempty"`
	}
	portSummary struct {
		ContainerPort int    `json:"containerPort"`
		HostPort      int    `json:"hostPort"`
		HostIP        string `json:"hostIp,omitempty"`
		Protocol      string `json:"protocol,omitempty"`
	}
)

func taskSummaries(tasks []backend.Task) []taskSummary {
	out := []taskSummary{}
	for _, t := range tasks {
		sum := taskSummary{
			ID: t.ID(), ARN: t.ARN, Service: t.Service, TaskDefinition: backend.ShortName(t.TaskDefinition),
			LastStatus: t.LastStatus, DesiredStatus: t.DesiredStatus, Health: cmp.Or(t.Health, backend.HealthUnknown),
			StopCode: t.StopCode, StoppedReason: t.StoppedReason,
			StartedAt: moment(t.StartedAt), StoppedAt: moment(t.StoppedAt), Containers: []containerSummary{},
		}
		for _, c := range t.Containers {
			cs := containerSummary{Name: c.Name, Image: c.Image, LastStatus: c.LastStatus, Health: c.Health, ExitCode: c.ExitCode, Reason: c.Reason}
			for _, p := range c.Ports {
				cs.Ports = append(cs.Ports, portSummary{p.ContainerPort, p.HostPort, p.HostIP, p.Protocol})
			}
			sum.Containers = append(sum.Containers, cs)
		}
		out = append(out, sum)
	}
	return out
}

// moment is nil for a moment that has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
