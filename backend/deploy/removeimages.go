package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// readImages finds the app's images: on an engine those with a tag of its
// repositories, in a registry its repositories themselves, where it made them.
func (p *Removal) readImages(ctx context.Context, b Remover) error {
	if len(p.Request.Repositories) == 0 {
		return nil
	}
	if registry := registryOf(b); registry != nil {
		for _, name := range p.Request.Repositories {
			if err := p.readRepository(ctx, registry, name); err != nil {
				return err
			}
		}
		return nil
	}
	for image, err := range backend.All(ctx, b.ListImages) {
		if err != nil {
			return err
		}
		for _, tag := range image.Tags {
			if i := strings.LastIndexByte(tag, ':'); i < 0 || !slices.Contains(p.Request.Repositories, tag[:i]) {
				continue
			}
			item := RemovalItem{Kind: RemoveImage, Name: tag}
			switch other := p.otherUser(image.UsedBy); {
			case p.Request.KeepImages:
				item.Why = "images are kept"
				p.stays(item)
			case other != "":
				item.Why = "used by " + other
				p.stays(item)
			case p.needs[tag] != "" || p.needs[image.ID] != "":
				item.Why = cmp.Or(p.needs[tag], p.needs[image.ID]) + " names it, and stays"
				p.stays(item)
			default:
				p.goes(item)
			}
		}
	}
	return nil
}

// otherUser is somebody who uses an image and does not go, "" for nobody. A use
// names no cluster: it is this service's where nobody else needs the revision.
func (p *Removal) otherUser(uses []backend.ImageUse) string {
	for _, u := range uses {
		if familyOf(u.TaskDefinition) != p.Request.Family || len(p.others(p.uses[u.TaskDefinition])) > 0 {
			return u.String()
		}
	}
	return ""
}

// inRepository says whether a reference is of a repository, with a registry's host
// before it or without.
func inRepository(image, repository string) bool {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image == repository || strings.HasSuffix(image, "/"+repository)
}

// readRepository says whether a repository goes: with all its images, where the
// app made it and nobody else runs one of them.
func (p *Removal) readRepository(ctx context.Context, b backend.Repositories, name string) error {
	tags, err := b.RepositoryTags(ctx, name)
	switch backend.KindOf(err) {
	case backend.NotFound:
		return nil
	case backend.Denied:
		p.stays(RemovalItem{Kind: RemoveRepository, Name: name, Why: "who made it may not be read: " + message(err)})
		return nil
	}
	if err != nil {
		return err
	}
	item := RemovalItem{Kind: RemoveRepository, Name: name}
	switch app := tags[backend.TagApp]; {
	case app == "" || app != p.Request.App:
		item.Why = madeBy(app) + "; its images stay"
	case p.Request.KeepImages:
		item.Why = "images are kept"
	default:
		all, err := b.PlanRepositoryPrune(ctx, name, 1) // which says of each image who uses it
		if err != nil {
			return err
		}
		images := all.Images
		for _, k := range all.Kept {
			images = append(images, k.Image)
		}
		for _, image := range images {
			if other := p.otherUser(image.UsedBy); other != "" {
				item.Why = "used by " + other
			}
		}
		for image, revision := range p.needs {
			if inRepository(image, name) {
				item.Why = cmp.Or(item.Why, revision+" names an image of it, and stays")
			}
		}
		item.Note = "with its " + countOf(len(images), "image")
	}
	if item.Why != "" {
		p.stays(item)
	} else {
		p.goes(item)
	}
	return nil
}

// WriteText writes what goes and what stays for people, without colour.
func (p *Removal) WriteText(w interface{ Write([]byte) (int, error) }) error {
	var b strings.Builder
	list := func(title string, items []RemovalItem, note func(RemovalItem) string) {
		if len(items) > 0 {
			fmt.Fprintf(&b, "%s\n", title)
		}
		for _, i := range items {
			fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("  %-15s  %s  %s", i.Kind, i.Name, note(i)), " "))
		}
	}
	list("These go:", p.Going, func(i RemovalItem) string { return i.Note })
	list("These stay:", p.Staying, func(i RemovalItem) string { return i.Why })
	_, err := w.Write([]byte(b.String()))
	return err
}
