package scheduler

import (
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Bounds of what a record keeps.
const (
	maxDeployments = 50
	maxEvents      = 100
)

// Service statuses.
const (
	Active   = "ACTIVE"
	Draining = "DRAINING"
	Inactive = "INACTIVE"
)

// Breaker statuses, from ECS's API reference.
const (
	breakerDisabled  = "DISABLED"
	breakerMonitors  = "MONITORING"
	breakerTriggered = "TRIGGERED"
	breakerComplete  = "MONITORING_COMPLETE"
)

// IDs is a source of fresh numbers for deployments: random in a real backend,
// seeded in the demo.
type IDs func() uint64

// digits gives the 19 digits that ECS's deployment ids have.
func (ids IDs) digits() string {
	const low, span = 1_000_000_000_000_000_000, 9_000_000_000_000_000_000
	return fmt.Sprintf("%019d", low+ids()%span)
}

// Timing is what differs between ECS's own waits and a laptop's.
type Timing struct {
	// HealthyAfter is how long a task without a health check must be RUNNING
	// before it counts as healthy.
	HealthyAfter time.Duration
	// BackoffMin and BackoffMax bound the wait before tasks that keep failing
	// are started again; it doubles in between.
	BackoffMin, BackoffMax time.Duration
	// Stage is the least time that a lifecycle stage takes.
	Stage time.Duration
	// Minute is how long a minute of a service document lasts: of baking, and of
	// waiting for the answer to a hook. 0 is a minute.
	Minute time.Duration
}

// minutes is how long d of a service document lasts.
func (t Timing) minutes(d time.Duration) time.Duration {
	if t.Minute == 0 {
		return d
	}
	return time.Duration(float64(d) / float64(time.Minute) * float64(t.Minute))
}

// LocalTiming suits one engine and an impatient developer.
func LocalTiming() Timing {
	return Timing{HealthyAfter: 3 * time.Second, BackoffMin: time.Second, BackoffMax: time.Minute}
}

// ECSTiming is what ECS itself does.
func ECSTiming() Timing {
	return Timing{HealthyAfter: 40 * time.Second, BackoffMin: 10 * time.Second, BackoffMax: 15 * time.Minute}
}

// Record is everything known about one service. Backends store it as JSON and
// look at its exported identity only; the rest is this package's business.
type Record struct {
	Names   backend.Namer       `json:"names"`
	Cluster string              `json:"cluster"`
	Name    string              `json:"name"`
	Status  string              `json:"status"`
	Spec    backend.ServiceSpec `json:"spec"`
	// TaskDefinition is the ARN of the revision that is wanted.
	TaskDefinition string          `json:"taskDefinition"`
	Desired        int             `json:"desired"`
	CreatedAt      time.Time       `json:"createdAt"`
	DeletedAt      time.Time       `json:"deletedAt,omitzero"`
	Deployments    []*Deployment   `json:"deployments"` // newest first
	Events         []backend.Event `json:"events"`      // newest first
	// EventSeq numbers events over the life of the service, so that their ids
	// stay unique after old ones fell out.
	EventSeq uint64          `json:"eventSeq"`
	Throttle Throttle        `json:"throttle"`
	Steady   bool            `json:"steady"`
	Seen     map[string]Mark `json:"seen"` // by task id
	// Adopting says that the tasks of the next pass are old acquaintances: they
	// are neither announced nor counted as failed.
	Adopting bool `json:"adopting,omitempty"`
	// Strategies is [New].Strategies.
	Strategies bool `json:"strategies,omitempty"`
}

// ARN is the service's ARN.
func (r *Record) ARN() string { return r.Names.Service(r.Cluster, r.Name) }

// Throttle is the state of start throttling.
type Throttle struct {
	Level int       `json:"level"` // rounds of failed starts in a row
	At    time.Time `json:"at,omitzero"`
	Until time.Time `json:"until,omitzero"` // no start before
}

// Mark is what has already been noticed about a task, so that it is noticed
// once.
type Mark struct {
	Healthy bool `json:"healthy,omitempty"` // was healthy at least once
	Failed  bool `json:"failed,omitempty"`  // counted as failed
	Stopped bool `json:"stopped,omitempty"` // its stop was decided here
}

// Deployment is one rollout: the deployment of DescribeServices and the service
// deployment of DescribeServiceDeployments in one.
type Deployment struct {
	ID             string                          `json:"id"` // "ecs-svc/…"
	ARN            string                          `json:"arn"`
	Status         string                          `json:"status"`  // PRIMARY, ACTIVE, INACTIVE
	Rollout        string                          `json:"rollout"` // IN_PROGRESS, COMPLETED, FAILED
	RolloutReason  string                          `json:"rolloutReason"`
	Result         backend.ServiceDeploymentStatus `json:"result"`
	Reason         string                          `json:"reason"`
	TaskDefinition string                          `json:"taskDefinition"` // ARN
	Target         string                          `json:"target"`         // service revision ARN
	Source         []Source                        `json:"source"`
	Images         []backend.ContainerImage        `json:"images"`
	Desired        int                             `json:"desired"`
	Failed         int                             `json:"failed"`  // tasks that failed, for display
	Strikes        int                             `json:"strikes"` // the breaker's count
	Breaker        string                          `json:"breaker"`
	Completed      bool                            `json:"completed"` // reached COMPLETED once: can be gone back to
	Stalled        bool                            `json:"stalled"`   // nothing is started any more
	Blocked        bool                            `json:"blocked"`   // said that min and max percent block it
	Strategy       string                          `json:"strategy,omitempty"`
	Stage          string                          `json:"stage,omitempty"` // "" where no traffic is shifted
	StageAt        time.Time                       `json:"stageAt,omitzero"`
	Blue           string                          `json:"blue,omitempty"`       // ID of the deployment that serves meanwhile
	Weight         float64                         `json:"weight,omitempty"`     // of production traffic, in percent
	TestWeight     float64                         `json:"testWeight,omitempty"` // of test traffic
	Hooks          []backend.Hook                  `json:"hooks,omitempty"`
	Triggered      []string                        `json:"triggered,omitempty"` // alarms
	Throttle       Throttle                        `json:"throttle,omitzero"`   // while it serves beside the primary one
	RollbackReason string                          `json:"rollbackReason"`
	RollbackTo     string                          `json:"rollbackTo"` // deployment ID
	CreatedAt      time.Time                       `json:"createdAt"`
	StartedAt      time.Time                       `json:"startedAt,omitzero"`
	FinishedAt     time.Time                       `json:"finishedAt,omitzero"`
	UpdatedAt      time.Time                       `json:"updatedAt"`
}

// Source is a revision that a deployment replaces.
type Source struct {
	Deployment     string `json:"deployment"` // its ID
	ARN            string `json:"arn"`
	TaskDefinition string `json:"taskDefinition"`
}

// Decision is what a backend has to do now.
type Decision struct {
	Start []Start
	Stop  []Stop
	// Wake is when time alone will change something; 0 when it will not.
	Wake time.Duration
	// Changed says that the record must be saved.
	Changed bool
}

// Start asks for one task.
type Start struct {
	Deployment     string // the task's StartedBy
	TaskDefinition string // ARN
}

// Stop asks a task to stop.
type Stop struct {
	Task   string // ARN
	Reason string // its StoppedReason
	Code   string // its StopCode
}

// primary is the deployment that the service is moving to; nil only in a
// record that was damaged.
func (r *Record) primary() *Deployment {
	for _, d := range r.Deployments {
		if d.Status == backend.DeploymentPrimary {
			return d
		}
	}
	return nil
}

func (r *Record) byID(id string) *Deployment {
	for _, d := range r.Deployments {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// rollbackTarget is the newest deployment that completed, other than d.
func (r *Record) rollbackTarget(d *Deployment) *Deployment {
	for _, c := range r.Deployments {
		if c != d && c.Completed && !c.CreatedAt.After(d.CreatedAt) {
			return c
		}
	}
	return nil
}

// Needed are the deployments that run or may run again: those that are not
// INACTIVE, and the one that a rollback of the primary would go back to.
func (r *Record) Needed() []*Deployment {
	var target *Deployment
	if p := r.primary(); p != nil && !p.Completed {
		target = r.rollbackTarget(p)
	}
	var out []*Deployment
	for _, d := range r.Deployments {
		if d.Status != backend.DeploymentInactive || d == target {
			out = append(out, d)
		}
	}
	return out
}

// rollingBack is the deployment whose rollback is going on, or nil.
func (r *Record) rollingBack() *Deployment {
	for _, d := range r.Deployments {
		if d.Result == backend.RollbackInProgress {
			return d
		}
	}
	return nil
}
