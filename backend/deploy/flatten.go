package deploy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// flatten turns a document's tree into its leaves by path. Entries of lists
// that have a name stand under it, so that their order does not count; lists
// of plain values are one leaf. What ECS fills in by itself is left out.
func flatten(tree map[string]any) map[string]string {
	f := newFlattener(tree)
	f.object("", tree)
	return f.leaves
}

type flattener struct {
	leaves     map[string]string
	mode       string // networkMode
	scheduling string // schedulingStrategy
}

func newFlattener(tree map[string]any) *flattener {
	f := &flattener{leaves: map[string]string{}}
	f.mode, _ = tree["networkMode"].(string)
	f.scheduling, _ = tree["schedulingStrategy"].(string)
	return f
}

// daemon is the scheduling strategy of one task on each instance, which has
// defaults of its own.
const daemon = "DAEMON"

// listKeys is what names an entry, by the list's own name.
func listKeys() map[string][]string {
	return map[string][]string{
		"containerDefinitions": {"name"}, "environment": {"name"}, "secrets": {"name"}, "volumes": {"name"},
		"ulimits": {"name"}, "systemControls": {"namespace"}, "mountPoints": {"containerPath"},
		"portMappings": {"containerPort", "protocol"}, "dependsOn": {"containerName"}, "tags": {"key"},
		"environmentFiles": {"value"}, "volumesFrom": {"sourceContainer"}, "extraHosts": {"hostname"},
		"tmpfs": {"containerPath"}, "devices": {"hostPath"}, "resourceRequirements": {"type"},
		"capacityProviderStrategy": {"capacityProvider"}, "secretOptions": {"name"},
		"loadBalancers": {"containerName", "containerPort"}, "serviceRegistries": {"registryArn"},
		"inferenceAccelerators": {"deviceName"}, "properties": {"name"}, "volumeConfigurations": {"name"},
		"placementConstraints": {"type", "expression"}, "services": {"portName"}, "vpcLatticeConfigurations": {"portName"},
		"tagSpecifications": {"resourceType"},
	}
}

// object flattens what is below path, but the fields that path names already.
func (f *flattener) object(path string, o map[string]any, named ...string) {
	for k, v := range o {
		if slices.Contains(named, k) {
			continue
		}
		p := k
		if path != "" {
			p = path + "." + k
		}
		f.value(p, k, o, v)
	}
}

func (f *flattener) value(path, key string, parent map[string]any, v any) {
	if f.isDefault(path, key, parent, v) {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		f.object(path, v)
	case []any:
		f.list(path, key, v)
	case string:
		if key == "credentialsParameter" { // an ARN: where the secret is, not what
			f.leaves[path] = "from " + v
			return
		}
		f.leaves[path] = hideByName(key, v)
	default:
		f.leaves[path] = plainText(v)
	}
	if size := taskSize(path, fmt.Sprint(v)); size != "" {
		f.leaves[path] = size
	}
}

