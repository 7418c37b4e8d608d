package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logStream is where one container of one task writes to.
type logStream struct {
	region, group string
	prefix        string // up to the task: "ecs/app/"
	task          string // id
	container     string
}

func (s logStream) name() string { return s.prefix + s.task }

// logSet is what a query is about at one moment.
type logSet struct {
	streams   map[string]logStream // by region, group and stream name
	tasks     map[string]bool      // ids
	from      time.Time            // when the first of the tasks was made
	elsewhere []string             // containers whose lines cannot be read here, and where they are
	container bool                 // a container of the asked name exists
}

// logTasks are the tasks of a query: a service's, running and stopped, or those
// that it names.
func (b *Backend) logTasks(ctx context.Context, q backend.LogQuery) ([]backend.Task, error) {
	const op = "Logs"
	arns := q.Tasks
	if q.Service != "" {
		arns = nil
		for _, stopped := range []bool{false, true} {
			list := func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
				return b.ListTasks(ctx, backend.TaskQuery{Cluster: q.Cluster, Service: q.Service, Stopped: stopped}, p)
			}
			for arn, err := range backend.All(ctx, list) {
				if err != nil {
					return nil, named(err, op, q.Service)
				}
				if !slices.Contains(arns, arn) {
					arns = append(arns, arn)
				}
			}
		}
	}
	tasks, err := b.DescribeTasks(ctx, q.Cluster, arns)
	if err != nil {
		return nil, named(err, op, q.Service)
	}
	if q.Service == "" && len(tasks) < len(arns) {
		for _, arn := range arns {
			if !slices.ContainsFunc(tasks, func(t backend.Task) bool { return t.ID() == backend.ShortName(arn) }) {
				return nil, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "the task does not exist, or stopped too long ago")
			}
		}
	}
	return tasks, nil
}

// logSet finds the streams of a query's tasks.
func (b *Backend) logSet(ctx context.Context, q backend.LogQuery) (logSet, error) {
	set := logSet{streams: map[string]logStream{}, tasks: map[string]bool{}}
	tasks, err := b.logTasks(ctx, q)
	if err != nil {
		return set, err
	}
	for _, t := range tasks {
		td, err := b.definition(ctx, t.TaskDefinition)
		if err != nil {
			return set, named(err, "Logs", t.TaskDefinition)
		}
		set.tasks[t.ID()] = true
		if set.from.IsZero() || t.CreatedAt.Before(set.from) {
			set.from = t.CreatedAt
		}
		for _, c := range td.Containers {
			if q.Container == "" || c.Name == q.Container {
				set.container = true
				set.add(t, c)
			}
		}
	}
	if len(tasks) > 0 && !set.container {
		return set, backend.Errorf("Logs", backend.NotFound, backend.Clean(q.Container), "no task has such a container")
	}
	if len(set.streams) == 0 && len(set.elsewhere) > 0 {
		return set, &backend.Error{
			Op: "Logs", Kind: backend.Unsupported, Resource: q.Service, Err: errors.New(strings.Join(set.elsewhere, "; ")),
			Remedy: `to read them here, set "logConfiguration": {"logDriver": "awslogs", …} in the task definition`,
		}
	}
	return set, nil
}

func (set *logSet) add(t backend.Task, c backend.ContainerDefinition) {
	log := c.LogConfiguration
	if log == nil || log.LogDriver != "awslogs" {
		if where := elsewhere(c); !slices.Contains(set.elsewhere, where) {
			set.elsewhere = append(set.elsewhere, where)
		}
		return
	}
	s := logStream{region: log.Options["awslogs-region"], group: log.Options["awslogs-group"], task: t.ID(), container: c.Name}
	if prefix := log.Options["awslogs-stream-prefix"]; prefix != "" {
		s.prefix = prefix + "/" + c.Name + "/"
		set.streams[s.region+" "+s.group+" "+s.name()] = s
		return
	}
	// On container instances the prefix may be left out: the stream is then
	// named like the container of the engine.
	for _, run := range t.Containers {
		if run.Name == c.Name && run.RuntimeID != "" {
			set.streams[s.region+" "+s.group+" "+run.RuntimeID] = s
		}
	}
}

// elsewhere says where the lines of a container are.
func elsewhere(c backend.ContainerDefinition) string {
	log := c.LogConfiguration
	if log == nil {
		return fmt.Sprintf("container %s has no log driver: its lines stay on the machine that runs it", c.Name)
	}
	name := map[string]string{
		"awsfirelens": "FireLens", "splunk": "Splunk", "fluentd": "Fluentd", "gelf": "a GELF server", "syslog": "syslog",
		"journald": "the journal of the machine that runs it", "json-file": "a file on the machine that runs it",
	}[log.LogDriver]
	if name == "" {
		name = "the log driver " + backend.Clean(log.LogDriver)
	}
	where := ""
	for _, k := range []string{"splunk-url", "fluentd-address", "gelf-address", "syslog-address", "Name", "Host", "log_group_name"} {
		if v := log.Options[k]; v != "" {
			where += " " + backend.Clean(v)
		}
	}
	if where != "" {
		where = " (" + strings.TrimSpace(where) + ")"
	}
	return fmt.Sprintf("container %s sends its lines to %s%s", c.Name, name, where)
}
