package deploy

import "github.com/ecs-tui/ecs-tui/backend"

// spelledOut are fields that are worth writing down though their value is the
// default: it decides what images are built for, or differs between what ECS
// gives a new service and an old one.
func spelledOut() map[string]bool {
	return map[string]bool{
		"cpuArchitecture": true, "operatingSystemFamily": true, "availabilityZoneRebalancing": true, "scope": true, "enabled": true,
	}
}

// TidyDefinition is a registered revision as a person would write it: without
// what ECS sets or fills in by itself, and without this program's own tags. To
// register it gives the same again.
func TidyDefinition(td backend.TaskDefinition) (backend.Document, error) {
	doc, err := td.Registrable()
	if err != nil {
		return nil, err
	}
	return tidy(doc)
}

// TidyService is a service as a person would write it, in CreateService's
// shape. Which task definition it runs is no part of it.
func TidyService(s backend.Service) (backend.Document, error) {
	doc, err := backend.CreatableService(s.Document)
	if err != nil {
		return nil, err
	}
	doc, err = tidy(doc)
	if err != nil {
		return nil, err
	}
	return doc.Edit(func(tree map[string]any) {
		for _, f := range []string{"taskDefinition", "cluster", "clientToken", "service", "forceNewDeployment"} {
			delete(tree, f)
		}
		tree["serviceName"] = s.Name
		if tree["schedulingStrategy"] == daemon {
			delete(tree, "desiredCount") // as many as there are instances
		} else if n, paused := s.Paused(); paused {
			tree["desiredCount"] = n
		}
	})
}

func tidy(doc backend.Document) (backend.Document, error) {
	return doc.Edit(func(tree map[string]any) {
		if tags := withoutOrigin(tree["tags"]); len(tags) > 0 {
			tree["tags"] = tags
		} else {
			delete(tree, "tags")
		}
		newFlattener(tree).tidy("", tree)
	})
}

// tidy drops the fields below path that say nothing, and reports whether any
// are left.
func (f *flattener) tidy(path string, o map[string]any) bool {
	for k, v := range o {
		p := k
		if path != "" {
			p = path + "." + k
		}
		if f.isDefault(p, k, o, v) && (v == nil || !spelledOut()[k]) {
			delete(o, k)
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			if !f.tidy(p, v) {
				delete(o, k)
			}
		case []any:
			for _, item := range v {
				if entry, ok := item.(map[string]any); ok {
					f.tidy(p+"[]", entry)
				}
			}
		}
	}
	return len(o) > 0
}
