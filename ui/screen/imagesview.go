package screen

import (
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// pruneQuestion asks before images are pruned. It lists what goes, the largest
// first as the backend gave it, and says how much that frees.
func pruneQuestion(plan backend.Prune, where string) widget.Question {
	const listed = 8
	q := widget.Question{
		Title: "Prune images", Verb: "delete them", Danger: true,
		Target: fmt.Sprintf("%s on %s, %s", widget.Plural(len(plan.Images), "image", "images"), where, widget.Size(plan.Frees)),
		Body:   []string{"No service and no container uses them:"},
	}
	for i, img := range plan.Images {
		if i == listed {
			q.Body = append(q.Body, fmt.Sprintf("… and %d more", len(plan.Images)-listed))
			break
		}
		q.Body = append(q.Body, fmt.Sprintf("%9s  %s", widget.Size(img.Size), imageNames(img)))
	}
	return q
}

// imageNames names an image by all its tags, or by its id.
func imageNames(img backend.Image) string {
	switch len(img.Tags) {
	case 0:
		return shortImageID(img.ID) + " (untagged)"
	case 1:
		return img.Tags[0]
	default:
		return fmt.Sprintf("%s and %s", img.Tags[0], widget.Plural(len(img.Tags)-1, "other tag", "other tags"))
	}
}

// deleteQuestion asks before tags, or images without one, are deleted.
func deleteQuestion(env *Env, rows []imageRow) widget.Question {
	q := widget.Question{Title: "Delete image", Verb: "delete it", Danger: true, Typed: protectedName(env, rows[0].Name())}
	if len(rows) == 1 {
		r := rows[0]
		q.Target = r.Ref()
		if others := len(r.Image.Tags) - 1; others > 0 {
			q.Title = "Delete tag"
			q.Body = []string{fmt.Sprintf("The image keeps its %s; nothing is freed.", widget.Plural(others, "other tag", "other tags"))}
		} else {
			q.Body = []string{fmt.Sprintf("%s, %s: it can't be brought back, only built again.", shortImageID(r.Image.ID), widget.Size(r.Image.Size))}
		}
		return q
	}
	q.Title, q.Verb = "Delete images", "delete them"
	q.Target = widget.Plural(len(rows), "tag", "tags")
	for _, r := range rows {
		q.Body = append(q.Body, fmt.Sprintf("%9s  %s", widget.Size(r.Image.Size), r.Ref()))
	}
	return q
}

// imagesSummary is the right end of the images screen's bar.
func imagesSummary(images []backend.Image) string {
	var size, unused int64
	pending := false
	for _, img := range images {
		size += img.Size
		pending = pending || img.UsePending
		if len(img.UsedBy) == 0 {
			unused += img.Size
		}
	}
	text := widget.Plural(len(images), "image", "images") + " · " + widget.Size(size)
	if unused > 0 && !pending {
		text += " · " + widget.Size(unused) + " unused"
	}
	return text
}
