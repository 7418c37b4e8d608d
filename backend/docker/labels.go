package docker

// The labels that tie a container to its task. The first five are the ECS
// agent's own, so that tools made for its containers also understand ours.
const (
	LabelTaskARN       = "com.amazonaws.ecs.task-arn"
	LabelContainerName = "com.amazonaws.ecs.container-name"
	LabelFamily        = "com.amazonaws.ecs.task-definition-family"
	LabelRevision      = "com.amazonaws.ecs.task-definition-version"
	LabelCluster       = "com.amazonaws.ecs.cluster"

	// LabelService is the service's name; a task of its own has none.
	LabelService = "com.ecs-tui.service"
	// LabelApp marks images that this program built, and everything else on
	// the engine that is its own to remove.
	LabelApp = "com.ecs-tui.app"

	// internalPrefix begins the container name of what holds a task together
	// but is no part of its definition, such as PauseContainer.
	internalPrefix = "~internal~"
	// PauseContainer owns the network namespace of an awsvpc task. It has the
	// task's labels; its log, statistics and shell are never shown.
	PauseContainer = internalPrefix + "ecs~pause"
)
