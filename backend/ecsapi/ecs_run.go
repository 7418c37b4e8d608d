package ecsapi

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

type runTaskInput struct {
	Cluster        string `json:"cluster"`
	TaskDefinition string `json:"taskDefinition"`
	Count          *int   `json:"count"`
	StartedBy      string `json:"startedBy"`
	Exec           bool   `json:"enableExecuteCommand"`
	Group          string `json:"group"`
	Overrides      struct {
		Containers []containerOverride `json:"containerOverrides"`
		CPU        string              `json:"cpu"`
		Memory     string              `json:"memory"`
	} `json:"overrides"`
}

// containerOverride has the parts that backends take, and those that would
// change what runs and that no backend takes: they are refused, not forgotten.
type containerOverride struct {
	Name              string             `json:"name"`
	Command           []string           `json:"command"`
	Environment       []backend.KeyValue `json:"environment"`
	CPU               json.RawMessage    `json:"cpu"`
	Memory            json.RawMessage    `json:"memory"`
	MemoryReservation json.RawMessage    `json:"memoryReservation"`
	EnvironmentFiles  []json.RawMessage  `json:"environmentFiles"`
	Resources         []json.RawMessage  `json:"resourceRequirements"`
}

func (o containerOverride) refused() string {
	switch {
	case len(o.CPU) > 0:
		return "cpu"
	case len(o.Memory) > 0:
		return "memory"
	case len(o.MemoryReservation) > 0:
		return "memoryReservation"
	case len(o.EnvironmentFiles) > 0:
		return "environmentFiles"
	case len(o.Resources) > 0:
		return "resourceRequirements"
	default:
		return ""
	}
}

func (h *Handler) runTask(ctx context.Context, in *runTaskInput) (any, error) {
	req := backend.RunTaskRequest{Cluster: in.Cluster, TaskDefinition: in.TaskDefinition, Count: 1, StartedBy: in.StartedBy, Group: in.Group, Exec: in.Exec}
	if in.Count != nil {
		req.Count = *in.Count
	}
	switch {
	case in.TaskDefinition == "":
		return nil, invalidf("TaskDefinition cannot be empty.")
	case req.Count < 1 || req.Count > mostRuns:
		return nil, invalidf("count should be between 1 and %d.", mostRuns)
	case len(in.StartedBy) > 128:
		return nil, invalidf("startedBy cannot be longer than 128 characters.")
	case in.Overrides.CPU+in.Overrides.Memory != "":
		return nil, invalidf("overrides: this endpoint can not override the cpu and memory of a task.")
	}
	var err error
	if req.Overrides, err = containerOverrides(in.Overrides.Containers); err != nil {
		return nil, err
	}
	tasks, err := h.b.RunTask(ctx, req)
	if err != nil {
		return nil, err
	}
	return obj{"tasks": each(tasks, taskShape), "failures": []any{}}, nil
}

// containerOverrides are overrides as backends take them.
func containerOverrides(all []containerOverride) ([]backend.ContainerOverride, error) {
	var out []backend.ContainerOverride
	for _, o := range all {
		if field := o.refused(); field != "" {
			return nil, invalidf("overrides.containerOverrides.%s: this endpoint can override command and environment only.", field)
		}
		override := backend.ContainerOverride{Name: o.Name, Command: o.Command}
		for _, kv := range o.Environment {
			if override.Environment == nil {
				override.Environment = map[string]string{}
			}
			override.Environment[kv.Name] = kv.Value
		}
		out = append(out, override)
	}
	return out, nil
}

// overrideShapes are overrides as clients read them.
func overrideShapes(all []backend.ContainerOverride) []any {
	return each(all, func(o backend.ContainerOverride) obj {
		shape := obj{"name": o.Name}
		if o.Command != nil {
			shape["command"] = o.Command
		}
		if len(o.Environment) > 0 {
			shape["environment"] = each(slices.Sorted(maps.Keys(o.Environment)), func(name string) obj {
				return obj{"name": name, "value": o.Environment[name]}
			})
		}
		return shape
	})
}

func (h *Handler) stopTask(ctx context.Context, in *struct {
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
	Reason  string `json:"reason"`
},
) (any, error) {
	switch {
	case in.Task == "":
		return nil, invalidf("Task cannot be empty.")
	case len(in.Reason) > 1024:
		return nil, invalidf("reason cannot be longer than 1024 characters.")
	}
	t, err := h.b.StopTask(ctx, in.Cluster, in.Task, in.Reason)
	if err != nil {
		return nil, err
	}
	return obj{"task": taskShape(t)}, nil
}
