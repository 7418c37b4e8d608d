package screen

import (
	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

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
