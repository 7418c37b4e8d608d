package backend

import (
	"encoding/json"
	"strings"
	"time"
)

// InstanceDocument is a container instance in DescribeContainerInstances' shape,
// for backends that make their own.
func InstanceDocument(i ContainerInstance) Document {
	tree := map[string]any{
		"containerInstanceArn": i.ARN, "ec2InstanceId": i.Instance, "status": i.Status, "agentConnected": i.Connected,
		"runningTasksCount": i.Running, "pendingTasksCount": i.Pending,
		"versionInfo":         map[string]any{"agentVersion": i.Agent, "dockerVersion": "DockerVersion: " + i.Engine},
		"registeredResources": resourceTrees(i.Total), "remainingResources": resourceTrees(i.Free),
		"attributes": attributeTrees(map[string]string{"ecs.instance-type": i.Type, "ecs.availability-zone": i.Zone}),
	}
	for key, text := range map[string]string{
		"capacityProviderName": i.Provider, "statusReason": i.StatusReason, "agentUpdateStatus": i.AgentUpdate,
	} {
		if text != "" {
			tree[key] = text
		}
	}
	if !i.RegisteredAt.IsZero() {
		tree["registeredAt"] = i.RegisteredAt.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	}
	return marshal(tree)
}

// resourceTrees are resources as ECS writes them, one entry a kind.
func resourceTrees(r Resources) []any {
	tcp, udp := []string{}, []string{}
	for _, p := range r.Ports {
		if port, isUDP := strings.CutSuffix(p, "/udp"); isUDP {
			udp = append(udp, port)
		} else {
			tcp = append(tcp, p)
		}
	}
	out := []any{
		map[string]any{"name": "CPU", "type": "INTEGER", "integerValue": r.CPU},
		map[string]any{"name": "MEMORY", "type": "INTEGER", "integerValue": r.Memory},
		map[string]any{"name": "PORTS", "type": "STRINGSET", "stringSetValue": tcp},
		map[string]any{"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": udp},
	}
	if r.GPUs > 0 {
		out = append(out, map[string]any{"name": "GPU", "type": "INTEGER", "integerValue": r.GPUs})
	}
	return out
}

func attributeTrees(all map[string]string) []any {
	out := []any{}
	for _, name := range []string{"ecs.availability-zone", "ecs.instance-type"} {
		if all[name] != "" {
			out = append(out, map[string]any{"name": name, "value": all[name]})
		}
	}
	return out
}

// ProviderDocument is a capacity provider in DescribeCapacityProviders' shape,
// for backends that make their own.
func ProviderDocument(p CapacityProvider) Document {
	tree := map[string]any{"capacityProviderArn": p.ARN, "name": p.Name, "status": p.Status}
	if p.UpdateStatus != "" {
		tree["updateStatus"], tree["updateStatusReason"] = p.UpdateStatus, p.UpdateReason
	}
	if p.Group != "" {
		onOff := func(on bool) string {
			if on {
				return "ENABLED"
			}
			return "DISABLED"
		}
		scaling := map[string]any{"status": onOff(p.Scaling)}
		if p.Scaling {
			scaling["targetCapacity"] = p.TargetLoad
		}
		tree["autoScalingGroupProvider"] = map[string]any{
			"autoScalingGroupArn": p.Group, "managedScaling": scaling,
			"managedTerminationProtection": onOff(p.Protected), "managedDraining": onOff(p.Draining),
		}
	}
	return marshal(tree)
}

