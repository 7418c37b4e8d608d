package screen

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// ServiceState is what a service is doing, in one word and one sign; `ecs-tui
// status` says the same. d is its newest deployment, nil where it is not known.
func ServiceState(s backend.Service, d *backend.ServiceDeployment) (theme.Status, string) {
	primary, _ := s.Primary()
	switch {
	case s.Status == "DRAINING":
		return theme.InMotion, "deleting"
	case s.Status == "INACTIVE":
		return theme.Idle, "deleted"
	case d != nil && (d.Status == backend.RollbackInProgress || d.Status == backend.RollbackRequested):
		return theme.Warning, "rolling back"
	case d == nil && primary.Rollout == backend.RolloutInProgress && backward.MatchString(primary.RolloutReason):
		return theme.Warning, "rolling back"
	case waits(d):
		return theme.Warning, "waits"
	case primary.Rollout == backend.RolloutFailed:
		return theme.Failure, "failed"
	case primary.Rollout == backend.RolloutInProgress && len(s.Deployments) > 1:
		return theme.InMotion, "rolling"
	case primary.Rollout == backend.RolloutInProgress:
		return theme.InMotion, "starting"
	case d != nil && d.Status == backend.RollbackFailed:
		return theme.Failure, "rollback failed"
	case d != nil && d.Status == backend.RollbackSuccessful:
		return theme.Failure, "rolled back"
	case s.Desired == 0 && s.Running == 0:
		return theme.Idle, standsAtZero(s)
	case s.Running < s.Desired:
		return theme.Warning, "degraded"
	case s.Running > s.Desired || s.Pending > 0:
		return theme.InMotion, "scaling"
	default:
		return theme.Steady, "steady"
	}
}

// backward is how a deployment says that it is a rollback.
var backward = regexp.MustCompile(`(?i)roll.*back`)

// standsAtZero says how many tasks a service comes back with that was paused.
func standsAtZero(s backend.Service) string {
	if n, paused := s.Paused(); paused {
		return fmt.Sprintf("paused (%d)", n)
	}
	return "at zero"
}

// waits says whether a deployment is paused until somebody answers.
func waits(d *backend.ServiceDeployment) bool {
	if d == nil {
		return false
	}
	_, is := d.Waiting()
	return is
}

// serviceRevision is the revision that runs, and the one that comes: "web:7 → 8".
func serviceRevision(s backend.Service) string {
	now := backend.ShortName(s.TaskDefinition)
	for _, d := range s.Deployments {
		if d.Status == backend.DeploymentActive && d.TaskDefinition != s.TaskDefinition {
			old := backend.ShortName(d.TaskDefinition)
			_, revision, _ := strings.Cut(now, ":")
			return old + " → " + revision
		}
	}
	return now
}

// lastDeployment is how the newest deployment went: "✓ 12 min ago, 48 s".
func lastDeployment(env *Env, s backend.Service, d *backend.ServiceDeployment) widget.Cell {
	switch {
	case s.Foreign() != "":
		return widget.Cell{Text: "by " + s.Config.Controller, Style: theme.Muted}
	case d == nil:
		return widget.Cell{Text: "–", Style: theme.Faint}
	}
	now := env.Clock.Now()
	status, word := deploymentState(d.Status)
	switch {
	case waits(d):
		return widget.Cell{Text: "paused at " + backend.StageName(d.Stage), Style: theme.Warn, Status: theme.Warning}
	case !d.Status.Ended():
		text := widget.Age(now.Sub(d.CreatedAt))
		switch {
		case d.Target.Traffic != nil && d.Target.Traffic.Production > 0:
			text += fmt.Sprintf(", %g %% of traffic", d.Target.Traffic.Production)
		case d.Target.Desired > 0:
			text += fmt.Sprintf(", %d of %d healthy", d.Target.Healthy, d.Target.Desired)
		}
		return widget.Cell{Text: text, Style: theme.Moving, Status: status}
	case status == theme.Steady:
		text := env.Theme.Glyphs().Done + " " + widget.Ago(now, d.FinishedAt)
		if !d.StartedAt.IsZero() {
			text += ", " + widget.Elapsed(d.FinishedAt.Sub(d.StartedAt))
		}
		return widget.Cell{Text: text, Style: theme.Muted}
	default:
		why := cmp.Or(strings.TrimSuffix(strings.TrimPrefix(deploymentReason(*d), "ECS deployment circuit breaker: "), "."), word)
		return widget.Cell{Text: widget.Ago(now, d.FinishedAt) + ": " + why, Style: theme.Bad, Status: status}
	}
}

// deploymentState is a deployment's status as a sign and a word. Only
// SUCCESSFUL is a success; what this program does not know still goes on.
func deploymentState(s backend.ServiceDeploymentStatus) (theme.Status, string) {
	word := wordsOf(string(s))
	switch s {
	case backend.Successful:
		return theme.Steady, word
	case backend.Stopped:
		return theme.Idle, word
	case backend.RollbackSuccessful:
		return theme.Failure, "rolled back"
	case backend.RollbackFailed:
		return theme.Failure, word
	case backend.RollbackInProgress, backend.RollbackRequested:
		return theme.Warning, "rolling back"
	default:
		return theme.InMotion, word
	}
}

// shortImage is an image as lists show it: without registry and with a short digest.
func shortImage(image string) string {
	image = image[strings.LastIndexByte(image, '/')+1:]
	if name, digest, ok := strings.Cut(image, "@sha256:"); ok && len(digest) > 7 {
		return name + "@" + digest[:7]
	}
	if digest, ok := strings.CutPrefix(image, "sha256:"); ok && len(digest) > 12 {
		return digest[:12]
	}
	return image
}

// firstImage is the image of a revision's first container, "" when it is not known.
func firstImage(r backend.Revision) string {
	if len(r.Images) == 0 {
		return ""
	}
	return r.Images[0].Image
}

// runningImage is the image that a service runs: where its deployment was
// undone, that of the revision that it came back to.
func runningImage(s backend.Service, d *backend.ServiceDeployment) string {
	if d == nil {
		return ""
	}
	for _, r := range append([]backend.Revision{d.Target}, d.Source...) {
		if r.TaskDefinition == s.TaskDefinition {
			return firstImage(r)
		}
	}
	return ""
}

// serviceImage is [runningImage] in short, by a tag where one is known for its
// id. Lists name the service already, so that its own repository says nothing new.
func serviceImage(s backend.Service, e *extra) string {
	image := shortImage(cmp.Or(e.Image, runningImage(s, e.Deployment)))
	return cmp.Or(strings.TrimPrefix(strings.TrimPrefix(image, s.Name+":"), s.Name+"@"), "–")
}

// usageCells are the columns CPU and MEM.
func cpuCell(e *extra) widget.Cell {
	if e.Usage == nil {
		return widget.Cell{Text: "–", Style: theme.Faint}
	}
	return widget.Cell{Text: widget.Percent(e.Usage.CPU)}
}

func memoryCell(e *extra) widget.Cell {
	if e.Usage == nil {
		return widget.Cell{Text: "–", Style: theme.Faint}
	}
	c := widget.Cell{Text: widget.Size(e.Usage.Memory)}
	if e.Usage.MemoryLimit > 0 && float64(e.Usage.Memory) > 0.9*float64(e.Usage.MemoryLimit) {
		c.Style = theme.Warn
	}
	return c
}

// timeOr gives t, or def where t is zero.
func timeOr(t, def time.Time) time.Time {
	if t.IsZero() {
		return def
	}
	return t
}
