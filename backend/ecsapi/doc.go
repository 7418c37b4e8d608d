// Package ecsapi is ECS's own wire protocol over any [backend.Backend]: point
// the AWS SDK, the AWS command line or a deploy tool at it, and what they think
// is Amazon ECS is the local engine, or the demo.
//
//	aws --endpoint-url http://127.0.0.1:8000 ecs list-services --cluster default
//
// You are at the edge of the house, on the server's side of the wire. This
// package speaks the protocols (JSON for ecs, ecr, logs and others, REST for
// scheduler, query for sts, CBOR and query for cloudwatch), holds callers to ECS's limits, and
// answers with ECS's errors. Where things run is the backend's business: it
// imports no other backend and keeps nothing of its own but what only the cloud
// has: the repositories of the [Registry], and the [Account].
//
// # What is as in ECS
//
//   - Batches and pages: ListServices gives 10 unless asked, DescribeServices
//     takes 10, DescribeTasks 100; what does not exist is in failures.
//   - Tokens are opaque, and good for the list that they came from only.
//   - A registered task definition keeps every field, and comes back with ECS's
//     defaults filled in.
//   - Errors have ECS's types; their text is what the backend says, since it
//     knows more than "Service not found."
//
// # What is not
//
//   - Any credentials are accepted, but for those that its own STS gave, which
//     run out; a request must be signed, but the signature is not checked. The
//     handler belongs on a loopback address. What a browser sends for a web page
//     is refused.
//   - The backend's networks are its own: awsvpc needs no networkConfiguration.
//   - RunTask overrides command and environment; what else would change a task
//     is refused, and where it runs is the backend's business.
//   - ECS Exec reaches every task unless its service switches it off, and tells
//     the exit code to clients that ask for it (see package datachannel).
//   - Metrics have a past only as far back as the backend remembers, or somebody
//     asked for them.
//   - There are the target groups and Cloud Map entries that services name, where
//     the backend has such things, and those of the [Account]; nothing makes
//     others.
//   - IAM, Secrets Manager, Systems Manager and EC2 answer the calls that look
//     whether what a service stands on exists, about the [Account], if there is
//     one.
//   - ECR's calls are about the [Registry] where there is one. Without it they
//     are about the repositories of the backend, if it has any: nothing can be
//     pushed to those, what is in use is not deleted, and a manifest is made of
//     what the backend tells of the layers, so that its hash is not the digest.
//   - EventBridge Scheduler has the schedules that start tasks, each in the group
//     ecs-tui-CLUSTER, whatever it was made in; of how often a start is tried, and
//     of flexible windows, it knows nothing.
//   - A cluster is also made by its first service or task, where the backend
//     does that, and the backend's default cluster can't be deleted.
//   - Tags are kept of services; other resources have those that they were made
//     with.
//   - Container logs that have no awslogs driver can be read in the log group
//     /ecs/FAMILY, in the stream ecs/CONTAINER/TASK: the names that the ECS
//     console chooses for a new task definition.
package ecsapi
