package deploy

import "strings"

// rule is one way to recognise a row of the failure table. It matches a text
// that holds all of all and, where any is set, one of any; texts are lower case.
type rule struct {
	row    int
	where  place
	all    []string
	any    []string
	exits  []int
	cause  string
	remedy func(facts) string
}

func (r rule) matches(lower string) bool {
	if len(r.all) == 0 && len(r.any) == 0 {
		return false
	}
	for _, s := range r.all {
		if !strings.Contains(lower, s) {
			return false
		}
	}
	for _, s := range r.any {
		if strings.Contains(lower, s) {
			return true
		}
	}
	return len(r.any) == 0
}

func (r rule) hasExit(code int) bool {
	for _, c := range r.exits {
		if c == code {
			return true
		}
	}
	return false
}

func (r rule) diagnosis(text string, f facts) Diagnosis {
	d := Diagnosis{Row: r.row, Cause: r.cause, Evidence: text, Remedy: r.remedy(f)}
	if f.exit != nil && *f.exit != 0 && !strings.Contains(d.Cause, "exit code") {
		d.Cause += ", exit code " + itoa(*f.exit)
	}
	return d
}

// say is a remedy that is the same for every task.
func say(text string) func(facts) string { return func(facts) string { return text } }

// rules is the failure table, the most specific rule first. What a row stands
// for is in the reference of failures; texts are matched loosely, since ECS
// does not promise them.
func rules() []rule {
	return append(append(pullRules(), startRules()...), append(runRules(), placementRules()...)...)
}

// pullRules are failures before there is a container.
func pullRules() []rule {
	const pull = "cannotpull"
	return []rule{
		{
			row: 6, where: inReason | inEvent, any: []string{"toomanyrequests", "pull rate limit"},
			cause: "the registry's pull rate limit", remedy: say("mirror the image into ECR or use a pull-through cache; otherwise wait and try again"),
		},
		{
			row: 2, where: inReason | inEvent, any: []string{"descriptor matching platform", "no match for platform", "no matching manifest"},
			cause: "the image is not built for this platform", remedy: remedyPlatform,
		},
		{
			row: 7, where: inReason | inLog | inEvent, any: []string{"no space left on device"},
			cause: "no space left on the disk", remedy: say("free disk space (prune images), or raise ephemeralStorage"),
		},
		{
			row: 4, where: inReason | inEvent, all: []string{pull}, any: []string{"i/o timeout", "request canceled", "dial tcp", "no such host", "connection refused", "deadline exceeded"},
			cause: "the registry cannot be reached", remedy: say("give the task a route to the registry: a NAT gateway, a public IP, or endpoints for ECR and S3; locally, check the network"),
		},
		{
			row: 5, where: inReason | inEvent, any: []string{"pull access denied", "cannotpullecrcontainererror", "no basic auth credentials"},
			cause: "pulling the image is not allowed", remedy: say("allow the execution role to pull, check the repository's policy, and that the repository exists"),
		},
		{
			row: 5, where: inReason | inEvent, all: []string{pull}, any: []string{"403 forbidden", "not authorized", "accessdenied", "unauthorized"},
			cause: "pulling the image is not allowed", remedy: say("allow the execution role to pull, and check the repository's policy"),
		},
		{
			row: 1, where: inReason | inEvent, all: []string{pull}, any: []string{"not found", "manifest unknown", "no such image", "does not exist"},
			cause: "the image does not exist", remedy: remedyMissingImage,
		},
		{
			row: 1, where: inReason, any: []string{"no such image"},
			cause: "the image does not exist", remedy: remedyMissingImage,
		},
		{
			row: 8, where: inReason | inEvent, any: []string{"unable to pull secrets or registry auth", "unable to retrieve secret", "secretsmanager", "fetching secret data", "has no value here"},
			cause: "secrets could not be read", remedy: say("check the secret's ARN, that the execution role may read it and its KMS key, and the route to its endpoint; locally, that it is in the .env file"),
		},
		{
			row: 8, where: inReason | inEvent, all: []string{"resourceinitializationerror"}, any: []string{"environment file", "env file"},
			cause: "an environment file could not be read", remedy: say("check that the file is there, and that the execution role may read it (s3:GetObject, s3:GetBucketLocation); locally, that it is in the app's folder"),
		},
		{
			row: 9, where: inReason | inEvent, all: []string{"resourceinitializationerror"}, any: []string{"log group", "log stream", "logger"},
			cause: "the log stream could not be made", remedy: say("create the log group, or allow the execution role logs:CreateLogGroup, logs:CreateLogStream and logs:PutLogEvents; check the endpoint"),
		},
	}
}

