package screen

import (
	"errors"
	"maps"
	"slices"
)

var errDeployRuns = errors.New("a deploy of this service is under way")

// clone copies what later events change in place. The long lists, build logs
// above all, are shared: they are appended to and never written over, so the
// part that the copy sees stays as it is.
func (s *deployState) clone() *deployState {
	c := *s
	c.Lines = slices.Clone(s.Lines)
	c.Events = slices.Clip(s.Events)
	c.Failures = slices.Clone(s.Failures)
	c.Builds = make(map[string]*buildFold, len(s.Builds))
	for name, b := range s.Builds {
		c.Builds[name] = b.clone()
	}
	c.Pushes = make(map[string]*pushFold, len(s.Pushes))
	for name, p := range s.Pushes {
		c.Pushes[name] = &pushFold{Layers: slices.Clone(p.Layers), Notices: slices.Clip(p.Notices), Done: p.Done}
	}
	c.Hooks = s.Hooks.clone()
	c.Rollout.healthyAt = maps.Clone(s.Rollout.healthyAt)
	c.Rollout.firstSeen = maps.Clone(s.Rollout.firstSeen)
	return &c
}

func (b *buildFold) clone() *buildFold {
	c := *b
	c.Log = slices.Clip(b.Log)
	c.Warnings, c.Notices = slices.Clip(b.Warnings), slices.Clip(b.Notices)
	c.Vertexes = slices.Clone(b.Vertexes)
	for i := range c.Vertexes {
		c.Vertexes[i].Tail = slices.Clone(c.Vertexes[i].Tail)
	}
	c.index = nil // a copy is for reading
	return &c
}
