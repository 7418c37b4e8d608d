package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logsOptions are those of `ecs-tui logs`.
type logsOptions struct {
	*factory
	Dir, Task, Container string
	Follow, Timestamps   bool
	Tail                 int
	Since                time.Duration
	Grep, Exclude        string
}

func newLogsCmd(f *factory) *cobra.Command {
	o := &logsOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "logs [DIR]",
		Short: "Print what the tasks of a service wrote",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runLogs(cmd.Context(), o)
		},
	}
	fs := cmd.Flags()
	fs.BoolVarP(&o.Follow, "follow", "f", false, "go on with what is written from now on")
	fs.StringVar(&o.Task, "task", "", "one task, by its id or the start of it")
	fs.StringVar(&o.Container, "container", "", "one container of each task")
	fs.DurationVar(&o.Since, "since", 0, "only what is younger than this: 10m, 2h")
	fs.IntVar(&o.Tail, "tail", 0, "only the last lines of each container")
	fs.StringVar(&o.Grep, "grep", "", "only lines that match this regular expression")
	fs.StringVar(&o.Exclude, "exclude", "", "no lines that match this regular expression")
	fs.BoolVarP(&o.Timestamps, "timestamps", "t", false, "with the time of each line")
	return cmd
}

func runLogs(ctx context.Context, o *logsOptions) error {
	keep, err := lineFilter(o.Grep, o.Exclude)
	if err != nil {
		return err
	}
	if o.Tail < 0 || o.Since < 0 {
		return usagef("--tail and --since can't be below zero")
	}
	s, err := o.openNoted(ctx, o.Dir)
	if err != nil {
		return err
	}
	defer s.backend.Close()
	q, err := o.query(ctx, s)
	if err != nil {
		return err
	}
	p := newLogPrinter(o.io, o.flags.json(), s.cfg.NoColor, o.Timestamps)
	for batch, err := range s.backend.Logs(ctx, q) {
		if err != nil {
			if o.Follow && ctx.Err() != nil {
				return exitErr{Code: exitCancelled} // ctrl+c is how a follow ends
			}
			return err
		}
		if err := p.print(batch, keep); err != nil {
			return err
		}
	}
	if o.Follow && ctx.Err() != nil {
		return exitErr{Code: exitCancelled}
	}
	return nil
}

// query says which lines are meant: one task's, or a service's.
func (o *logsOptions) query(ctx context.Context, s *session) (backend.LogQuery, error) {
	q := backend.LogQuery{Container: o.Container, Tail: o.Tail, Follow: o.Follow}
	if o.Since > 0 {
		q.Since = o.clock.Now().Add(-o.Since)
	}
	if o.Task != "" {
		cluster, err := s.cluster(ctx)
		if err != nil {
			return q, err
		}
		task, err := findTask(ctx, s.backend, cluster, o.Task)
		q.Cluster, q.Tasks = cluster, []string{task.ARN}
		return q, err
	}
	service, cluster, err := s.describeService(ctx)
	q.Cluster, q.Service = cluster, service.Name
	return q, err
}

// findTask finds a task, also a stopped one, by its ARN, its id, or the start
// of its id where only one task has that.
func findTask(ctx context.Context, b backend.TaskReader, cluster, name string) (backend.Task, error) {
	var matches []backend.Task
	for _, stopped := range []bool{false, true} {
		tasks, err := listTasks(ctx, b, backend.TaskQuery{Cluster: cluster, Stopped: stopped})
		if err != nil {
			return backend.Task{}, err
		}
		for _, t := range tasks {
			if t.ARN == name || t.ID() == name {
				return t, nil
			}
			if strings.HasPrefix(t.ID(), name) {
				matches = append(matches, t)
			}
		}
	}
	switch len(matches) {
	case 1:
		return matches[0], nil
	case 0:
		err := backend.Errorf("DescribeTasks", backend.NotFound, name, "cluster %s has no such task", cluster)
		err.Remedy = "ecs-tui ps --all lists the tasks; with --stopped, those that ended"
		return backend.Task{}, err
	default:
		return backend.Task{}, advise(fmt.Errorf("%s tasks start with %q", strconv.Itoa(len(matches)), name), "give more of the id")
	}
}

// lineFilter says which lines are printed.
func lineFilter(grep, exclude string) (func(string) bool, error) {
	in, err := regexp.Compile(grep)
	if err != nil {
		return nil, usagef("--grep: %w", err)
	}
	out, err := regexp.Compile(exclude)
	if err != nil {
		return nil, usagef("--exclude: %w", err)
	}
	return func(line string) bool {
		line = ansi.Strip(line)
		return in.MatchString(line) && (exclude == "" || !out.MatchString(line))
	}, nil
}

// logPrinter writes batches of log lines as `task container line`.
type logPrinter struct {
	out        io.Writer
	notices    io.Writer
	json       *json.Encoder
	colours    bool
	timestamps bool
}

func newLogPrinter(io *streams, asJSON, noColor, timestamps bool) *logPrinter {
	p := &logPrinter{out: io.Out, notices: io.Err, timestamps: timestamps, colours: io.OutTTY && !io.dumb()}
	if p.colours {
		p.out = io.colour(io.Out, noColor)
	}
	if asJSON {
		p.json = json.NewEncoder(io.Out)
		p.json.SetEscapeHTML(false)
	}
	return p
}

// logRecord is one line of `logs -o json`.
type logRecord struct {
	At        time.Time `json:"at"`
	Task      string    `json:"task"`
	Container string    `json:"container"`
	Stream    string    `json:"stream"`
	Text      string    `json:"text"`
}

func (p *logPrinter) print(batch backend.LogBatch, keep func(string) bool) error {
	if batch.Skipped > 0 {
		about := ""
		if batch.About {
			about = "about "
		}
		fmt.Fprintf(p.notices, "── skipped %s%d lines (more than can be read) ──\n", about, batch.Skipped)
	}
	if batch.Notice != "" {
		fmt.Fprintf(p.notices, "── %s ──\n", batch.Notice)
	}
	var b strings.Builder
	for _, line := range batch.Lines {
		if !keep(line.Text) {
			continue
		}
		if p.json != nil {
			stream := "stdout"
			if line.Stderr {
				stream = "stderr"
			}
			if err := p.json.Encode(logRecord{line.At, line.Task, line.Container, stream, ansi.Strip(line.Text)}); err != nil {
				return err
			}
			continue
		}
		p.write(&b, line)
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

func (p *logPrinter) write(b *strings.Builder, line backend.LogLine) {
	if p.timestamps {
		b.WriteString(line.At.Local().Format("15:04:05.000") + " ")
	}
	head, text := backend.ShortID(line.Task)+" "+line.Container, line.Text
	if p.colours {
		head = lipgloss.NewStyle().Foreground(taskColour(line.Task)).Render(head)
		if strings.Contains(text, "\x1b") {
			text += "\x1b[m"
		}
	} else {
		text = ansi.Strip(text)
	}
	b.WriteString(head + " " + text + "\n")
}

// taskColour is the same for a task wherever it is shown: one of the six
// colours that read on light and dark.
func taskColour(task string) ansi.BasicColor {
	h := fnv.New32a()
	h.Write([]byte(task))
	return ansi.Red + ansi.BasicColor(h.Sum32()%6)
}