// startRules are failures on the way from the image to a running program.
func startRules() []rule {
	return []rule{
		{
			row: 3, where: inReason | inLog, any: []string{"exec format error"},
			cause: "the image is built for another CPU architecture", remedy: remedyPlatform,
		},
		{
			row: 16, where: inReason | inEvent, any: []string{"already using a port", "port is already allocated", "ports are not available"},
			cause: "the host port is taken", remedy: remedyPort,
		},
		{
			row: 16, where: inReason, all: []string{"address already in use"},
			cause: "the host port is taken", remedy: remedyPort,
		},
		{
			row: 16, where: inLog, all: []string{"address already in use"},
			cause: "the port is taken inside the task", remedy: say("the containers of an awsvpc task share their ports: let each listen on one of its own"),
		},
		{
			row: 17, where: inReason | inEvent, any: []string{"network interface provisioning", "eni provisioning", "resource:eni"},
			cause: "no network interface for the task", remedy: say("turn on ENI trunking, use larger instances, or free addresses in the subnets"),
		},
		{
			row: rowSpot, where: inReason, any: []string{"spotinterruption", "spot task was interrupted", "spot interruption"},
			cause: "the Spot capacity was taken back", remedy: say("it is replaced by itself; use on-demand capacity for what must not be interrupted"),
		},
		{
			row: 11, where: inReason, any: []string{"outofmemory"},
			cause: "out of memory", remedy: remedyMemory,
		},
		{
			row: rowCannotStart, where: inReason, all: []string{"cannotstartcontainererror"}, any: []string{"executable file not found", "no such file or directory"},
			cause: "the command is not in the image", remedy: say("correct command or entryPoint, or add the program to the image"),
		},
		{
			row: rowCannotStart, where: inReason, all: []string{"cannotstartcontainererror"}, any: []string{"rlimit"},
			cause: "the engine may not set the container's limits", remedy: say("lower the ulimits in the task definition, or let the engine raise its own"),
		},
		{
			row: rowCannotStart, where: inReason, all: []string{"cannotstartcontainererror"}, any: []string{"permission denied"},
			cause: "the command cannot be executed", remedy: say("make the file executable in the image (chmod +x), or change the user"),
		},
		{
			row: rowCannotStart, where: inReason | inEvent, any: []string{"cannotstartcontainererror", "cannotcreatecontainererror"},
			cause: "the container could not be started", remedy: say("check command, entryPoint, mounts and user in the task definition against the image"),
		},
	}
}

// runRules are failures of a program that ran.
func runRules() []rule {
	return []rule{
		{
			row: rowTarget, where: inReason | inEvent, any: []string{"failed elb health checks", "is unhealthy in target-group", "is unhealthy in (target-group"},
			cause: "failed the load balancer's health checks", remedy: remedyTarget,
		},
		{
			row: 14, where: inReason | inEvent, any: []string{"failed container health checks"},
			cause: "failed its container health check", remedy: remedyHealth,
		},
		{
			row: 11, exits: []int{137},
			cause: "killed, exit code 137", remedy: remedyKilled,
		},
		{
			row: 12, exits: []int{143},
			cause: "stopped by SIGTERM, exit code 143", remedy: say("something asked it to stop: look at who stopped the task, and at the last log lines"),
		},
		{
			row: 12, exits: []int{139},
			cause: "segmentation fault, exit code 139", remedy: say("the program crashed in native code: look at the last log lines, and for a libc or CPU that does not fit the image"),
		},
		{
			row: 12, exits: []int{127},
			cause: "command not found, exit code 127", remedy: say("correct command or entryPoint, or add the program to the image"),
		},
		{
			row: 12, exits: []int{126},
			cause: "the command is not executable, exit code 126", remedy: say("make the file executable in the image: chmod +x"),
		},
	}
}

// placementRules are failures to find a place for a task at all; they are
// mostly told by events.
func placementRules() []rule {
	return []rule{
		{
			row: 15, where: inReason | inEvent, any: []string{"insufficient memory", "insufficient cpu", "resource:memory", "resource:cpu"},
			cause: "not enough memory or CPU to place the task", remedy: say("add capacity, stop something else, or make the task smaller"),
		},
		{
			row: 18, where: inReason | inEvent, all: []string{`encountered error "agent"`},
			cause: "the container agent does not answer", remedy: say("restart the container agent on that instance"),
		},
		{
			row: 18, where: inReason | inEvent, any: []string{"missing an attribute", "agent is disconnected"},
			cause: "no instance has an attribute that the task needs", remedy: say("check placement constraints and the attributes of the instances; update their container agent"),
		},
		{
			row: 19, where: inReason | inEvent, any: []string{"unable to stop or start tasks during a deployment"},
			cause: "minimumHealthyPercent and maximumPercent block each other", remedy: say("raise maximumPercent to 200, or lower minimumHealthyPercent"),
		},
		{
			row: 20, where: inReason | inEvent, any: []string{"reached the limit", "capacity is unavailable"},
			cause: "a quota or the capacity is used up", remedy: say("ask for a higher quota, or use another Availability Zone"),
		},
		{
			row: rowProtected, where: inReason | inEvent, any: []string{"tasks under protection", "protected tasks", "task protection"},
			cause: "tasks are protected from being stopped", remedy: say("wait for the protection to end, or take it off"),
		},
		{
			row: rowInconsistent, where: inReason | inEvent, any: []string{"unable to consistently start tasks"},
			cause: "tasks keep failing and are started less and less often", remedy: say("look at why the last task stopped, and roll back"),
		},
	}
}
