package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// statusOptions are those of `ecs-tui status`.
type statusOptions struct {
	*factory
	Dir    string
	All    bool
	Events int
}

func newStatusCmd(f *factory) *cobra.Command {
	o := &statusOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "status [DIR]",
		Short: "Show the services of the cluster, or one service",
		Long:  "Shows the app's service, or the one of --service, with its deployments and last events; without an app, or with --all, every service of the cluster.",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runStatus(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVarP(&o.All, "all", "a", false, "every service of the cluster")
	cmd.Flags().IntVar(&o.Events, "events", 5, "how many of a service's events to show")
	return cmd
}

func runStatus(ctx context.Context, o *statusOptions) error {
	s, err := o.openNoted(ctx, o.Dir)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	if !o.All && s.hasService() {
		service, cluster, err := s.describeService(ctx)
		if err != nil {
			return err
		}
		if o.flags.json() {
			return printJSON(o.io.Out, statusOf(s, cluster, []backend.Service{service}))
		}
		current, err := s.goingOn(ctx, service)
		if err != nil {
			return err
		}
		return printService(o, service, current, s.commands(cluster))
	}
	cluster, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	services, err := listServices(ctx, s.backend, cluster)
	if err != nil {
		return err
	}
	if o.flags.json() {
		return printJSON(o.io.Out, statusOf(s, cluster, services))
	}
	if len(services) == 0 {
		_, err := fmt.Fprintf(o.io.Out, "no services in cluster %s; ecs-tui deploy creates one\n", cluster)
		return err
	}
	return printServices(o, services)
}

// listServices reads every service of a cluster.
func listServices(ctx context.Context, b backend.ServiceReader, cluster string) ([]backend.Service, error) {
	var services []backend.Service
	req := backend.PageRequest{Size: 100}
	for {
		page, err := b.ListServices(ctx, cluster, req)
		if err != nil {
			return nil, err
		}
		for len(page.Items) > 0 {
			n := min(10, len(page.Items))
			found, err := b.DescribeServices(ctx, cluster, page.Items[:n])
			if err != nil {
				return nil, err
			}
			services = append(services, found...)
			page.Items = page.Items[n:]
		}
		if page.Next == "" {
			return services, nil
		}
		req.Token = page.Next
	}
}

func printServices(o *statusOptions, services []backend.Service) error {
	var rows [][]string
	for _, s := range services {
		sign, word := serviceState(s, nil)
		primary, _ := s.Primary()
		rows = append(rows, []string{
			sign + " " + s.Name, word, fmt.Sprintf("%d/%d", s.Running, s.Desired),
			backend.ShortName(s.TaskDefinition), ago(o.clock.Now(), primary.CreatedAt),
		})
	}
	return printTable(o.io.Out, []string{"  SERVICE", "STATE", "TASKS", "REVISION", "LAST DEPLOYMENT"}, map[int]bool{2: true}, rows)
}

// goingOn is the service deployment that has not ended; nil for none.
func (s *session) goingOn(ctx context.Context, service backend.Service) (*backend.ServiceDeployment, error) {
	if service.Current == "" {
		return nil, nil
	}
	found, err := s.backend.DescribeServiceDeployments(ctx, []string{service.Current})
	if err != nil || len(found) == 0 || found[0].Status.Ended() {
		return nil, err
	}
	return &found[0], nil
}

func printService(o *statusOptions, s backend.Service, current *backend.ServiceDeployment, command func(...string) string) error {
	sign, word := serviceState(s, current)
	fmt.Fprintf(o.io.Out, "%s %s  %s  %d of %s running  %s\n", sign, s.Name, word, s.Running, plural(s.Desired, "task"), backend.ShortName(s.TaskDefinition))
	if why := s.Foreign(); why != "" {
		fmt.Fprintf(o.io.Out, "  %s\n", why)
	}
	if current != nil {
		fmt.Fprintf(o.io.Out, "  %s\n", rolloutLine(deploy.RolloutProgress{Deployment: *current}))
		if hook, waits := current.Waiting(); waits {
			for _, line := range pausedLines(deploy.Paused{Deployment: *current, Hook: hook, Advice: deploy.AnswerAdvice(command, s.Name)}) {
				fmt.Fprintf(o.io.Out, "  %s\n", line)
			}
		}
	}
	var rows [][]string
	for _, d := range s.Deployments {
		rows = append(rows, []string{
			d.Status, d.Rollout, backend.ShortName(d.TaskDefinition),
			fmt.Sprint(d.Desired), fmt.Sprint(d.Pending), fmt.Sprint(d.Running), fmt.Sprint(d.Failed),
			ago(o.clock.Now(), d.CreatedAt), d.RolloutReason,
		})
	}
	if len(rows) > 0 {
		fmt.Fprintln(o.io.Out)
		heads := []string{"DEPLOYMENT", "ROLLOUT", "REVISION", "DESIRED", "PENDING", "RUNNING", "FAILED", "STARTED", "REASON"}
		if err := printTable(o.io.Out, heads, map[int]bool{3: true, 4: true, 5: true, 6: true}, rows); err != nil {
			return err
		}
	}
	events := s.Events[:min(max(o.Events, 0), len(s.Events))]
	if len(events) > 0 {
		fmt.Fprintln(o.io.Out)
	}
	for i := len(events) - 1; i >= 0; i-- {
		fmt.Fprintf(o.io.Out, "%s %s\n", events[i].At.Local().Format(time.TimeOnly), events[i].Message)
	}
	return nil
}

// The documents of `status -o json`.
type (
	statusDocument struct {
		Backend  string           `json:"backend"`
		Cluster  string           `json:"cluster"`
		Services []serviceSummary `json:"services"`
	}
	serviceSummary struct {
		Name           string              `json:"name"`
		ARN            string              `json:"arn"`
		State          string              `json:"state"`
		Status         string              `json:"status"`
		TaskDefinition string              `json:"taskDefinition"`
		Desired        int                 `json:"desired"`
		Paused         int                 `json:"paused,omitempty"` // tasks that it comes back with
		Running        int                 `json:"running"`
		Pending        int                 `json:"pending"`
		Deployments    []deploymentSummary `json:"deployments"`
		Events         []eventSummary      `json:"events"`
	}
	deploymentSummary struct {
		ID             string    `json:"id"`
		Status         string    `json:"status"`
		Rollout        string    `json:"rolloutState"`
		Reason         string    `json:"rolloutStateReason,omitempty"`
		TaskDefinition string    `json:"taskDefinition"`
		Desired        int       `json:"desired"`
		Pending        int       `json:"pending"`
		Running        int       `json:"running"`
		Failed         int       `json:"failed"`
		CreatedAt      time.Time `json:"createdAt"`
	}
	eventSummary struct {
		At      time.Time `json:"at"`
		Message string    `json:"message"`
	}
)

func statusOf(s *session, cluster string, services []backend.Service) statusDocument {
	doc := statusDocument{Backend: s.cfg.Backend, Cluster: cluster, Services: []serviceSummary{}}
	for _, svc := range services {
		_, word := serviceState(svc, nil)
		sum := serviceSummary{
			Name: svc.Name, ARN: svc.ARN, State: word, Status: svc.Status, TaskDefinition: backend.ShortName(svc.TaskDefinition),
			Desired: svc.Desired, Running: svc.Running, Pending: svc.Pending,
			Deployments: []deploymentSummary{}, Events: []eventSummary{},
		}
		sum.Paused, _ = svc.Paused()
		for _, d := range svc.Deployments {
			sum.Deployments = append(sum.Deployments, deploymentSummary{
				d.ID, d.Status, d.Rollout, d.RolloutReason, backend.ShortName(d.TaskDefinition),
				d.Desired, d.Pending, d.Running, d.Failed, d.CreatedAt,
			})
		}
		for _, e := range svc.Events {
			sum.Events = append(sum.Events, eventSummary{e.At, e.Message})
		}
		doc.Services = append(doc.Services, sum)
	}
	return doc
}
