package deploy

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// HistoryReader is what [History] reads.
type HistoryReader interface {
	backend.ServiceReader
	backend.DeploymentReader
	backend.TaskDefinitionReader
}

// Past is one deployment of a service, as its backend remembers it.
type Past struct {
	backend.ServiceDeployment
	Origin Origin            // of the revision that it deployed
	Images map[string]string // image by container, as the revision names it
	Unfit  bool              // its smoke check failed after it had completed
}

// Completed says whether the service ran this deployment's revision in the end:
// only then can it be gone back to.
func (p Past) Completed() bool { return p.Status == backend.Successful && !p.Unfit }

// describeAtOnce is how many deployments one call describes
// ("DescribeServiceDeployments" in the API reference).
const describeAtOnce = 20

// History reads the newest deployments of a service, newest first, at most last
// of them; 0 is all that the backend still has.
func History(ctx context.Context, b HistoryReader, cluster, service string, last int) ([]Past, error) {
	found, err := deploymentsOf(ctx, b, cluster, service, last)
	if err != nil {
		return nil, err
	}
	var bad []string
	if s, err := b.DescribeServices(ctx, cluster, []string{service}); err == nil && len(s) == 1 {
		bad = Unfit(s[0])
	}
	definitions := map[string]backend.TaskDefinition{}
	out := make([]Past, 0, len(found))
	for _, d := range found {
		ref := d.Target.TaskDefinition
		td, known := definitions[ref]
		if !known && ref != "" {
			if td, err = b.DescribeTaskDefinition(ctx, ref); err != nil && backend.KindOf(err) != backend.NotFound {
				return nil, err
			}
			definitions[ref] = td
		}
		p := Past{ServiceDeployment: d, Images: map[string]string{}, Unfit: slices.Contains(bad, backend.ShortName(ref))}
		for _, c := range td.Containers {
			p.Images[c.Name] = backend.Clean(c.Image)
		}
		if len(td.Document) > 0 {
			p.Origin = OriginOf(td)
		}
		out = append(out, p)
	}
	return out, nil
}

// deploymentsOf describes the newest deployments of a service, newest first.
func deploymentsOf(ctx context.Context, b backend.DeploymentReader, cluster, service string, last int) ([]backend.ServiceDeployment, error) {
	var arns []string
	list := func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return b.ListServiceDeployments(ctx, cluster, service, p)
	}
	for arn, err := range backend.All(ctx, list) {
		if err != nil {
			return nil, err
		}
		if arns = append(arns, arn); len(arns) == last {
			break
		}
	}
	var out []backend.ServiceDeployment
	for batch := range slices.Chunk(arns, describeAtOnce) {
		some, err := b.DescribeServiceDeployments(ctx, batch)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortStableFunc(out, func(a, b backend.ServiceDeployment) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return out, nil
}

// earlier picks the revision that a service goes back to: the newest that
// completed and is not the one it has, or the one that to names, by its number,
// "family:revision" or ARN.
func earlier(ctx context.Context, b backend.DeploymentReader, s backend.Service, to string) (string, error) {
	const op = "Rollback"
	all, err := deploymentsOf(ctx, b, s.Cluster, s.Name, 0)
	if err != nil {
		return "", err
	}
	var ended *backend.ServiceDeployment // of the revision that is named, but it did not complete
	for _, d := range all {
		switch {
		case to != "" && !names(d.Target.TaskDefinition, to), to == "" && d.Target.TaskDefinition == s.TaskDefinition:
			continue
		case to == "" && slices.Contains(Unfit(s), backend.ShortName(d.Target.TaskDefinition)):
			continue // whoever names it knows what he does
		case d.Status != backend.Successful:
			if ended == nil && to != "" {
				ended = &d
			}
			continue
		case d.Target.TaskDefinition == s.TaskDefinition:
			return "", &backend.Error{Op: op, Kind: backend.Conflict, Resource: s.Name, Err: errRunsIt, Remedy: "name another one: ecs-tui history lists them"}
		}
		return d.Target.TaskDefinition, nil
	}
	switch {
	case ended != nil:
		e := backend.Errorf(op, backend.Conflict, s.Name, "%s never completed here: its deployment ended as %s", backend.ShortName(ended.Target.TaskDefinition), ended.Status)
		e.Remedy = "name one that completed: ecs-tui history lists them"
		return "", e
	case to != "":
		e := backend.Errorf(op, backend.NotFound, s.Name, "no deployment of revision %s is known", backend.Clean(to))
		e.Remedy = "ecs-tui history lists those that are; an older one can be deployed by its document"
		return "", e
	}
	return "", &backend.Error{
		Op: op, Kind: backend.Conflict, Resource: s.Name,
		Err: errNothingBefore, Remedy: "deploy the version that you want to go back to",
	}
}

// names says whether a text means this revision.
func names(arn, text string) bool {
	ref := backend.ShortName(arn)
	if _, err := strconv.Atoi(text); err == nil {
		return strings.HasSuffix(ref, ":"+text)
	}
	return text == ref || text == arn
}
