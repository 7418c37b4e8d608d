package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// stands is what one of the company's services stands on besides its tasks.
type stands struct {
	balanced bool     // behind a load balancer
	turns    bool     // with two target groups, which revisions take by turns
	found    bool     // in service discovery
	provider string   // a capacity provider in the place of a launch type
	least    int      // of autoscaling
	most     int      // 0 for none
	policies []string // see policiesOf
}

// standsOn says so, by the service's name.
func standsOn(name string) stands {
	return map[string]stands{
		"web":        {balanced: true, found: true, least: 2, most: 8, policies: []string{"cpu"}},
		"api":        {balanced: true, found: true, least: 2, most: 12, policies: []string{"cpu", "requests"}},
		"catalog":    {balanced: true, turns: true, found: true},
		"checkout":   {balanced: true, turns: true},
		"auth":       {balanced: true, turns: true, found: true},
		"worker":     {provider: "shop-spot", least: 1, most: 20, policies: []string{"queue"}},
		"thumbnails": {provider: "shop-spot"},
	}[name]
}

// stand adds to a service's document what it stands on.
func (b *Backend) stand(name string, doc map[string]any) {
	on := standsOn(name)
	if on.balanced {
		entry := map[string]any{"targetGroupArn": b.groupARN("shop-" + name), "containerName": name, "containerPort": 8080}
		if on.turns {
			entry["targetGroupArn"] = b.groupARN("shop-" + name + "-blue")
			entry["advancedConfiguration"] = map[string]any{
				"alternateTargetGroupArn": b.groupARN("shop-" + name + "-green"),
				"productionListenerRule":  b.ruleARN(name, "production"), "testListenerRule": b.ruleARN(name, "test"),
				"roleArn": "arn:aws:iam::" + b.names.Account + ":role/ecsInfrastructureRoleForLoadBalancers",
			}
		}
		doc["loadBalancers"] = []any{entry}
	}
	if on.found {
		doc["serviceRegistries"] = []any{map[string]any{"registryArn": b.registryARN(name)}}
	}
	if on.provider != "" {
		delete(doc, "launchType")
		doc["capacityProviderStrategy"] = []any{map[string]any{"capacityProvider": on.provider, "weight": 1, "base": 0}}
	}
}

func (b *Backend) groupARN(name string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:targetgroup/%s/%s", b.names.Region, b.names.Account, name, fingerprint("group " + name)[:16])
}

func (b *Backend) ruleARN(name, kind string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:listener-rule/app/shop-public/%s/%s/%s",
		b.names.Region, b.names.Account, fingerprint("shop-public")[:16], fingerprint("listener")[:16], fingerprint(kind + name)[:16])
}

func (b *Backend) registryARN(name string) string {
	return fmt.Sprintf("arn:aws:servicediscovery:%s:%s:service/srv-%s", b.names.Region, b.names.Account, fingerprint("registry " + name)[:16])
}

// references are the ARNs in a service's document, read once for each document.
type references struct {
	doc        backend.Document
	targets    []backend.ServiceTarget
	groups     []string
	registries []string
}

// refs reads what a service's document refers to.
func (s *service) refs() references {
	doc := s.rec.Spec.Document
	if len(doc) > 0 && len(doc) == len(s.read.doc) && &doc[0] == &s.read.doc[0] {
		return s.read
	}
	view := backend.Service{Document: doc}
	s.read = references{
		doc: doc, targets: backend.ServiceTargets(view), groups: backend.TargetGroupARNs(view), registries: backend.DiscoveryARNs(view),
	}
	return s.read
}

// standing gives the services that are not gone, of all clusters, as they were
// created.
func (b *Backend) standing(yield func(*service) bool) {
	for _, s := range b.order {
		if s.rec.Status != scheduler.Inactive && !yield(s) {
			return
		}
	}
}

// registered says whether a service's tasks are targets of a load balancer.
func (s *service) registered() bool { return len(s.refs().groups) > 0 }

// targetTime is how long a load balancer takes to find a target healthy.
const targetTime = 2 * time.Second

// targetHealth is how the load balancer sees a task; ok is false when it is no
// target of it (any more).
func (b *Backend) targetHealth(t *task) (h backend.Target, ok bool) {
	v := t.view
	if v.StartedAt.IsZero() {
		return h, false
	}
	h = backend.Target{ID: t.address, Zone: zoneOf(t.instance), State: backend.TargetHealthy}
	set := func(state, reason, text string) { h.State, h.Reason, h.Description = state, reason, text }
	age := b.sim.now.Sub(v.StartedAt)
	switch {
	case v.LastStatus == backend.TaskStopped && b.sim.now.Sub(v.StoppedAt) > b.scaled(5*time.Second):
		return h, false
	case v.DesiredStatus == backend.TaskStopped:
		set(backend.TargetDraining, "Target.DeregistrationInProgress", "Target deregistration is in progress")
	case age < b.scaled(targetTime):
		set(backend.TargetInitial, "Elb.InitialHealthChecking", "Initial health checks in progress")
	case t.fate.stage == unreached:
		set(backend.TargetUnhealthy, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [502]")
	case t.fate.stage == sick:
		set(backend.TargetUnhealthy, "Target.Timeout", "Request timed out")
	}
	return h, true
}

// seen are a service's tasks as its scheduler sees them: the load balancer has a
// say in how healthy they are.
func (b *Backend) seen(s *service) []backend.Task {
	views := s.views()
	if !s.registered() {
		return views
	}
	for i, t := range s.tasks {
		if t.fate.stage != unreached || t.view.LastStatus != backend.Running {
			continue
		}
		health := backend.HealthUnknown
		if b.sim.now.Sub(t.view.StartedAt) >= b.scaled(unreachedFor) {
			health = backend.Unhealthy
		}
		views[i].Containers = slices.Clone(views[i].Containers)
		for c := range views[i].Containers {
			views[i].Containers[c].Health = health
			if health == backend.Unhealthy {
				views[i].Containers[c].Reason = "Task failed ELB health checks in (target-group " + s.refs().groups[0] + ")"
			}
		}
	}
	return views
}

// unreachedFor is how long a load balancer tries before it gives a task up.
const unreachedFor = 8 * time.Second
