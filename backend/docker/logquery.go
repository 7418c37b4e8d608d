package docker

import (
	"errors"
	"slices"
	"strings"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// errNoContainers: a task that was asked for has no container on the engine.
var errNoContainers = errors.New("no container of it is left on the engine")

// logQuery selects containers by their labels.
type logQuery backend.LogQuery

// selecting is the part of a selection that the engine can do. It joins labels
// by "and", so that several tasks have to be told apart here.
func (e *Engine) selecting(q logQuery) client.Filters {
	f := client.Filters{}
	f.Add("label", LabelTaskARN)
	if e.state != "" {
		f.Add("label", labelState+"="+e.state)
	}
	if q.Cluster != "" {
		f.Add("label", LabelCluster+"="+backend.ShortName(q.Cluster))
	}
	switch {
	case q.Service != "":
		f.Add("label", LabelService+"="+backend.ShortName(q.Service))
	case len(q.Tasks) == 1 && strings.HasPrefix(q.Tasks[0], "arn:"):
		f.Add("label", LabelTaskARN+"="+q.Tasks[0])
	}
	if q.Container != "" {
		f.Add("label", LabelContainerName+"="+q.Container)
	}
	return f
}

// matches is the rest of the selection.
func (q logQuery) matches(labels map[string]string) bool {
	name := labels[LabelContainerName]
	if strings.HasPrefix(name, internalPrefix) || (q.Container != "" && name != q.Container) {
		return false
	}
	if q.Service != "" {
		return true
	}
	id := backend.ShortName(labels[LabelTaskARN])
	return slices.ContainsFunc(q.Tasks, func(t string) bool { return backend.ShortName(t) == id })
}

func (q logQuery) resource() string {
	if q.Service != "" {
		return q.Service
	}
	short := make([]string, len(q.Tasks))
	for i, t := range q.Tasks {
		short[i] = backend.ShortID(t)
	}
	return strings.Join(short, ", ")
}
