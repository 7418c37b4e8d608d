package screen

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// imageDetail shows one image: what it runs, and its layers with their sizes
// and commands.
type imageDetail struct {
	env    *Env
	row    imageRow
	detail backend.ImageDetail
	loaded bool
	err    error
	table  *widget.Table[layerRow]
	head   int // lines over it, in the last frame
	end    context.CancelFunc
}

var _ Screen = (*imageDetail)(nil)

// imageDetailMsg is the answer to a screen's question.
type imageDetailMsg struct {
	of     *imageDetail
	detail backend.ImageDetail
	err    error
}

func newImageDetail(env *Env, row imageRow) *imageDetail {
	d := &imageDetail{env: env, row: row}
	d.setTable(backend.ImageDetail{})
	return d
}

func (d *imageDetail) setTable(detail backend.ImageDetail) {
	d.table = widget.NewTable(d.env.Theme, layerColumns(detail.Size, d.env.Clock.Now), func(r layerRow) string { return fmt.Sprint(r.Number) })
	d.table.SetEmpty("The image tells nothing of its layers.", "")
	if d.loaded {
		d.table.SetRows(layerRows(detail))
	}
}

// Crumb names the image.
func (d *imageDetail) Crumb() string {
	if d.row.Tag == "" {
		return shortImageID(d.row.Image.ID)
	}
	return d.row.Tag
}

// Init reads the image once: an image never changes.
func (d *imageDetail) Init() tea.Cmd {
	if d.loaded {
		return nil
	}
	return d.read()
}

func (d *imageDetail) read() tea.Cmd {
	ctx, cancel := context.WithTimeout(d.env.Ctx, callTimeout)
	d.end = cancel
	return func() tea.Msg {
		defer cancel()
		detail, err := d.env.Backend.DescribeImage(ctx, d.row.Ref())
		return imageDetailMsg{d, detail, err}
	}
}

// Close ends what Init started.
func (d *imageDetail) Close() {
	if d.end != nil {
		d.end()
	}
}

// Update takes the answer and the table's keys.
func (d *imageDetail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case imageDetailMsg:
		if msg.of != d {
			return nil
		}
		if d.err = msg.err; d.err == nil {
			d.detail, d.loaded = msg.detail, true
			d.setTable(msg.detail)
		}
	case tea.KeyPressMsg:
		d.table.Key(msg)
	case tea.MouseWheelMsg:
		d.table.Move(wheel(msg))
	case Click:
		d.table.Click(msg.Line - d.head)
	}
	return nil
}

// View draws the facts, then the layers.
func (d *imageDetail) View(w, h int) string {
	switch {
	case d.err != nil && !d.loaded:
		return failurePage(d.env.Theme, d.err, askAgain, w, h)
	case !d.loaded:
		return message(d.env.Theme, "reading the image …", "", w, h)
	}
	facts := d.facts(w)
	if room := h - 6; len(facts) > room {
		facts = facts[:max(0, room)]
	}
	d.head = len(facts)
	head := widget.Fill(facts, w, len(facts))
	return head + "\n" + d.table.View(w, h-len(facts))
}

func (d *imageDetail) facts(w int) []string {
	th := d.env.Theme
	var lines []string
	add := func(label, value string) {
		if value == "" {
			return
		}
		lines = append(lines, widget.Cut("   "+th.Paint(theme.Muted, widget.Pad(label, 12))+value, w))
	}
	img := d.detail.Image
	add("id", img.ID)
	if img.Digest != img.ID {
		add("digest", img.Digest)
	}
	add("size", fmt.Sprintf("%s · %s · built %s ago", widget.Size(img.Size), img.Platform, imageAge(d.env.Clock.Now(), img.CreatedAt)))
	add("used by", usedBy(img.UsedBy))
	run := strings.Join(append(append([]string{}, d.detail.Entrypoint...), d.detail.Cmd...), " ")
	add("runs", run)
	add("ports", strings.Join(d.detail.Exposed, ", "))
	if d.detail.User != "" || d.detail.WorkDir != "" {
		add("as", strings.TrimSpace(d.detail.User+" in "+orText(d.detail.WorkDir, "/")))
	}
	return append(lines, "")
}

func orText(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

// Actions are the keys of an image.
func (d *imageDetail) Actions() []Action {
	return []Action{
		{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read the image again", Group: groupView, Run: d.read},
		describeAction(func() string {
			if !d.loaded {
				return "it is still being read"
			}
			return ""
		}, func() tea.Cmd {
			return Do(Push{NewDescribe(d.env, d.Crumb(), d.detail.Document, imageReader(d.env, d.row.Ref()))})
		}),
		{Keys: []string{"y"}, Name: "copy id", Help: "copy the image's id", Group: groupView, Footer: true, Run: func() tea.Cmd {
			return tea.Batch(tea.SetClipboard(d.row.Image.ID), note(theme.Steady, "copied "+d.row.Image.ID))
		}},
	}
}

// Count is the number of layers, for the header.
func (d *imageDetail) Count() string {
	if !d.loaded {
		return ""
	}
	return widget.Plural(len(d.detail.Layers), "layer", "layers")
}
