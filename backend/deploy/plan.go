package deploy

import (
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Request is everything that a deploy is made from. cmd fills it from the app
// file and the environment; nothing in it has been checked.
type Request struct {
	App         string
	Environment string
	By          string // who deploys, for the history
	Protected   bool   // the app's name must be typed before anything is touched
	Dir         string
	Cluster     string
	Images      []ImageSource // in the order they are built
	Definition  backend.TaskDefinition
	Service     *backend.ServiceSpec // nil: register only
	Force       bool                 // a new deployment though nothing changed
	Hooks       Hooks
	// Rollback says that a rollout which fails is rolled back by the deploy, where
	// ECS does not do it, and RolloutWithin how long one may take; 0 is half an hour
	// for one that ECS does not judge, and for ever for others.
	Rollback      bool
	RolloutWithin time.Duration
	// Schedules are the app's, by the names that they have in the cluster. Their
	// TaskDefinition is left out: it is the revision that is deployed.
	Schedules []backend.ScheduleSpec
	Hidden    []string   // values in the documents that no plan may show
	Promotion *Promotion // where the images come from; nil: they are built
}

// ImageSource is how the image of one container is made.
type ImageSource struct {
	Container  string
	Repository string
	Build      backend.BuildRequest
	Platforms  []string // several: one image for all of them; Build.Platform is "" then
	// Create is how the repository is made where there is none; its name is
	// Repository's.
	Create backend.RepositorySpec
}

// Plan is what a deploy would do, before anything is touched.
type Plan struct {
	Request Request
	Source  Source
	Commits Commits                 // between what runs and the source
	Current *backend.Service        // nil: the service will be created
	Running *backend.TaskDefinition // what the service runs now
	GoingOn *GoingOn                // a deployment that would be taken over; nil for none
	Paused  int                     // tasks that the service comes back with: it is paused, and stays so; 0: it is not
	Images  []ImagePlan
	Changes []Change // task definition, service, registry and schedules, apart from images
	Way     string   // how the new revision takes over, see [Way]; "" for ROLLING
	// Missing are the repositories that the deploy makes before it builds. It
	// asks for nothing: whoever runs the plan has asked.
	Missing  []backend.RepositorySpec
	reach    backend.Address // what the smoke check asks, where it is known
	Findings []backend.Finding
}

// Source is the git checkout that a deploy is made from; zero without one.
type Source struct {
	SHA    string // short
	Branch string
	Dirty  bool
}

// ImagePlan is what happens to one container's image.
type ImagePlan struct {
	Container string
	From      string // image that runs now, "" for none
	Tag       string // tag it will get
}

// Change is one line of the diff.
type Change struct {
	Document string // "task definition", "service", "registry" or "schedules"
	Path     string // "containerDefinitions[web].memory": entries of lists by their names
	Old, New string // "" where the field is absent; secrets show their source
}

// Blocked says whether a finding forbids the deploy.
func (p *Plan) Blocked() bool {
	for _, f := range p.Findings {
		if f.Severity == backend.Problem {
			return true
		}
	}
	return false
}
