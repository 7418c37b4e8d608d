package deploy

import (
	"maps"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The documents that a change is in.
const (
	inDefinition = "task definition"
	inService    = "service"
	inRegistry   = "registry"
	inSchedules  = "schedules"
)

// leavesOf flattens a document; one that cannot be read has no leaves.
func leavesOf(doc backend.Document) map[string]string {
	if len(doc) == 0 {
		return nil
	}
	tree, err := doc.Tree()
	if err != nil {
		return nil
	}
	return flatten(tree)
}

// definitionLeaves are those that a user can write.
func definitionLeaves(td backend.TaskDefinition) map[string]string {
	doc, err := td.Registrable()
	if err != nil {
		return nil
	}
	return withoutOwnTags(leavesOf(doc))
}

// sameDefinition compares two task definitions by meaning.
func sameDefinition(a, b backend.TaskDefinition) bool {
	x, y := definitionLeaves(a), definitionLeaves(b)
	return x != nil && y != nil && len(compare(inDefinition, x, y)) == 0
}

// definitionChanges leaves out the images that the deploy itself brings.
func definitionChanges(old *backend.TaskDefinition, want backend.TaskDefinition, images []ImageSource) []Change {
	var before map[string]string
	if old != nil {
		before = definitionLeaves(*old)
	}
	changes := compare(inDefinition, before, definitionLeaves(want))
	return slices.DeleteFunc(changes, func(c Change) bool {
		return slices.ContainsFunc(images, func(i ImageSource) bool {
			return c.Path == "containerDefinitions["+i.Container+"].image"
		})
	})
}

// serviceChanges compares only the fields that the wanted document names: an
// update leaves the others as they are.
func serviceChanges(now, want backend.Document) []Change {
	if created, err := backend.CreatableService(want); err == nil {
		want = created
	}
	tree, err := want.Tree()
	if len(want) == 0 || err != nil {
		return nil
	}
	for _, k := range []string{"serviceName", "cluster", "taskDefinition", "clientToken", "service", "forceNewDeployment"} {
		delete(tree, k)
	}
	if tree["schedulingStrategy"] == daemon {
		delete(tree, "desiredCount")
	}
	before := map[string]any{}
	if created, err := backend.CreatableService(now); len(now) > 0 && err == nil {
		all, err := created.Tree()
		for k := range tree {
			if err == nil {
				before[k] = all[k]
			}
		}
	}
	return compare(inService, withoutOwnTags(flatten(before)), flatten(tree))
}

// withoutOwnTags drops the tags that are this program's own.
func withoutOwnTags(leaves map[string]string) map[string]string {
	maps.DeleteFunc(leaves, func(path, _ string) bool { return strings.HasPrefix(path, "tags["+backend.TagPrefix) })
	return leaves
}

// compare gives the differences, ordered by path.
func compare(document string, before, after map[string]string) []Change {
	paths := map[string]bool{}
	for p := range before {
		paths[p] = true
	}
	for p := range after {
		paths[p] = true
	}
	var out []Change
	for p := range paths {
		a, had := before[p]
		b, has := after[p]
		if had && has && a == b {
			continue
		}
		c := Change{Document: document, Path: backend.Clean(p)}
		if had {
			c.Old = backend.Clean(shown(a))
		}
		if has {
			c.New = backend.Clean(shown(b))
		}
		if had && has && c.Old == c.New { // both hidden
			c.New += " changed"
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return out
}
