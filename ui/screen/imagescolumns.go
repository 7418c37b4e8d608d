package screen

import (
	"cmp"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// imageColumns are the columns of the images screen. now is asked at each
// drawing, so that ages stay true.
func imageColumns(now func() time.Time) []widget.Column[imageRow] {
	return []widget.Column[imageRow]{
		{
			Title: "IMAGE", Min: 28, Max: 70, Flex: 3,
			Cell: func(r imageRow) widget.Cell {
				c := widget.Cell{Text: r.Name(), Status: theme.Idle}
				switch {
				case len(r.Image.UsedBy) > 0:
					c.Status = theme.Steady
				case r.Tag == "":
					c.Style = theme.Muted
				}
				return c
			},
			Less: func(a, b imageRow) bool { return a.Name() < b.Name() },
		},
		{
			Title: "ID", Min: 12, Max: 12, Priority: 2,
			Cell: func(r imageRow) widget.Cell {
				return widget.Cell{Text: shortImageID(r.Image.ID), Style: theme.Muted}
			},
		},
		{
			Title: "SIZE", Align: widget.Right, Min: 8,
			Cell: func(r imageRow) widget.Cell { return widget.Cell{Text: widget.Size(r.Image.Size)} },
			Less: func(a, b imageRow) bool { return a.Image.Size > b.Image.Size },
		},
		{
			Title: "AGE", Align: widget.Right, Min: 7, Priority: 1,
			Cell: func(r imageRow) widget.Cell { return widget.Cell{Text: imageAge(now(), r.Image.CreatedAt)} },
			Less: func(a, b imageRow) bool { return a.Image.CreatedAt.After(b.Image.CreatedAt) },
		},
		{
			Title: "USED BY", Min: 12, Flex: 2,
			Cell: func(r imageRow) widget.Cell {
				if len(r.Image.UsedBy) == 0 && r.Image.UsePending {
					return widget.Cell{Text: "…", Style: theme.Faint}
				}
				if len(r.Image.UsedBy) == 0 {
					return widget.Cell{Text: "–", Style: theme.Faint}
				}
				return widget.Cell{Text: usedBy(r.Image.UsedBy)}
			},
			Less: func(a, b imageRow) bool {
				return cmp.Compare(usedBy(b.Image.UsedBy), usedBy(a.Image.UsedBy)) < 0
			},
		},
		{
			Title: "PLATFORM", Priority: 3,
			Cell: func(r imageRow) widget.Cell {
				return widget.Cell{Text: r.Image.Platform, Style: theme.Muted}
			},
			Less: func(a, b imageRow) bool { return a.Image.Platform < b.Image.Platform },
		},
	}
}

// imageAge is how old an image is. Reproducible builds stamp 1970: no age.
func imageAge(now, created time.Time) string {
	if created.Unix() <= 0 {
		return "–"
	}
	return widget.Age(now.Sub(created))
}

// layerRow is a layer with its place, which is its identity.
type layerRow struct {
	backend.Layer
	Number int // from 1, the base
}

// layerRows are the layers of an image, the newest on top, as the questions go:
// what did the last build add, and what is the big one.
func layerRows(detail backend.ImageDetail) []layerRow {
	rows := make([]layerRow, 0, len(detail.Layers))
	for i := len(detail.Layers) - 1; i >= 0; i-- {
		rows = append(rows, layerRow{Layer: detail.Layers[i], Number: i + 1})
	}
	return rows
}

func layerColumns(total int64, now func() time.Time) []widget.Column[layerRow] {
	return []widget.Column[layerRow]{
		{
			Title: "#", Align: widget.Right, Min: 3,
			Cell: func(r layerRow) widget.Cell { return widget.Cell{Text: widget.Count(r.Number), Style: theme.Muted} },
			Less: func(a, b layerRow) bool { return a.Number < b.Number },
		},
		{
			Title: "SIZE", Align: widget.Right, Min: 9,
			Cell: func(r layerRow) widget.Cell {
				if r.Empty {
					return widget.Cell{Text: "–", Style: theme.Faint}
				}
				return widget.Cell{Text: widget.Size(r.Size)}
			},
			Less: func(a, b layerRow) bool { return a.Size > b.Size },
		},
		{
			Title: "SHARE", Min: 10, Priority: 2,
			Cell: func(r layerRow) widget.Cell { return widget.Cell{Text: shareBar(r.Size, total), Style: theme.Accent} },
		},
		{
			Title: "AGE", Align: widget.Right, Min: 7, Priority: 1,
			Cell: func(r layerRow) widget.Cell {
				return widget.Cell{Text: imageAge(now(), r.CreatedAt), Style: theme.Muted}
			},
		},
		{
			Title: "COMMAND", Min: 20, Flex: 1,
			Cell: func(r layerRow) widget.Cell {
				c := widget.Cell{Text: cleanCommand(r.Command)}
				if r.Empty {
					c.Style = theme.Muted
				}
				return c
			},
		},
	}
}

// shareBar is a layer's share of the image in at most ten cells.
func shareBar(size, total int64) string {
	if size <= 0 || total <= 0 {
		return ""
	}
	n := int((size*10 + total/2) / total)
	return strings.Repeat("▪", max(1, min(n, 10)))
}
