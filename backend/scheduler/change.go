package scheduler

import (
	"reflect"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// New is what a record is made from. TaskDefinition is an ARN, resolved by the
// backend, and so are the digests in Images.
type New struct {
	Names          backend.Namer
	Cluster        string
	Spec           backend.ServiceSpec
	TaskDefinition string
	Images         []backend.ContainerImage
	// Adopt is the id of a deployment whose tasks already run, "ecs-svc/…", for
	// a record that has to be made again from the labels of its containers. It
	// becomes the first deployment. Empty otherwise.
	Adopt string
	// Strategies says that the backend can shift traffic: deployments follow the
	// strategy of the service document, and services whose deployment controller
	// is another one than ECS's have no service deployments. Without it every
	// deployment is ROLLING, by ECS's own controller.
	Strategies bool
}

// Create makes the record of a new service with its first deployment.
func Create(now time.Time, ids IDs, n New) *Record {
	r := &Record{
		Names: n.Names, Cluster: n.Cluster, Name: n.Spec.Name, Status: Active,
		Spec: n.Spec, Desired: n.Spec.Desired, CreatedAt: now, Seen: map[string]Mark{},
		Strategies: n.Strategies,
	}
	r.deploy(now, ids, n.TaskDefinition, n.Images)
	if n.Adopt != "" {
		r.Deployments[0].ID = n.Adopt
		r.Adopting = true
	}
	return r
}

// Change is an UpdateService whose references the backend has resolved:
// TaskDefinition, where set, is an ARN.
type Change struct {
	backend.ServiceChange
	// Images are those of the task definition that will run after the change.
	Images []backend.ContainerImage
}

// Update applies a change. A new deployment begins when the task definition or
// a part of the spec that reaches into tasks changed, or with Force; desired
// count, deployment configuration and grace period change in place, as in ECS.
// It returns whether a new deployment began. Kind Conflict while the service
// is being deleted.
func (r *Record) Update(now time.Time, ids IDs, c Change) (bool, error) {
	const op = "UpdateService"
	if r.Status != Active {
		return false, backend.Errorf(op, backend.Conflict, r.Name, "the service is %s", r.Status)
	}
	if c.Desired != nil && *c.Desired < 0 {
		return false, backend.Errorf(op, backend.Invalid, r.Name, "desiredCount: is below zero")
	}
	deploy := c.Force
	td := r.TaskDefinition
	if c.TaskDefinition != nil && *c.TaskDefinition != td {
		td, deploy = *c.TaskDefinition, true
	}
	if c.Spec != nil {
		deploy = deploy || reachesTasks(r.Spec.Document, c.Spec.Document)
		name, own := r.Spec.Name, backend.OwnTags(r.Spec.Document)
		r.Spec = *c.Spec
		r.Spec.Name = name
		if err := r.Tag(own, nil); err != nil {
			return false, err
		}
	}
	if c.Desired != nil && *c.Desired != r.Desired {
		r.Desired, r.Steady = *c.Desired, false
	}
	if deploy {
		r.deploy(now, ids, td, c.Images)
	}
	return deploy, nil
}

// Tag sets tags of the service, and takes others off.
func (r *Record) Tag(set map[string]string, remove []string) error {
	if len(set) == 0 && len(remove) == 0 {
		return nil
	}
	doc, err := backend.Retagged(r.Spec.Document, set, remove)
	if err != nil {
		return &backend.Error{Op: "TagResource", Kind: backend.Invalid, Resource: r.Name, Err: err}
	}
	r.Spec.Document = doc
	return nil
}

// inPlace are the fields of CreateService that ECS changes without starting
// tasks anew.
func inPlace() []string {
	return []string{
		"serviceName", "cluster", "taskDefinition", "service", "desiredCount", "forceNewDeployment",
		"deploymentConfiguration", "healthCheckGracePeriodSeconds", "placementConstraints",
		"placementStrategy", "enableExecuteCommand", "enableECSManagedTags", "clientToken",
		"tags", "availabilityZoneRebalancing", "schedulingStrategy", "deploymentController",
	}
}

// reachesTasks says whether two CreateService documents differ in a field that
// tasks are made from. Without both documents there is nothing to compare.
func reachesTasks(before, after backend.Document) bool {
	if len(before) == 0 || len(after) == 0 {
		return false
	}
	a, err1 := before.Tree()
	b, err2 := after.Tree()
	if err1 != nil || err2 != nil {
		return false
	}
	for _, doc := range []map[string]any{a, b} {
		for _, k := range inPlace() {
			delete(doc, k)
		}
		if doc["launchType"] == nil {
			doc["launchType"] = defaultLaunchType // as a service's own document says it
		}
	}
	return !reflect.DeepEqual(a, b)
}

// deploy begins a deployment; the one that was going on is superseded.
func (r *Record) deploy(now time.Time, ids IDs, td string, images []backend.ContainerImage) {
	id := ids.digits()
	d := &Deployment{
		ID: "ecs-svc/" + id, ARN: r.Names.ServiceDeployment(r.Cluster, r.Name, id),
		Status: backend.DeploymentPrimary, Rollout: backend.RolloutInProgress,
		Result: backend.InProgress, TaskDefinition: td,
		Target: r.Names.ServiceRevision(r.Cluster, r.Name, ids.digits()),
		Images: images, Desired: r.Desired, Breaker: breakerDisabled,
		Strategy: r.strategy(), CreatedAt: now, StartedAt: now, UpdatedAt: now,
	}
	d.RolloutReason = "ECS deployment " + d.ID + " in progress."
	if r.Spec.Config.Breaker.Enable {
		d.Breaker = breakerMonitors
	}
	for _, old := range r.Deployments {
		if !old.Result.Ended() { // also one that rolls back, and has no task left
			old.end(now, backend.Stopped, "A newer deployment replaced it.")
			old.Weight, old.TestWeight = 0, 0
		}
		if old.Status == backend.DeploymentInactive {
			continue
		}
		old.Status, old.Throttle = backend.DeploymentActive, Throttle{}
		d.Source = append(d.Source, Source{Deployment: old.ID, ARN: old.Target, TaskDefinition: old.TaskDefinition})
		if old.Rollout == backend.RolloutInProgress {
			old.Rollout = backend.RolloutFailed
			if old.Completed {
				old.Rollout = backend.RolloutCompleted
			}
		}
	}
	if blue := r.rollbackTarget(d); backend.ShiftsTraffic(d.Strategy) && blue != nil && blue.Status == backend.DeploymentActive {
		d.Blue = blue.ID
	}
	r.Deployments = append([]*Deployment{d}, r.Deployments...)
	r.TaskDefinition = td
	r.Throttle = Throttle{}
	r.Steady = false
}

// end closes the service deployment.
func (d *Deployment) end(now time.Time, result backend.ServiceDeploymentStatus, reason string) {
	d.Result, d.Reason = result, reason
	d.FinishedAt, d.UpdatedAt = now, now
	if d.Breaker == breakerMonitors {
		d.Breaker = breakerComplete
	}
}

// Rollback ends the deployment with this ARN by going back to the newest one
// that completed (StopServiceDeployment). Kind NotFound for an unknown ARN,
// Conflict when it has ended or there is nothing to go back to.
func (r *Record) Rollback(now time.Time, arn string) error {
	const op = "StopServiceDeployment"
	for _, d := range r.Deployments {
		if d.ARN != arn {
			continue
		}
		if d.Result.Ended() || d.Result == backend.RollbackInProgress || d.Status != backend.DeploymentPrimary {
			return backend.Errorf(op, backend.Conflict, r.Name, "the deployment is %s", d.Result)
		}
		target := r.rollbackTarget(d)
		if target == nil {
			return backend.Errorf(op, backend.Conflict, r.Name, "no deployment of the service has completed yet")
		}
		r.rollBack(now, d, target, "Stopped by the user.", byUser)
		return nil
	}
	return backend.Errorf(op, backend.NotFound, arn, "no such service deployment")
}

// Who begins a rollback, for the rolloutStateReason of the deployment that
// comes back.
const (
	byBreaker = "ECS deployment circuit breaker"
	byAlarm   = "ECS deployment alarm"
	byHook    = "ECS deployment lifecycle hook"
	byUser    = "As the user asked"
)

// rollBack makes target the primary deployment again; it gets all traffic back.
func (r *Record) rollBack(now time.Time, from, target *Deployment, why, by string) {
	from.leaveStages()
	from.Status, from.Rollout = backend.DeploymentActive, backend.RolloutFailed
	from.Result, from.RollbackReason, from.RollbackTo = backend.RollbackInProgress, why, target.ID
	from.UpdatedAt = now
	for _, d := range r.Deployments {
		if d.Status == backend.DeploymentPrimary {
			d.Status = backend.DeploymentActive
		}
	}
	target.Status, target.Rollout = backend.DeploymentPrimary, backend.RolloutInProgress
	target.RolloutReason = by + ": rolling back to deploymentId " + target.ID + "."
	target.Strikes, target.Stalled, target.UpdatedAt = 0, false, now
	r.TaskDefinition = target.TaskDefinition
	r.Throttle, r.Steady = Throttle{}, false
	r.event(now, "rolling back to deployment "+target.ID+".")
}

// Delete begins the end of the service: it drains, then becomes INACTIVE by a
// later [Record.Reconcile]. Kind Conflict without force while tasks are wanted.
func (r *Record) Delete(now time.Time, force bool) error {
	const op = "DeleteService"
	if r.Status != Active {
		return nil
	}
	if r.Desired > 0 && !force {
		return &backend.Error{
			Op: op, Kind: backend.Conflict, Resource: r.Name,
			Err:    errStillWanted,
			Remedy: "scale it to 0 first, or delete with force",
		}
	}
	r.Status, r.Desired, r.DeletedAt, r.Steady = Draining, 0, now, false
	for _, d := range r.Deployments {
		if !d.Result.Ended() {
			d.end(now, backend.Stopped, "The service was deleted.")
		}
	}
	return nil
}