// ParseInstance reads a container instance out of its document.
func ParseInstance(doc Document) (ContainerInstance, error) {
	var w struct {
		ARN      string `json:"containerInstanceArn"`
		EC2      string `json:"ec2InstanceId"`
		Provider string `json:"capacityProviderName"`
		Status   string `json:"status"`
		Reason   string `json:"statusReason"`
		Online   bool   `json:"agentConnected"`
		Update   string `json:"agentUpdateStatus"`
		Running  int    `json:"runningTasksCount"`
		Pending  int    `json:"pendingTasksCount"`
		Version  struct {
			Agent  string `json:"agentVersion"`
			Docker string `json:"dockerVersion"`
		} `json:"versionInfo"`
		Total      []wireResource `json:"registeredResources"`
		Free       []wireResource `json:"remainingResources"`
		Registered string         `json:"registeredAt"`
		Attributes []struct{ Name, Value string }
	}
	if err := doc.Decode(&w); err != nil {
		return ContainerInstance{}, err
	}
	i := ContainerInstance{
		ARN: Clean(w.ARN), Instance: Clean(w.EC2), Provider: Clean(w.Provider), Status: Clean(w.Status), StatusReason: Clean(w.Reason),
		Connected: w.Online, AgentUpdate: Clean(w.Update), Running: w.Running, Pending: w.Pending,
		Agent: Clean(w.Version.Agent), Engine: Clean(strings.TrimPrefix(w.Version.Docker, "DockerVersion: ")),
		Total: resourcesOf(w.Total), Free: resourcesOf(w.Free), Document: doc,
	}
	// One outside of AWS is managed by Systems Manager, which names it so.
	i.External = strings.HasPrefix(i.Instance, "mi-")
	if _, parts, ok := SplitARN(i.ARN); ok && len(parts) > 1 {
		i.Cluster = parts[0]
	}
	if at, err := time.Parse(time.RFC3339Nano, w.Registered); err == nil {
		i.RegisteredAt = at
	}
	for _, a := range w.Attributes {
		switch a.Name {
		case "ecs.instance-type":
			i.Type = Clean(a.Value)
		case "ecs.availability-zone":
			i.Zone = Clean(a.Value)
		}
	}
	return i, nil
}

// wireResource is one entry of a machine's resources. That of ports lists what
// is taken (Resource in the API reference: "any port that is not specified here
// is available for new tasks").
type wireResource struct {
	Name    string   `json:"name"`
	Integer int      `json:"integerValue"`
	Strings []string `json:"stringSetValue"`
}

func resourcesOf(all []wireResource) Resources {
	var r Resources
	for _, w := range all {
		switch w.Name {
		case "CPU":
			r.CPU = w.Integer
		case "MEMORY":
			r.Memory = w.Integer
		case "GPU":
			r.GPUs = max(w.Integer, len(w.Strings))
		case "PORTS":
			for _, p := range w.Strings {
				r.Ports = append(r.Ports, Clean(p))
			}
		case "PORTS_UDP":
			for _, p := range w.Strings {
				r.Ports = append(r.Ports, Clean(p)+"/udp")
			}
		}
	}
	return r
}

// ParseProvider reads a capacity provider out of its document.
func ParseProvider(doc Document) (CapacityProvider, error) {
	var w struct {
		ARN    string `json:"capacityProviderArn"`
		Name   string `json:"name"`
		Status string `json:"status"`
		Update string `json:"updateStatus"`
		Reason string `json:"updateStatusReason"`
		Group  struct {
			ARN     string `json:"autoScalingGroupArn"`
			Scaling struct {
				Status string `json:"status"`
				Target int    `json:"targetCapacity"`
			} `json:"managedScaling"`
			Protection string `json:"managedTerminationProtection"`
			Draining   string `json:"managedDraining"`
		} `json:"autoScalingGroupProvider"`
	}
	if err := doc.Decode(&w); err != nil {
		return CapacityProvider{}, err
	}
	return CapacityProvider{
		ARN: Clean(w.ARN), Name: Clean(w.Name), Status: Clean(w.Status), UpdateStatus: Clean(w.Update), UpdateReason: Clean(w.Reason),
		Group: Clean(w.Group.ARN), Scaling: w.Group.Scaling.Status == "ENABLED", TargetLoad: w.Group.Scaling.Target,
		Protected: w.Group.Protection == "ENABLED", Draining: w.Group.Draining == "ENABLED", Document: doc,
	}, nil
}

// marshal writes a tree of plain values, which cannot fail.
func marshal(tree map[string]any) Document {
	out, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return Document("{}")
	}
	return out
}
