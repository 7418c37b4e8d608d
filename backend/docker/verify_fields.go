package docker

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// fieldNote is what the local engine makes of a field. The zero note is a field
// that it honours, with each field inside it looked at in turn.
type fieldNote struct {
	severity backend.Severity
	message  string // why it is not honoured, or what is different
	remedy   string
	plain    []string // values that ask for nothing that is not done here
	whole    bool     // honoured with everything that is in it
}

// fieldNotes are the fields of a document by their path, [] for each index of
// a list. A field that is not among them is not honoured either.
type fieldNotes map[string]fieldNote

func (n fieldNotes) honour(prefix, names string) {
	for _, name := range strings.Fields(names) {
		n[prefix+name] = fieldNote{}
	}
}

func (n fieldNotes) honourWhole(prefix, names string) {
	for _, name := range strings.Fields(names) {
		n[prefix+name] = fieldNote{whole: true}
	}
}

func (n fieldNotes) tell(s backend.Severity, path, message, remedy string, plain ...string) {
	n[path] = fieldNote{severity: s, message: message, remedy: remedy, plain: plain}
}

const inContainer = "containerDefinitions[]."

// taskDefinitionFields are those of RegisterTaskDefinition.
func taskDefinitionFields() fieldNotes {
	n := fieldNotes{}
	n.honour("", "family networkMode cpu memory containerDefinitions volumes pidMode ipcMode requiresCompatibilities runtimePlatform")
	// Logs are kept by the engine and shown here, whatever the driver; tags and
	// what ECS adds to a revision that it describes ask for nothing.
	n.honourWhole("", `tags taskDefinitionArn revision status requiresAttributes compatibilities registeredAt registeredBy deregisteredAt`)
	n.honour("runtimePlatform.", "cpuArchitecture operatingSystemFamily")
	n.honour(inContainer, `name image cpu memory memoryReservation essential entryPoint command workingDirectory
		user portMappings mountPoints volumesFrom dependsOn startTimeout stopTimeout links hostname dnsServers dnsSearchDomains
		privileged readonlyRootFilesystem interactive pseudoTerminal disableNetworking linuxParameters logConfiguration`)
	n.honourWhole(inContainer, "environment environmentFiles secrets healthCheck restartPolicy ulimits extraHosts dockerLabels systemControls")
	n.honour(inContainer+"portMappings[].", "name containerPort hostPort protocol")
	n.honour(inContainer+"mountPoints[].", "sourceVolume containerPath readOnly")
	n.honour(inContainer+"volumesFrom[].", "sourceContainer readOnly")
	n.honour(inContainer+"dependsOn[].", "containerName condition")
	n.honour(inContainer+"linuxParameters.", "initProcessEnabled sharedMemorySize maxSwap swappiness")
	n.honourWhole(inContainer+"linuxParameters.", "tmpfs capabilities devices")
	n.honour("volumes[].", "name host")
	n.honour("volumes[].host.", "sourcePath")
	n.honourWhole("volumes[].", "dockerVolumeConfiguration")
	n.tellTask()
	n.tellContainer()
	return n
}

func (n fieldNotes) tellTask() {
	const roles = "there are no roles here: a container has the credentials that are put into its environment, and no others"
	n.tell(backend.Note, "taskRoleArn", roles, "")
	n.tell(backend.Note, "executionRoleArn", "there are no roles here: images are the engine's own, secrets come from a local file", "")
	n.tell(backend.Warning, "proxyConfiguration", "there is no proxy here: traffic goes straight to the containers", "")
	n.tell(backend.Warning, "ephemeralStorage", "the engine's disk is not divided: a task may fill all of it", "")
	n.tell(backend.Note, "placementConstraints", "there is one engine only, so there is nothing to place", "")
	n.tell(backend.Warning, "inferenceAccelerators", "there are no accelerators here", "")
	n.tell(backend.Note, "enableFaultInjection", "there is no fault injection here", "")
	n.tell(backend.Warning, "volumes[].configuredAtLaunch", "there is no EBS here: the volume is one of the engine's, as long as the task", "")
	const files = "there is no such file system here: the volume is one of the engine's, as long as the task"
	for _, field := range []string{"efsVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration", "s3filesVolumeConfiguration"} {
		n.tell(backend.Warning, "volumes[]."+field, files, `for data that stays, use "dockerVolumeConfiguration": {"scope": "shared"}, or host.sourcePath`)
	}
}

