package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// sourcePrefix begins the tags that say what an image was built from.
const sourcePrefix = "src-"

// sourceTag is the tag that says what an image was built from: every file that
// the build can read, also those that git ignores, and what it was told. Where
// the registry has it, the image need not be built again.
func sourceTag(ctx context.Context, src ImageSource) (string, error) {
	h := sha256.New()
	if err := hashContext(ctx, h, src); err != nil {
		return "", &backend.Error{Op: "Build", Kind: backend.KindOf(err), Resource: src.Container, Err: err}
	}
	file := dockerfileOf(src.Build)
	if info, err := os.Stat(file); err == nil {
		hashFile(h, file, "Dockerfile", info)
	}
	for _, k := range slices.Sorted(maps.Keys(src.Build.Args)) {
		fmt.Fprintf(h, "arg %q=%q\n", k, src.Build.Args[k])
	}
	for _, s := range src.Build.Secrets {
		fmt.Fprintf(h, "secret %q\n", s.ID)
	}
	fmt.Fprintf(h, "platform %q\n", src.Build.Platform)
	if len(src.Platforms) > 0 {
		fmt.Fprintf(h, "platforms %q\n", src.Platforms)
	}
	return sourcePrefix + hex.EncodeToString(h.Sum(nil))[:16], nil
}

// known looks in the registry for the image that this source gave before. What
// can't be found out is built: that is never wrong.
func (r *run) known(ctx context.Context, src ImageSource) (reference string) {
	if _, ok := r.b.(backend.Pinner); !ok || r.b.Unsupported(backend.CanPush) != "" {
		return ""
	}
	tag, err := sourceTag(ctx, src)
	if err != nil {
		return ""
	}
	r.sources[src.Container] = tag
	if r.plan.Request.Force {
		return ""
	}
	return pinnedAs(ctx, r.b, src.Repository, tag)
}
