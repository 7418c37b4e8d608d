package deploy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// flatten turns a document's tree into its leaves by path. Entries of lists
// that have a name stand under it, so that their order does not count; lists
// of plain values are one leaf. What ECS fills in by itself is left out.
func flatten(tree map[string]any) map[string]string {
	f := flattener{leaves: map[string]string{}}
	f.mode, _ = tree["networkMode"].(string)
	f.object("", tree)
	return f.leaves
}

type flattener struct {
	leaves map[string]string
	mode   string // networkMode
}

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
		"inferenceAccelerators": {"deviceName"},
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
	case "action":
		return strings.HasSuffix(path, ".timeoutConfiguration."+key) && text == "ROLLBACK"
	}
	want, ok := defaults()[key]
	return ok && want == text
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
		"minimumHealthyPercent": "100", "maximumPercent": "200", "strategy": "ROLLING", "bakeTimeInMinutes": "0",
		"stepPercent": "10", "stepBakeTimeInMinutes": "6", "canaryPercent": "5", "canaryBakeTimeInMinutes": "10",
		"targetType": "AWS_LAMBDA", "timeoutInMinutes": "1440",
		"healthCheckGracePeriodSeconds": "0", "schedulingStrategy": "REPLICA", "platformVersion": "LATEST",
		"enableECSManagedTags": "false", "enableExecuteCommand": "false", "enableFaultInjection": "false",
		"propagateTags": "NONE", "assignPublicIp": "DISABLED", "availabilityZoneRebalancing": "DISABLED",
	}
}
