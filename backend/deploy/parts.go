package deploy

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Planner is what [NewPlan] reads from.
type Planner interface {
	backend.Describer
	backend.ServiceReader
	backend.TaskDefinitionReader
	backend.DeploymentReader
	backend.Verifier
	backend.AddressReader
}

// Watcher is what [Follow] reads from. One that is a [backend.Notifier] too is
// read as soon as something changes.
type Watcher interface {
	backend.Describer
	backend.ServiceReader
	backend.TaskReader
	backend.TaskDefinitionReader
	backend.DeploymentReader
	backend.TargetReader
	backend.Logs
}

// Changer is what [Rollback] works on.
type Changer interface {
	Watcher
	backend.Releaser
}

// Deployer is what [Run] works on. One that is a [backend.Prober] answers the
// smoke check itself.
type Deployer interface {
	Changer
	backend.Builder
	backend.Registry
	backend.Runner        // of the hooks' tasks
	backend.AddressReader // of the smoke check
	backend.Tagger        // which remembers what came of it
}

// Options shape a run. The zero value follows every second, without end.
type Options struct {
	Clock    backend.Clock
	Interval time.Duration // between two reads of the rollout
	// Timeout ends a rollout that takes longer as failed; 0 waits for ever. It
	// ends the watching only: the deployment goes on.
	Timeout time.Duration
	// GiveUp ends the watching as failed once the rollout could not be read for
	// so long; 0 tries for ever.
	GiveUp time.Duration
	// Command writes a command of this program, with its flags, as a line that
	// acts on the same place as this run: what advice names. nil names no place.
	Command func(words ...string) string
	// Detach says that cancelling during the rollout is meant as "stop
	// watching", not as a wish to stop the deploy.
	Detach bool
}

func (o Options) defaults() Options {
	if o.Clock == nil {
		o.Clock = backend.SystemClock{}
	}
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	if o.Command == nil {
		o.Command = func(words ...string) string { return "ecs-tui " + strings.Join(words, " ") }
	}
	return o
}

// toRollBack is the advice to take a service back.
func (o Options) toRollBack(service string) string {
	return "roll back with: " + o.Command("rollback", "--service", backend.ShortName(service))
}

// AnswerAdvice names the commands that answer a pause of a service's rollout.
func AnswerAdvice(command func(words ...string) string, service string) string {
	return command("continue", "--service", service) + " lets it go on, " + command("rollback", "--service", service) + " takes it back"
}

// sink hands events to the consumer and remembers when it wants no more.
type sink struct {
	yield func(Event) bool
	gone  bool
}

// emit says whether the consumer still listens.
func (s *sink) emit(e Event) bool {
	if !s.gone && !s.yield(e) {
		s.gone = true
	}
	return !s.gone
}
