package screen

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// startQuestion asks before another deployment is taken over, and for the app's
// name before a protected environment is touched.
func (d *deployScreen) startQuestion(plan *deploy.Plan) widget.Question {
	req := plan.Request
	q := widget.Question{
		Title: "Deploy to a protected environment", Verb: "deploy", Danger: true,
		Target: req.App + " to " + req.Environment + ", cluster " + req.Cluster,
	}
	if req.Protected {
		q.Typed = req.App
	}
	if from := req.Promotion; from != nil {
		q.Title, q.Verb = "Promote to a protected environment", "promote"
		q.Body = append(q.Body, "What runs in "+from.String()+" comes here, without a build.")
	}
	if g := plan.GoingOn; g != nil {
		q.Title, q.Verb = "Take over a deployment", "take over"
		q.Body = append(q.Body, g.String()+" is being deployed, since "+widget.Elapsed(g.Since(d.env.Clock.Now()))+". It stops where it is.")
	}
	for _, img := range plan.Images {
		q.Body = append(q.Body, img.Container+": "+shortRef(orText(img.From, "nothing"))+" → "+plannedAs(plan, img.Container))
	}
	q.Body = append(q.Body, newRepositories(plan)...)
	return q
}

// repositoryQuestion asks before a repository is made.
func (d *deployScreen) repositoryQuestion(plan *deploy.Plan) widget.Question {
	q := widget.Question{Title: "Make the repository", Verb: "make it, and deploy", Body: newRepositories(plan)}
	var all []string
	for _, spec := range plan.Missing {
		all = append(all, spec.Name)
	}
	if len(all) > 1 {
		q.Title, q.Verb = "Make the repositories", "make them, and deploy"
	}
	q.Target = strings.Join(all, ", ") + " on " + placeName(d.env)
	return q
}

// newRepositories says of each repository that a deploy makes how it will be.
func newRepositories(plan *deploy.Plan) []string {
	var lines []string
	for _, spec := range plan.Missing {
		lines = append(lines, "There is no repository "+spec.Name+". It is made before the build: "+deploy.DescribeRepository(spec)+".")
	}
	return lines
}
