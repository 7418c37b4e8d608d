package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// imageRow is one line of the images screen: one tag of an image, or an image
// that has none. Deleting works on exactly that.
type imageRow struct {
	Image backend.Image
	Tag   string // "repository:tag", "" for an image without one
}

// Key tells the row from all others, also after a refresh.
func (r imageRow) Key() string { return r.Image.ID + " " + r.Tag }

// Ref is what the backend is asked with.
func (r imageRow) Ref() string {
	if r.Tag != "" {
		return r.Tag
	}
	return r.Image.ID
}

// Name is the tag as the list shows it.
func (r imageRow) Name() string {
	if r.Tag == "" {
		return "untagged"
	}
	return r.Tag
}

// imageRows gives a row for each tag, the newest image first, in an order that
// a refresh does not change.
func imageRows(images []backend.Image) []imageRow {
	var rows []imageRow
	for _, img := range images {
		if len(img.Tags) == 0 {
			rows = append(rows, imageRow{Image: img})
		}
		for _, tag := range img.Tags {
			rows = append(rows, imageRow{Image: img, Tag: tag})
		}
	}
	slices.SortStableFunc(rows, func(a, b imageRow) int {
		return cmp.Or(
			b.Image.CreatedAt.Compare(a.Image.CreatedAt),
			cmp.Compare(a.Image.ID, b.Image.ID),
			cmp.Compare(a.Tag, b.Tag),
		)
	})
	return rows
}

// shortImageID is the start of an image's id without its algorithm, as long as
// docker shows it.
func shortImageID(id string) string {
	_, hex, ok := strings.Cut(id, ":")
	if !ok {
		hex = id
	}
	return hex[:min(len(hex), 12)]
}

// usedBy says in a few words who needs an image: "web:14 (3 running)".
func usedBy(uses []backend.ImageUse) string {
	var parts []string
	for _, u := range uses {
		name := u.TaskDefinition
		switch {
		case u.Service != "" && u.TaskDefinition != "" && !strings.HasPrefix(u.TaskDefinition, u.Service+":"):
			name = u.Service + " (" + u.TaskDefinition + ")"
		case name == "":
			name = u.Service
		}
		if name == "" {
			name = "a container"
		}
		if u.Running > 0 {
			name += fmt.Sprintf(" · %d running", u.Running)
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

// whyKept is the reason why an image can't be deleted, "" when it can.
func whyKept(img backend.Image) string {
	if len(img.UsedBy) == 0 {
		return ""
	}
	return "in use by " + usedBy(img.UsedBy)
}

// cleanCommand makes a layer's command readable: what the builders put around
// it is taken off.
func cleanCommand(command string) string {
	c := strings.TrimSpace(command)
	c = strings.TrimPrefix(c, "/bin/sh -c #(nop) ")
	if rest, ok := strings.CutPrefix(c, "/bin/sh -c "); ok {
		c = "RUN " + rest
	}
	c = strings.TrimSuffix(c, "# buildkit")
	return strings.Join(strings.Fields(c), " ")
}

// validTag checks "repository:tag" as registries take it, so that a mistake is
// told while it is typed and not by the engine.
func validTag(ref string) error {
	name, tag, ok := cutTag(ref)
	if name == "" {
		return fmt.Errorf("type repository:tag, for example shop/web:stable")
	}
	if strings.ToLower(name) != name {
		return fmt.Errorf("a repository is written in lower case: %s", strings.ToLower(name))
	}
	if strings.ContainsAny(name, " \t@") {
		return fmt.Errorf("a repository has no spaces and no @")
	}
	if !ok {
		return nil // the tag is "latest"
	}
	bad := strings.IndexFunc(tag, func(r rune) bool {
		return r != '_' && r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if tag == "" || len(tag) > 128 || bad >= 0 || tag[0] == '.' || tag[0] == '-' {
		return fmt.Errorf("a tag is 1 to 128 letters, digits, _ . or -, and starts with none of . -")
	}
	return nil
}

// cutTag takes a reference apart at its tag; the colon of a port is none.
func cutTag(ref string) (name, tag string, ok bool) {
	i := strings.LastIndexByte(ref, ':')
	if i < 0 || strings.Contains(ref[i:], "/") {
		return ref, "", false
	}
	return ref[:i], ref[i+1:], true
}
