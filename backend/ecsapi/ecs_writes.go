package ecsapi

import (
	"context"
	"encoding/json"

	"github.com/ecs-tui/ecs-tui/backend"
)

// addressing are the members of CreateService and UpdateService that say what
// to do it to, and are no part of the service.
func addressing() []string {
	return []string{"cluster", "clientToken", "service", "forceNewDeployment"}
}

func (h *Handler) createService(ctx context.Context, c *call) (any, error) {
	var in struct {
		Cluster    string            `json:"cluster"`
		LaunchType string            `json:"launchType"`
		Providers  []json.RawMessage `json:"capacityProviderStrategy"`
		Scheduling string            `json:"schedulingStrategy"`
	}
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	doc, err := backend.Document(c.body).Edit(func(tree map[string]any) {
		for _, f := range addressing() {
			delete(tree, f)
		}
	})
	if err != nil {
		return nil, invalidf("%v", err)
	}
	spec, err := backend.ParseServiceSpec(doc)
	switch {
	case err != nil:
		return nil, invalidf("%v", err)
	case !serviceName(spec.Name):
		return nil, invalidf("serviceName: %q is no name of a service: use up to 255 letters, digits, - and _.", backend.Clean(spec.Name))
	case spec.TaskDefinition == "":
		return nil, invalidf("TaskDefinition cannot be empty.")
	case in.LaunchType != "" && len(in.Providers) > 0:
		return nil, invalidf("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	case spec.Foreign() != "" && h.b.Unsupported(backend.CanShift) != "":
		return nil, unsupportedf("deploymentController: this endpoint deploys by ECS's own controller only, not by %s.", spec.Config.Controller)
	case in.Scheduling != "" && in.Scheduling != "REPLICA":
		return nil, unsupportedf("schedulingStrategy: this endpoint has REPLICA services only.")
	}
	s, err := h.b.CreateService(ctx, in.Cluster, spec)
	if err != nil {
		return nil, err
	}
	return obj{"service": serviceShape(s)}, nil
}

// serviceName is ECS's rule for the names of services.
func serviceName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

type updateServiceInput struct {
	Cluster        string  `json:"cluster"`
	Service        string  `json:"service"`
	TaskDefinition *string `json:"taskDefinition"`
	Desired        *int    `json:"desiredCount"`
	Force          bool    `json:"forceNewDeployment"`
}

func (h *Handler) updateService(ctx context.Context, c *call) (any, error) {
	var in updateServiceInput
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	if in.Service == "" {
		return nil, invalidf("Service cannot be empty.")
	}
	change := backend.ServiceChange{TaskDefinition: in.TaskDefinition, Desired: in.Desired, Force: in.Force}
	if err := h.respec(ctx, c, in, &change); err != nil {
		return nil, err
	}
	s, err := h.b.UpdateService(ctx, in.Cluster, in.Service, change)
	if err != nil {
		return nil, err
	}
	return obj{"service": serviceShape(s)}, nil
}

// respec sets the change's new document where a request changes more than the
// task definition and the count. UpdateService gives only what changes, and a
// backend takes the whole: the rest is what the service has.
func (h *Handler) respec(ctx context.Context, c *call, in updateServiceInput, change *backend.ServiceChange) error {
	changes := tree(c.body)
	for _, f := range append(addressing(), "taskDefinition", "desiredCount") {
		delete(changes, f)
	}
	for k, v := range changes {
		if v == nil {
			delete(changes, k)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	s, ok, err := h.serviceOf(ctx, in.Cluster, in.Service)
	if err != nil {
		return err
	}
	if !ok {
		return backend.Errorf("UpdateService", backend.NotFound, backend.Clean(in.Service), "the service does not exist")
	}
	whole := specOf(s)
	for k, v := range changes {
		if k == "deploymentConfiguration" {
			v = merged(whole[k], v)
		}
		whole[k] = v
	}
	doc, err := json.Marshal(whole)
	if err != nil {
		return invalidf("%v", err)
	}
	spec, err := backend.ParseServiceSpec(doc)
	if err != nil {
		return invalidf("%v", err)
	}
	change.Spec = &spec
	return nil
}

// specOf is a service in CreateService's shape: without what ECS adds when it
// describes one.
func specOf(s backend.Service) obj {
	doc, err := backend.CreatableService(s.Document)
	if err != nil {
		doc = s.Document
	}
	o := tree(doc)
	o["serviceName"], o["taskDefinition"], o["desiredCount"] = s.Name, s.TaskDefinition, s.Desired
	return o
}

// merged lays changes over an object; members that are not named stay.
func merged(old, changes any) any {
	was, _ := old.(map[string]any)
	now, ok := changes.(map[string]any)
	if !ok {
		return changes
	}
	out := obj(was).clone()
	for k, v := range now {
		out[k] = v
	}
	return map[string]any(out)
}

func (h *Handler) deleteService(ctx context.Context, in *struct {
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	Force   bool   `json:"force"`
},
) (any, error) {
	if in.Service == "" {
		return nil, invalidf("Service cannot be empty.")
	}
	s, err := h.b.DeleteService(ctx, in.Cluster, in.Service, in.Force)
	if err != nil {
		return nil, err
	}
	return obj{"service": serviceShape(s)}, nil
}
