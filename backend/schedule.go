package backend

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Schedules start tasks of their own at their times: EventBridge Scheduler on
// ECS, the agent on the local engine. A schedule is named within its cluster; name
// is its name, or its ARN.
type Schedules interface {
	// ListSchedules gives the schedules whose tasks run in a cluster, in no order.
	ListSchedules(ctx context.Context, cluster string, p PageRequest) (Page[Schedule], error)
	// PutSchedule makes a schedule, or replaces the one of its name. Kind Invalid
	// is what [CheckSchedule] finds, NotFound a task definition or a cluster that
	// does not exist.
	PutSchedule(ctx context.Context, cluster string, spec ScheduleSpec) (Schedule, error)
	// EnableSchedule lets a schedule run again, or not for now. A rate counts from
	// when it was enabled.
	EnableSchedule(ctx context.Context, cluster, name string, on bool) (Schedule, error)
	// DeleteSchedule removes it; the tasks that it has started go on.
	DeleteSchedule(ctx context.Context, cluster, name string) error
}

// ScheduleSpec says what runs when.
type ScheduleSpec struct {
	Name string
	// App is the app that made it with a deploy; "" for one that was made by hand.
	App string
	// Expression is read by [ParseExpression]; Timezone is an IANA name, "" is UTC.
	Expression, Timezone string
	Enabled              bool
	// TaskDefinition is an ARN or "family:revision"; a family alone, or an ARN
	// without revision, is the newest ACTIVE one by the time that it runs.
	TaskDefinition string
	Count          int // of tasks, 1 to 10; 0 is 1
	Overrides      []ContainerOverride
	// Role is the ARN of the IAM role that starts the tasks, on AWS.
	Role string
	// Like and Place are as in [RunTaskRequest].
	Like  string
	Place Document
}

// Schedule is a schedule as the backend has it. Its TaskDefinition is an ARN,
// without a revision where each run takes the newest; Like and Place are not
// remembered.
type Schedule struct {
	ScheduleSpec
	ARN, Cluster string // Cluster is its name
	// Since is when it was made or enabled last: a rate counts from there.
	Since time.Time
	Last  *ScheduleRun // nil where none is known
	// Note says what went wrong last, or what was missed; "" for nothing.
	Note     string
	Document Document // the whole of it, in the backend's own shape
}

// ScheduleRun is a task that a schedule has started.
type ScheduleRun struct {
	At       time.Time
	Task     string // ARN
	Status   string // the task's last status
	ExitCode *int   // of the first container that ended with another than 0, else 0; nil while none is known
	Reason   string // why the task stopped
}

// Next is when a schedule runs next after now; the zero time for one that is
// disabled or over.
func (s Schedule) Next(now time.Time) time.Time {
	e, err := ParseExpression(s.Expression, s.Timezone)
	if err != nil || !s.Enabled {
		return time.Time{}
	}
	return e.Next(now, s.Since)
}

// When says in words when it runs.
func (s ScheduleSpec) When() string {
	e, err := ParseExpression(s.Expression, s.Timezone)
	if err != nil {
		return Clean(s.Expression)
	}
	return e.Words()
}

// scheduleGroup begins the group of the tasks that a schedule starts.
const scheduleGroup = "schedule:"

// ScheduleGroup is the group of the tasks that a schedule starts, by which its
// runs are found.
func ScheduleGroup(name string) string { return scheduleGroup + name }

// RunOf is the newest run of a schedule among tasks; nil for none.
func RunOf(name string, tasks []Task) *ScheduleRun {
	var newest *Task
	for i, t := range tasks {
		if t.Group == ScheduleGroup(name) && (newest == nil || t.CreatedAt.After(newest.CreatedAt)) {
			newest = &tasks[i]
		}
	}
	if newest == nil {
		return nil
	}
	run := runOf(*newest)
	return &run
}

func runOf(t Task) ScheduleRun {
	r := ScheduleRun{At: t.CreatedAt, Task: t.ARN, Status: t.LastStatus, Reason: t.StoppedReason}
	if t.LastStatus != TaskStopped {
		return r
	}
	for _, c := range t.Containers {
		if c.ExitCode != nil && (r.ExitCode == nil || *r.ExitCode == 0) {
			code := *c.ExitCode
			r.ExitCode = &code
		}
	}
	return r
}

var scheduleName = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`)

// ValidSchedule says whether a schedule can be named so.
func ValidSchedule(name string) bool { return scheduleName.MatchString(name) }

// CheckSchedule says what is wrong with a schedule before anything is asked; nil
// where nothing is. td is its task definition.
func CheckSchedule(op string, spec ScheduleSpec, td TaskDefinition) error {
	wrong := func(field, format string, args ...any) error {
		return &Error{Op: op, Kind: Invalid, Resource: Clean(spec.Name), Err: &FieldError{Path: field, Offset: -1, Err: fmt.Errorf(format, args...)}}
	}
	if !ValidSchedule(spec.Name) {
		return wrong("name", "%q is no name of a schedule: 1 to 64 letters, digits, - _ and .", Clean(spec.Name))
	}
	if _, err := ParseExpression(spec.Expression, spec.Timezone); err != nil {
		return wrong("schedule", "%w", err)
	}
	if spec.Count < 0 || spec.Count > 10 {
		return wrong("count", "is %d, should be 1 to 10", spec.Count)
	}
	for _, o := range spec.Overrides {
		if _, ok := td.Container(o.Name); !ok {
			return wrong("container", "the task definition has no container %q", Clean(o.Name))
		}
	}
	return Startable(op, td)
}

// UnpinnedDefinition takes the revision off the ARN of a task definition, where
// ref names none: "web", or an ARN that ends with it.
func UnpinnedDefinition(ref, arn string) string {
	if strings.Contains(ShortName(ref), ":") {
		return arn
	}
	return strings.TrimSuffix(arn, arn[strings.LastIndexByte(arn, ':'):])
}

// ErrNoSchedule is what is wrong with a name that no schedule has.
var ErrNoSchedule = errors.New("there is no such schedule")
