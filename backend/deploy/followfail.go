package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	lastLines    = 10              // of a failed task
	logTimeout   = 3 * time.Second // a rollout is not held up by its logs
	logsReadMost = 20              // tasks whose logs are read; the next ones fail alike
)

// sendFailures sends the tasks of the new revision that failed, each once.
func (f *follower) sendFailures(ctx context.Context, now RolloutProgress) bool {
	for _, t := range now.Tasks {
		if f.failed[t.ARN] || !ofRollout(t, now.Deployment) || !hasFailed(t, f.clock.Now(), now.Service.GracePeriod) {
			continue
		}
		f.failed[t.ARN] = true
		var lines []backend.LogLine
		if len(f.failed) <= logsReadMost {
			lines = lastWords(ctx, f.b, f.cluster, t)
		}
		if ctx.Err() != nil {
			return true // run says that it was cancelled
		}
		failure := TaskFailed{
			Task: t, LastLines: lines,
			Diagnosis: f.targets.explain(t, Diagnose(t, now.Service.Events, lines, f.definition(ctx, t.TaskDefinition))),
		}
		f.diagnosed = append(f.diagnosed, failure)
		if !f.out.emit(failure) {
			return false
		}
	}
	return true
}

// hasFailed says whether a task stopped, or is sick, by itself. One that the
// scheduler or a user stopped is no failure, except for its health; and one that
// runs may be sick for as long as the service's grace period lets it.
func hasFailed(t backend.Task, now time.Time, grace time.Duration) bool {
	forHealth := strings.Contains(strings.ToLower(t.StoppedReason), "health checks")
	sick := forHealth || t.Health == backend.Unhealthy
	if t.LastStatus != backend.TaskStopped {
		return sick && (forHealth || now.Sub(t.StartedAt) >= grace)
	}
	return sick || t.StopCode != "UserInitiated" && t.StopCode != "ServiceSchedulerInitiated"
}

// lastWords are the last lines that a task logged; none where they cannot be
// read, since the failure itself matters more.
func lastWords(ctx context.Context, b interface {
	backend.Describer
	backend.Logs
}, cluster string, t backend.Task,
) []backend.LogLine {
	if b.Unsupported(backend.CanLogs) != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	q := backend.LogQuery{Cluster: cluster, Tasks: []string{t.ARN}, Tail: lastLines}
	var lines []backend.LogLine
	for batch, err := range b.Logs(ctx, q) {
		if err != nil {
			break
		}
		lines = append(lines, batch.Lines...)
	}
	slices.SortStableFunc(lines, func(a, b backend.LogLine) int { return a.At.Compare(b.At) })
	return lines[max(0, len(lines)-lastLines):]
}