func (n fieldNotes) tellContainer() {
	const kept = "logs are kept by the engine and shown here; nothing is sent elsewhere"
	n.tell(backend.Note, inContainer+"logConfiguration.logDriver", kept, "", "json-file", "local")
	n.honourWhole(inContainer+"logConfiguration.", "options secretOptions")
	n.tell(backend.Warning, inContainer+"firelensConfiguration", "the container runs, but no logs are routed to it: they are kept by the engine", "")
	n.tell(backend.Warning, inContainer+"resourceRequirements", "no GPU or accelerator is given to the container", "")
	n.tell(backend.Warning, inContainer+"repositoryCredentials", "no credentials are read: the image must be on the engine, or be public", "docker login and docker pull it first")
	n.tell(backend.Warning, inContainer+"credentialSpecs", "there is no Active Directory here", "")
	n.tell(backend.Note, inContainer+"dockerSecurityOptions", "the engine's own security profile is used", "")
	n.tell(backend.Note, inContainer+"versionConsistency", "the image is pinned by its id, always", "")
	n.tell(backend.Note, inContainer+"portMappings[].appProtocol", "there is no Service Connect here; the port is published as it is", "")
	n.tell(backend.Warning, inContainer+"portMappings[].containerPortRange", "a range of ports is not published", "list the ports one by one")
}

// serviceFields are those of CreateService.
func serviceFields() fieldNotes {
	n := fieldNotes{}
	n.honour("", "serviceName taskDefinition desiredCount healthCheckGracePeriodSeconds deploymentConfiguration")
	n.honourWhole("", "tags enableECSManagedTags propagateTags clientToken cluster availabilityZoneRebalancing")
	n.honour("deploymentConfiguration.", "minimumHealthyPercent maximumPercent")
	n.tell(backend.Warning, "deploymentConfiguration.strategy", "the local engine rolls out task by task (ROLLING), whatever the strategy: there is no traffic to shift", "", "ROLLING")
	n.honourWhole("deploymentConfiguration.", "deploymentCircuitBreaker")
	n.honourWhole("", "enableExecuteCommand")
	n.honour("", "deploymentController")
	n.tell(backend.Warning, "deploymentConfiguration.alarms", "there are no alarms here: the rollout does not watch any", "")
	n.tell(backend.Warning, "deploymentConfiguration.lifecycleHooks", "there are no lifecycle hooks here: a rollout does not pause", "")
	n.tell(backend.Warning, "deploymentConfiguration.bakeTimeInMinutes", "the local engine rolls out without a bake time", "")
	n.tell(backend.Warning, "deploymentConfiguration.linearConfiguration", "there is no traffic to shift step by step", "")
	n.tell(backend.Warning, "deploymentConfiguration.canaryConfiguration", "there is no traffic of which a part could be shifted first", "")
	n.tell(backend.Warning, "deploymentConfiguration.earlySuccessCriteria", "the rollout ends when all tasks are healthy, not earlier", "")
	n.tell(backend.Note, "monitoring", "nothing is sent to CloudWatch; cpu and memory are measured and shown here", "")
	n.tell(backend.Warning, "gatewayConnectors", "there are no gateways here: each task's own port is published, ps shows it", "")
	n.tell(backend.Warning, "loadBalancers", "there is no load balancer here: each task's own port is published, ps shows it", "")
	n.tell(backend.Note, "serviceRegistries", "there is no Cloud Map here: tasks answer to the service's name on the cluster's network", "")
	n.tell(backend.Warning, "serviceConnectConfiguration", "there is no Service Connect here: tasks answer to the service's name on the cluster's network", "")
	n.tell(backend.Warning, "vpcLatticeConfigurations", "there is no VPC Lattice here", "")
	n.tell(backend.Warning, "volumeConfigurations", "there is no EBS here: the volume is one of the engine's, as long as the task", "")
	const one = "there is one engine only, so there is nothing to choose or place"
	for _, field := range []string{"launchType", "capacityProviderStrategy", "platformVersion", "placementConstraints", "placementStrategy", "networkConfiguration"} {
		n.tell(backend.Note, field, one, "")
	}
	n.tell(backend.Note, "role", "there are no roles here", "")
	n.tell(backend.Warning, "deploymentController.type", "the local engine rolls services out by itself (ECS); CODE_DEPLOY and EXTERNAL are not here", "", "ECS")
	n.tell(backend.Warning, "schedulingStrategy", "there is one engine only: DAEMON would be one task; desiredCount is used", "", "REPLICA")
	return n
}
