// Package scheduler is ECS's service scheduler as a pure function. It knows no
// engine, no store, no clock and no goroutine: the docker and the demo backend
// both drive it, so that a rollout behaves the same on both. The rules are
// those of "Service scheduler", "Deployment circuit breaker" and "Service
// throttle logic" in the ECS developer guide.
//
// # Contract for a backend
//
// A backend keeps one [Record] for each service, as opaque JSON, and changes it
// only through [Create], [Record.Update], [Record.Rollback], [Record.Delete]
// and [Record.Reconcile]. It calls Reconcile after every change of the record
// or of a task, after Decision.Wake, and at any other time: a pass that is not
// needed decides nothing. Then it does what the [Decision] says, in this order:
// save the record where Changed is set, stop, start.
//
// What Reconcile is given:
//
//   - tasks are all tasks of this service that the backend knows, of every
//     deployment, in any order, stopped ones too for as long as they are kept.
//     Failures are counted from stopped tasks, so each must be shown stopped in
//     at least one pass.
//   - A Start is not remembered here. The backend must show it as a task
//     (PROVISIONING is enough), with StartedBy set to Start.Deployment and a
//     CreatedAt, before it calls Reconcile again, or it is decided again. The
//     same holds for a Stop: the task must then have DesiredStatus STOPPED.
//     After a crash between the two, the next pass decides whatever is missing.
//   - Task.StartedAt is when it reached RUNNING; zero when it never did.
//   - Container.Health is "" for a container without a health check, UNKNOWN
//     while a check has not said anything yet. Only essential containers count,
//     as in ECS. Task.Health and containers that are not essential are ignored.
//   - Task.StopCode tells who stopped it: UserInitiated and
//     ServiceSchedulerInitiated are no failures, everything else is.
//   - Tasks whose StartedBy names no known deployment belong to the service
//     all the same, and are replaced like those of an old deployment.
//   - A record that is lost can be made again with [New].Adopt set to the
//     StartedBy of the tasks that run: they stay, and their past is not counted.
//
// # Traffic
//
// A backend with traffic to shift says so by [New].Strategies. Its deployments
// then follow BLUE_GREEN, LINEAR and CANARY: two whole revisions run beside each
// other while the deployment goes through its lifecycle stages, which hooks can
// pause ([Record.Continue]) and alarms can end ([Record.Alarm]). Weights are
// what was asked for; there is no load balancer here.
//
// What must never happen here: I/O, reading a clock, randomness, a decision
// that takes healthy tasks below the lower bound or tasks above the upper one,
// or two PRIMARY deployments.
//
// # Where this is stricter or kinder than ECS
//
//   - Tasks that are stopping count against the upper bound, since on one
//     engine they still hold their host ports.
//   - A task that reached RUNNING but stopped by itself before it ever counted
//     as healthy is a failed start, for the circuit breaker and for throttling:
//     a program that crashes at once must neither spin nor pass as deployed.
//   - The first deployment of a service has nobody to take traffic from: it
//     scales up and is done, without pauses and without baking.
//   - A hook of type AWS_LAMBDA succeeds at once: there is no Lambda here.
//   - Old tasks are stopped below the desired count (as minimumHealthyPercent
//     allows) only where new ones need the room.
package scheduler
