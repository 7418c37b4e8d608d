package screen

import (
	"context"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// tagNames are tags by image id. A revision on the local engine pins its image
// by id, which tells a person nothing; "" is an image that has no tag.
type tagNames map[string]string

// add gives the images that services run a name. The images are listed only
// when one is met for the first time.
func (n tagNames) add(ctx context.Context, env *Env, services []backend.Service, found map[string]extra) {
	listed := false
	for _, s := range services {
		e := found[s.ARN]
		id := runningImage(s, e.Deployment)
		if !strings.HasPrefix(id, "sha256:") {
			continue
		}
		if _, known := n[id]; !known && !listed {
			listed = true
			n.list(ctx, env)
		}
		if _, known := n[id]; !known {
			n[id] = ""
		}
		e.Image = n[id]
		found[s.ARN] = e
	}
}

func (n tagNames) list(ctx context.Context, env *Env) {
	for img, err := range backend.All(ctx, env.Backend.ListImages) {
		if err != nil {
			env.Log.Debug("list images", "err", err)
			return
		}
		if len(img.Tags) > 0 {
			n[img.ID] = img.Tags[0]
		}
	}
}
