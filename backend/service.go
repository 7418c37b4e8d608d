package backend

import (
	"strings"
	"time"
)

// Cluster groups services and tasks; locally it is also a Docker network.
type Cluster struct {
	ARN, Name, Status          string
	Services, Running, Pending int
	Instances                  int      // container instances; Fargate needs none
	Document                   Document // the whole of it, in DescribeClusters' shape
}

// Described is the cluster with a document made of its fields, for backends
// that know no more of it.
func (c Cluster) Described() Cluster {
	doc, err := Document("{}").Edit(func(tree map[string]any) {
		for field, v := range map[string]any{
			"clusterArn": c.ARN, "clusterName": c.Name, "status": c.Status,
			"activeServicesCount": c.Services, "runningTasksCount": c.Running, "pendingTasksCount": c.Pending,
			"registeredContainerInstancesCount": c.Instances,
		} {
			tree[field] = v
		}
	})
	if err == nil { // plain values always marshal
		c.Document = doc
	}
	return c
}

// Service keeps a number of copies of a task definition running.
type Service struct {
	ARN, Name, Cluster string // Cluster is its name
	Status             string // ACTIVE, DRAINING, INACTIVE
	TaskDefinition     string // ARN of the revision it wants
	LaunchType         string
	Desired            int
	Running            int
	Pending            int
	Config             DeploymentConfig
	GracePeriod        time.Duration // healthCheckGracePeriodSeconds
	Deployments        []Deployment  // PRIMARY first, then ACTIVE, newest first
	Current            string        // ARN of the newest service deployment, "" when there is none
	Events             []Event       // newest first, at most 100
	CreatedAt          time.Time
	Tags               map[string]string
	Document           Document // the whole of it, in DescribeServices' shape
}

// Primary is the deployment that the service is moving to or stands on.
func (s Service) Primary() (Deployment, bool) {
	for _, d := range s.Deployments {
		if d.Status == DeploymentPrimary {
			return d, true
		}
	}
	return Deployment{}, false
}

// DeploymentConfig is the service's deploymentConfiguration.
type DeploymentConfig struct {
	Controller     string // the service's deploymentController: ECS, CODE_DEPLOY, EXTERNAL; "" is ECS
	Strategy       string // ROLLING, BLUE_GREEN, LINEAR, CANARY; "" is ROLLING
	MinimumHealthy int    // percent; ECS's default is 100
	Maximum        int    // percent; ECS's default is 200
	Breaker        BreakerConfig
	Shift          ShiftConfig
	Alarms         AlarmConfig
	Hooks          []LifecycleHook
}

// BreakerConfig is deploymentCircuitBreaker.
type BreakerConfig struct {
	Enable, Rollback bool
	// KeepFailures is resetOnHealthyTask: false; by default a task that becomes
	// healthy sets the failure count back to zero.
	KeepFailures bool
	// Threshold as ECS takes it; zero values mean BOUNDED_PERCENT of 50.
	ThresholdType  string
	ThresholdValue int
}

// Deployment is one entry of DescribeServices' deployments.
type Deployment struct {
	ID             string // "ecs-svc/…"
	Status         string // PRIMARY, ACTIVE, INACTIVE
	Rollout        string // IN_PROGRESS, COMPLETED, FAILED
	RolloutReason  string
	TaskDefinition string // ARN
	Desired        int
	Pending        int
	Running        int
	Failed         int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Deployment statuses and rollout states.
const (
	DeploymentPrimary  = "PRIMARY"
	DeploymentActive   = "ACTIVE"
	DeploymentInactive = "INACTIVE"

	RolloutInProgress = "IN_PROGRESS"
	RolloutCompleted  = "COMPLETED"
	RolloutFailed     = "FAILED"
)

// ServiceDeploymentStatus is the state of one rollout. Only [Successful] is a
// success; values that this program does not know count as still going.
type ServiceDeploymentStatus string

// The states of a service deployment, from ECS's API reference.
const (
	Pending            ServiceDeploymentStatus = "PENDING"
	InProgress         ServiceDeploymentStatus = "IN_PROGRESS"
	Successful         ServiceDeploymentStatus = "SUCCESSFUL"
	StopRequested      ServiceDeploymentStatus = "STOP_REQUESTED"
	Stopped            ServiceDeploymentStatus = "STOPPED"
	RollbackRequested  ServiceDeploymentStatus = "ROLLBACK_REQUESTED"
	RollbackInProgress ServiceDeploymentStatus = "ROLLBACK_IN_PROGRESS"
	RollbackSuccessful ServiceDeploymentStatus = "ROLLBACK_SUCCESSFUL"
	RollbackFailed     ServiceDeploymentStatus = "ROLLBACK_FAILED"
)

// Ended says whether nothing more will happen to the deployment.
func (s ServiceDeploymentStatus) Ended() bool {
	switch s {
	case Successful, Stopped, RollbackSuccessful, RollbackFailed:
		return true
	}
	return false
}

// ServiceDeployment is one rollout, from the revisions it replaces to the one
// it brings.
type ServiceDeployment struct {
	ARN, Service, Cluster string // Service and Cluster are names
	ID                    string // the "ecs-svc/…" id of the deployment in DescribeServices
	Status                ServiceDeploymentStatus
	Reason                string
	Strategy              string // "" where it is not known
	Stage                 string // lifecycle stage; "" for ROLLING
	Source                []Revision
	Target                Revision
	Breaker               *Breaker
	Alarms                *Alarms // nil: none are watched
	Hooks                 []Hook  // those reached so far, oldest first
	RollbackReason        string
	RollbackTo            string // task definition ARN, "" when not rolled back
	CreatedAt             time.Time
	StartedAt             time.Time
	FinishedAt            time.Time // zero while it goes on
}

// Revision is a service revision: a task definition with its images resolved,
// and how many of its tasks there are in this deployment.
type Revision struct {
	ARN            string
	TaskDefinition string // ARN
	Images         []ContainerImage
	Desired        int
	Pending        int
	Running        int
	Healthy        int
	Failed         int
	Traffic        *Traffic // nil where no traffic is shifted
}

// ContainerImage is which image a container runs, by name and by content.
type ContainerImage struct{ Container, Image, Digest string }

// Breaker is the live state of the deployment circuit breaker.
type Breaker struct {
	Failures, Threshold int
	Status              string // MONITORING, TRIGGERED, MONITORING_COMPLETE, DISABLED
}

// Event is one line of a service's history, in ECS's wording.
type Event struct {
	ID      string
	At      time.Time
	Message string
}

// ServiceSpec is what a service is created from: a CreateService document and
// the parts of it that this program works with.
type ServiceSpec struct {
	Name           string
	TaskDefinition string // ARN or family:revision
	Desired        int
	Config         DeploymentConfig
	GracePeriod    time.Duration
	Document       Document // every field, in CreateService's shape
}

// ServiceChange is an UpdateService: nil fields stay as they are.
type ServiceChange struct {
	TaskDefinition *string
	Desired        *int
	Force          bool         // a new deployment though nothing changed
	Spec           *ServiceSpec // replaces deployment configuration and the document
}

// ShortName gives the last part of an ARN, or the whole of what is none:
// "arn:aws:ecs:eu-west-1:1:service/staging/web" → "web",
// "arn:…:task-definition/web:14" → "web:14".
func ShortName(arn string) string {
	if !strings.HasPrefix(arn, "arn:") {
		return arn
	}
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

// ShortID gives the first 6 characters of a task's id, as lists show it.
func ShortID(arn string) string {
	id := ShortName(arn)
	if len(id) > 6 {
		id = id[:6]
	}
	return id
}