// taskSize is a task's cpu or memory in units and MiB, as ECS stores it: 0.5
// vCPU is 512, 1 GB is 1024. It is "" for other fields, and for what is neither.
func taskSize(path, text string) string {
	parse := map[string]func(string) (int, error){"cpu": backend.ParseCPU, "memory": backend.ParseMemory}[path]
	if parse == nil {
		return ""
	}
	if n, err := parse(text); err == nil && n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// plainText is a number or a truth as text, one number always the same: 10.0
// is 10.
func plainText(v any) string {
	text := fmt.Sprint(v)
	if strings.Contains(text, ".") && !strings.ContainsAny(text, "eE") {
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func (f *flattener) list(path, key string, items []any) {
	names := listKeys()[key]
	var plain []any
	for i, item := range items {
		o, ok := item.(map[string]any)
		if !ok {
			plain = append(plain, item)
			continue
		}
		id := entryName(o, names)
		if id == "" {
			id = fmt.Sprint(i)
		}
		p := path + "[" + id + "]"
		switch key {
		case "environment":
			value, _ := o["value"].(string)
			f.leaves[p] = hideByName(id, value)
		case "secrets", "secretOptions":
			f.leaves[p] = "from " + fmt.Sprint(o["valueFrom"])
		default:
			if key != "containerDefinitions" && len(names) > 0 {
				f.leaves[p] = "yes" // it may say nothing but that it is there
			}
			f.object(p, o, names...)
		}
	}
	if len(plain) > 0 {
		if isSet(key) {
			slices.SortFunc(plain, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		text, err := json.Marshal(plain)
		if err != nil {
			text = []byte(fmt.Sprint(plain...))
		}
		f.leaves[path] = hideValue(string(text))
	}
}

// isSet names the lists of plain values whose order means nothing.
func isSet(key string) bool {
	switch key {
	case "requiresCompatibilities", "subnets", "securityGroups", "lifecycleStages", "alarmNames":
		return true
	}
	return false
}

// entryName joins the fields that name an entry; tcp goes without saying.
func entryName(o map[string]any, keys []string) string {
	var parts []string
	for _, k := range keys {
		v, ok := o[k]
		if ok && v != nil && v != "" && (k != "protocol" || v != "tcp") {
			parts = append(parts, fmt.Sprint(v))
		}
	}
	return strings.Join(parts, "/")
}

// isDefault says whether leaving the field out means the same.
func (f *flattener) isDefault(path, key string, parent map[string]any, v any) bool {
	text := plainText(v)
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0 && key != "host"
	}
	switch key {
	case "hostPort":
		fixed := f.mode == "awsvpc" || f.mode == "host"
		return text == "0" || fixed && text == fmt.Sprint(parent["containerPort"])
	case "interval", "timeout", "retries", "startPeriod":
		return strings.HasSuffix(path, ".healthCheck."+key) && defaults()[key] == text
	case "minimumHealthyPercent":
		return text == "100" && f.scheduling != daemon || text == "0" && f.scheduling == daemon
	case "maximumPercent":
		return text == "200" && f.scheduling != daemon || text == "100" && f.scheduling == daemon
	}
	for end, want := range nestedDefaults() {
		if strings.HasSuffix(path, end) {
			return want == text
		}
	}
	want, ok := defaults()[key]
	return ok && want == text
}

// nestedDefaults are those of fields whose name means something else elsewhere,
// by the end of their path.
func nestedDefaults() map[string]string {
	return map[string]string{
		".timeoutConfiguration.action": "ROLLBACK", "deploymentController.type": "ECS", "proxyConfiguration.type": "APPMESH",
		".efsVolumeConfiguration.rootDirectory": "/", ".efsVolumeConfiguration.transitEncryption": "DISABLED",
		".authorizationConfig.iam": "DISABLED", ".dockerVolumeConfiguration.scope": "task", ".dockerVolumeConfiguration.driver": "local",
		"runtimePlatform.cpuArchitecture": "X86_64", "runtimePlatform.operatingSystemFamily": "LINUX",
		".base": "0", ".weight": "0", ".managedEBSVolume.filesystemType": "xfs",
	}
}

// defaults are the values that ECS fills in, by field.
func defaults() map[string]string {
	return map[string]string{
		"essential": "true", "cpu": "0", "protocol": "tcp", "networkMode": "bridge",
		"interval": "30", "timeout": "5", "retries": "3", "startPeriod": "0",
		"privileged": "false", "readonlyRootFilesystem": "false", "interactive": "false",
		"pseudoTerminal": "false", "disableNetworking": "false", "readOnly": "false",
		"initProcessEnabled": "false", "enabled": "false", "autoprovision": "false",
		"enable": "false", "rollback": "false", "resetOnHealthyTask": "true",
		"strategy": "ROLLING", "bakeTimeInMinutes": "0",
		"stepPercent": "10", "stepBakeTimeInMinutes": "6", "canaryPercent": "5", "canaryBakeTimeInMinutes": "10",
		"targetType": "AWS_LAMBDA", "timeoutInMinutes": "1440",
		"healthCheckGracePeriodSeconds": "0", "schedulingStrategy": "REPLICA", "platformVersion": "LATEST",
		"enableECSManagedTags": "false", "enableExecuteCommand": "false", "enableFaultInjection": "false",
		"propagateTags": "NONE", "restartAttemptPeriod": "300", "versionConsistency": "enabled", "assignPublicIp": "DISABLED", "availabilityZoneRebalancing": "DISABLED",
	}
}
