package backend

import (
	"io"
	"time"
)

// Task statuses, in the order a task lives through them.
const (
	Provisioning   = "PROVISIONING"
	TaskPending    = "PENDING"
	Activating     = "ACTIVATING"
	Running        = "RUNNING"
	Deactivating   = "DEACTIVATING"
	Stopping       = "STOPPING"
	Deprovisioning = "DEPROVISIONING"
	TaskStopped    = "STOPPED"
)

// Health statuses.
const (
	Healthy       = "HEALTHY"
	Unhealthy     = "UNHEALTHY"
	HealthUnknown = "UNKNOWN"
)

// TaskQuery selects tasks. Zero fields select everything.
type TaskQuery struct {
	Cluster string
	Service string // name
	Family  string
	// Instance is the ARN or id of the container instance that they run on.
	Instance string
	Stopped  bool // stopped tasks instead of those that should run
}

// Task is a running (or stopped) copy of a task definition.
type Task struct {
	ARN, Cluster   string // Cluster is its name
	Group          string // "service:web" or "family:web"
	Service        string // name; "" for a task of its own
	TaskDefinition string // ARN
	StartedBy      string // "ecs-svc/…": the deployment's ID
	LastStatus     string
	DesiredStatus  string
	Health         string
	StopCode       string // EssentialContainerExited, UserInitiated, ServiceSchedulerInitiated, TaskFailedToStart …
	StoppedReason  string
	LaunchType     string
	CPU, Memory    string // as in the task definition
	ExecOff        bool   // enableExecuteCommand is off: no shell can be opened in it
	Containers     []Container
	CreatedAt      time.Time
	PullStartedAt  time.Time
	PullStoppedAt  time.Time
	StartedAt      time.Time
	StoppingAt     time.Time
	StoppedAt      time.Time
	Document       Document // the whole of it, in DescribeTasks' shape
}

// ID is the last part of the task's ARN.
func (t Task) ID() string { return ShortName(t.ARN) }

// Container is one container of a task.
type Container struct {
	Name         string
	Image        string
	ImageDigest  string
	RuntimeID    string
	LastStatus   string
	Health       string // "" without a health check, else HEALTHY, UNHEALTHY or UNKNOWN
	ExitCode     *int
	Reason       string // "OutOfMemoryError: …", "CannotPullContainerError: …"
	Essential    bool
	RestartCount int
	Ports        []PortBinding
}

// PortBinding is a container port and where the host listens for it.
type PortBinding struct {
	ContainerPort, HostPort int
	Protocol, HostIP        string
}

// RunTaskRequest starts tasks that belong to no service.
type RunTaskRequest struct {
	Cluster        string
	TaskDefinition string
	Count          int // 1 to 10; 0 is 1
	StartedBy      string
	Overrides      []ContainerOverride
	// Like names a service whose network and launch type the task takes, where
	// the backend needs to be told; "" is the one named like the family. Where
	// ECS Exec is on for it, it is for the task too.
	Like string
	// Group is the tasks' group; "" is "family:" and the family.
	Group string
	// Place is a service's document, of which network and launch type are taken
	// before Like is looked at: that of a service that does not exist yet.
	Place Document
	// Exec lets ECS Exec reach into the task, whatever it is like. On the local
	// engine every task can be reached into.
	Exec bool
}

// ContainerOverride replaces parts of one container for one run.
type ContainerOverride struct {
	Name        string
	Command     []string // nil keeps the definition's
	Environment map[string]string
}

// ShellRequest runs Command in a container. With TTY set, Resize delivers the
// terminal's size, first at the start and then at each change.
type ShellRequest struct {
	Cluster, Task, Container string
	Command                  []string // nil tries the usual shells
	TTY                      bool
	In                       io.Reader
	Out, Err                 io.Writer
	Resize                   <-chan Size
}

// Size is a terminal's size in cells.
type Size struct{ Width, Height int }

// Usage is what one task used at one moment, summed over its containers.
type Usage struct {
	Task        string // ARN
	At          time.Time
	CPU         float64 // percent of one core
	Memory      int64   // bytes, without page cache
	MemoryLimit int64   // bytes; 0 where there is none
}
