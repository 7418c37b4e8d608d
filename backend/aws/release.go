package aws

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// serviceAnswer is how ECS answers with a service.
type serviceAnswer struct {
	Service json.RawMessage `json:"service"`
}

func (a serviceAnswer) read(op, name string) (backend.Service, error) {
	s, err := serviceOf(a.Service)
	if err != nil {
		return s, backend.Errorf(op, backend.Other, backend.Clean(name), "the service can't be read: %s", backend.Clean(err.Error()))
	}
	return s, nil
}

// CreateService sends the service's document, with every field, and on top of
// it what the spec says.
func (b *Backend) CreateService(ctx context.Context, cluster string, spec backend.ServiceSpec) (backend.Service, error) {
	defer b.usesChanged()
	const op = "CreateService"
	cluster = b.cluster(cluster)
	doc, err := specDocument(spec)
	if err == nil {
		doc, err = doc.Edit(func(tree map[string]any) {
			tree["cluster"], tree["serviceName"], tree["taskDefinition"] = cluster, spec.Name, spec.TaskDefinition
			if tree["schedulingStrategy"] != "DAEMON" {
				tree["desiredCount"] = spec.Desired
			}
		})
	}
	if err != nil {
		return backend.Service{}, invalidField(op, err)
	}
	in := &ecs.CreateServiceInput{ServiceName: &spec.Name}
	var out serviceAnswer
	if err := call(ctx, b, op, spec.Name, in, doc, &out, (*ecs.Client).CreateService); err != nil {
		return backend.Service{}, err
	}
	return out.read(op, spec.Name)
}

// specDocument is the spec's document, with the deployment configuration that
// the spec itself has where it was changed since the document was read.
func specDocument(spec backend.ServiceSpec) (backend.Document, error) {
	doc := spec.Document
	if len(doc) == 0 {
		doc = backend.Document("{}")
	}
	read, err := backend.ParseServiceSpec(doc)
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(read.Config, spec.Config) && read.GracePeriod == spec.GracePeriod {
		return doc, nil
	}
	return doc.Edit(func(tree map[string]any) {
		config, _ := tree["deploymentConfiguration"].(map[string]any)
		if config == nil {
			config = map[string]any{}
		}
		want := spec.Config
		config["minimumHealthyPercent"], config["maximumPercent"] = want.MinimumHealthy, want.Maximum
		if want.Strategy != "" {
			config["strategy"] = want.Strategy
		}
		if want.Breaker != read.Config.Breaker {
			breaker, _ := config["deploymentCircuitBreaker"].(map[string]any)
			if breaker == nil {
				breaker = map[string]any{}
			}
			breaker["enable"], breaker["rollback"] = want.Breaker.Enable, want.Breaker.Rollback
			config["deploymentCircuitBreaker"] = breaker
		}
		tree["deploymentConfiguration"] = config
		if spec.GracePeriod != read.GracePeriod {
			tree["healthCheckGracePeriodSeconds"] = seconds(spec.GracePeriod)
		}
	})
}

// createOnly are the fields of CreateService that UpdateService does not take:
// they are settled when a service is made.
var createOnly = [...]string{
	"serviceName", "launchType", "schedulingStrategy", "role", "clientToken", "tags", "desiredCount", "taskDefinition",
}

// UpdateService changes what change names; with a spec, to what its document
// says.
func (b *Backend) UpdateService(ctx context.Context, cluster, service string, change backend.ServiceChange) (backend.Service, error) {
	defer b.usesChanged()
	const op = "UpdateService"
	cluster = b.cluster(cluster)
	doc := backend.Document("{}")
	var err error
	if change.Spec != nil {
		doc, err = specDocument(*change.Spec)
	}
	if err == nil {
		doc, err = doc.Edit(func(tree map[string]any) {
			for _, k := range createOnly {
				delete(tree, k)
			}
			tree["cluster"], tree["service"] = cluster, service
			if change.TaskDefinition != nil {
				tree["taskDefinition"] = *change.TaskDefinition
			}
			if change.Desired != nil {
				tree["desiredCount"] = *change.Desired
			}
			if change.Force {
				tree["forceNewDeployment"] = true
			}
		})
	}
	if err != nil {
		return backend.Service{}, invalidField(op, err)
	}
	in := &ecs.UpdateServiceInput{Service: &service}
	var out serviceAnswer
	if err := call(ctx, b, op, service, in, doc, &out, (*ecs.Client).UpdateService); err != nil {
		return backend.Service{}, err
	}
	return out.read(op, service)
}

// DeleteService removes a service; with force, also one that wants tasks.
func (b *Backend) DeleteService(ctx context.Context, cluster, service string, force bool) (backend.Service, error) {
	defer b.usesChanged()
	const op = "DeleteService"
	cluster = b.cluster(cluster)
	var out serviceAnswer
	in := &ecs.DeleteServiceInput{Cluster: &cluster, Service: &service, Force: &force}
	if err := call(ctx, b, op, service, in, nil, &out, (*ecs.Client).DeleteService); err != nil {
		return backend.Service{}, err
	}
	return out.read(op, service)
}
