package deploy

import (
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Rows of the failure table that come after the twenty numbered ones.
const (
	rowInconsistent = 21 + iota // is unable to consistently start tasks
	rowProtected                // tasks under protection
	rowCannotStart              // CannotStartContainerError
	rowSpot                     // SpotInterruption
)

// Rows that more than the table speaks of.
const (
	rowEssential = 10 // an essential container exited
	rowTarget    = 13 // health checks by a load balancer
)

// place is where a text was found.
type place int

const (
	inReason place = 1 << iota // stoppedReason, stopCode and the containers' reasons
	inLog
	inEvent
)

// evidence is one text that a rule is held against.
type evidence struct {
	where place
	text  string
	lower string
}

// Diagnose names the cause of a task's failure from what is known about it:
// its reasons and exit codes, the service's events, the last lines it logged,
// and its task definition (whose zero value is fine). What a task says about
// itself counts before what an event says.
func Diagnose(task backend.Task, events []backend.Event, lines []backend.LogLine, td backend.TaskDefinition) Diagnosis {
	f := factsOf(task, td)
	own := ownEvidence(task, lines)
	for _, r := range rules() {
		for _, e := range own {
			if r.where&e.where != 0 && r.matches(e.lower) {
				return r.diagnosis(e.text, f)
			}
		}
		if f.exit != nil && r.hasExit(*f.exit) {
			return r.diagnosis(f.exitText(), f)
		}
	}
	for _, e := range eventEvidence(task, events) {
		for _, r := range rules() {
			if r.where&inEvent != 0 && r.matches(e.lower) {
				return r.diagnosis(e.text, f)
			}
		}
	}
	if f.exit != nil {
		return essentialExited(f.exitText(), f)
	}
	for _, e := range own {
		if e.where == inReason {
			return Diagnosis{Cause: e.text, Evidence: e.text, Remedy: "look at the task's events and logs"}
		}
	}
	return Diagnosis{Cause: "the task failed without a reason", Remedy: "look at the task's events and logs"}
}

// ownEvidence is what the task itself says, reasons before log lines, the
// newest line first.
func ownEvidence(task backend.Task, lines []backend.LogLine) []evidence {
	var out []evidence
	add := func(where place, text string) {
		if text != "" {
			out = append(out, evidence{where, text, strings.ToLower(text)})
		}
	}
	for _, c := range task.Containers {
		add(inReason, c.Reason)
	}
	add(inReason, task.StoppedReason)
	add(inReason, task.StopCode)
	if task.Health == backend.Unhealthy {
		add(inReason, "Task failed container health checks")
	}
	for i := len(lines) - 1; i >= 0; i-- {
		add(inLog, lines[i].Text)
	}
	return out
}

// eventEvidence are the events that name the task, then those that name none.
func eventEvidence(task backend.Task, events []backend.Event) []evidence {
	var mine, general []evidence
	for _, e := range events {
		ev := evidence{inEvent, e.Message, strings.ToLower(e.Message)}
		switch {
		case task.ARN != "" && strings.Contains(e.Message, task.ID()):
			mine = append(mine, ev)
		case !strings.Contains(ev.lower, "(task "):
			general = append(general, ev)
		}
	}
	return append(mine, general...)
}

// facts are the figures that a remedy speaks of.
type facts struct {
	container string // the one that failed, "" when unknown
	exit      *int
	memory    int // MiB limit of that container, 0 for none
	health    string
	port      int
	platform  string
	image     string
}

// factsOf finds the container to blame: the first with an exit code that is
// not zero, else the first that has a reason or stopped, essential ones first.
func factsOf(task backend.Task, td backend.TaskDefinition) facts {
	var f facts
	best := 0
	for _, c := range task.Containers {
		score := 0
		switch {
		case c.ExitCode != nil && *c.ExitCode != 0:
			score = 3
		case c.Reason != "" || c.Health == backend.Unhealthy:
			score = 2
		case c.ExitCode != nil:
			score = 1
		}
		if score > 0 && c.Essential {
			score += 3
		}
		if score > best {
			best, f.container, f.exit, f.image = score, c.Name, c.ExitCode, c.Image
		}
	}
	def, ok := td.Container(f.container)
	if !ok && len(td.Containers) > 0 {
		def = td.Containers[0]
	}
	f.memory = def.Memory
	if f.memory == 0 {
		f.memory, _ = backend.ParseMemory(td.Memory)
	}
	if def.HealthCheck != nil {
		f.health = strings.Join(def.HealthCheck.Command, " ")
	}
	if len(def.PortMappings) > 0 {
		f.port = def.PortMappings[0].ContainerPort
	}
	if f.image == "" {
		f.image = def.Image
	}
	if p := td.Platform; p != nil {
		f.platform = p.CPUArchitecture
	}
	return f
}

// name is how a remedy speaks of the container.
func (f facts) name() string {
	if f.container == "" {
		return "the container"
	}
	return "the container " + f.container
}

func (f facts) exitText() string { return fmt.Sprintf("%s exited with code %d", f.name(), *f.exit) }
