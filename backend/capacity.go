package backend

import "time"

// ContainerInstance is a machine that tasks run on: an EC2 instance, a managed
// one, or one outside of AWS that was registered with the cluster.
type ContainerInstance struct {
	ARN, Cluster string // Cluster is its name
	Instance     string // EC2 id, or the id of Systems Manager for an external one ("mi-…")
	External     bool
	Type, Zone   string // "" where there is none
	Provider     string // capacity provider, "" for none
	Status       string // ACTIVE, DRAINING, REGISTERING, DEREGISTERING, REGISTRATION_FAILED
	StatusReason string
	Connected    bool   // the agent answers
	Agent        string // its version
	AgentUpdate  string // PENDING, STAGING … FAILED; "" for none
	Engine       string // Docker's version
	Running      int    // tasks
	Pending      int
	Total, Free  Resources
	RegisteredAt time.Time
	Document     Document // the whole of it, in DescribeContainerInstances' shape
}

// Resources of a machine.
type Resources struct {
	CPU    int // units of 1/1024 core
	Memory int // MiB
	GPUs   int
	// Ports that are taken: of Total those that the machine keeps for itself, of
	// Free those and the ones of its tasks. Each is "8080" or "8080/udp".
	Ports []string
}

// Capacity is what a cluster takes machines from.
type Capacity struct {
	Providers []CapacityProvider
	// Default is what a service without a launch type and a strategy goes by.
	Default []ProviderShare
}

// ProviderShare is one entry of a capacity provider strategy.
type ProviderShare struct {
	Provider     string
	Base, Weight int
}

// CapacityProvider gives a cluster machines.
type CapacityProvider struct {
	ARN, Name    string
	Status       string // ACTIVE, INACTIVE …
	UpdateStatus string // "" for none
	UpdateReason string
	Group        string // the Auto Scaling group's ARN, "" for Fargate
	Scaling      bool   // ECS scales the group
	TargetLoad   int    // percent of the group that should be in use, with Scaling
	Protected    bool   // instances with tasks are not ended by scaling in
	Draining     bool   // instances that end are drained first
	Document     Document
}
