package docker

import (
	"context"
	"slices"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// buildSmall builds an image of its own layers on busybox.
func buildSmall(t *testing.T, e *Engine, tag, script string) backend.BuildDone {
	t.Helper()
	dir := writeFiles(t, map[string]string{"Dockerfile": "FROM " + dockertest.BusyboxImage(t) + "\nEXPOSE 8080\nRUN " + script + "\nUSER 7\nCMD [\"sleep\", \"100\"]\n"})
	b, err := runBuild(t, e, backend.BuildRequest{Context: dir, Tags: []string{tag}})
	if err != nil {
		t.Fatal(err)
	}
	return b.done
}

func findImage(t *testing.T, e *Engine, id string) (backend.Image, bool) {
	t.Helper()
	for img, err := range backend.All(t.Context(), func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
		p.Size = 2
		return e.ListImages(ctx, p)
	}) {
		if err != nil {
			t.Fatal(err)
		}
		if img.ID == id {
			return img, true
		}
	}
	return backend.Image{}, false
}

func TestImages(t *testing.T) {
	e := openEngine(t, Options{})
	mark := dockertest.Unique(t, "i")
	tag := "ecs-tui-test/images:" + mark
	done := buildSmall(t, e, tag, "echo "+mark+" >/file")
	img, ok := findImage(t, e, done.ImageID)
	if !ok || !slices.Equal(img.Tags, []string{tag}) || img.Size != done.Size || len(img.UsedBy) != 0 {
		t.Fatalf("listed %v %+v, built %+v", ok, img, done)
	}
	d, err := e.DescribeImage(t.Context(), tag)
	if err != nil {
		t.Fatal(err)
	}
	last := d.Layers[len(d.Layers)-1]
	if d.User != "7" || !slices.Equal(d.Cmd, []string{"sleep", "100"}) || !slices.Equal(d.Exposed, []string{"8080/tcp"}) || !last.Empty || last.Command != `CMD ["sleep" "100"]` || d.Platform == "" {
		t.Errorf("described %+v", d)
	}
	if sum := int64(0); true {
		for _, l := range d.Layers {
			sum += l.Size
		}
		if sum != d.Size {
			t.Errorf("the layers have %d bytes, the image %d", sum, d.Size)
		}
	}
	second := "ecs-tui-test/images:" + mark + "-2"
	if err := e.TagImage(t.Context(), tag, second); err != nil {
		t.Fatal(err)
	}
	wantError(t, e.TagImage(t.Context(), tag, "No/Good"), backend.Invalid, "No/Good")
	wantError(t, e.TagImage(t.Context(), "ecs-tui-test/none:1", second), backend.NotFound, "ecs-tui-test/none:1")
	id := dockertest.Run(t, e.client, dockertest.Spec{Image: tag, Labels: taskLabels("c", "shop", "aaaaaa1", "app")})
	img, _ = findImage(t, e, done.ImageID)
	if len(img.UsedBy) != 1 || img.UsedBy[0].Service != "shop" || img.UsedBy[0].Running != 1 {
		t.Errorf("used by %+v", img.UsedBy)
	}
	wantError(t, e.RemoveImage(t.Context(), done.ImageID), backend.Conflict, "service shop (1 running)")
	e.imageUsers = func(context.Context) (map[string][]backend.ImageUse, error) {
		use := []backend.ImageUse{{Service: "later", TaskDefinition: "later:3"}}
		return map[string][]backend.ImageUse{done.ImageID: use, second: use}, nil
	}
	wantError(t, e.RemoveImage(t.Context(), second), backend.Conflict, "service later") // by that name
	e.imageUsers = nil
	if err := e.RemoveImage(t.Context(), second); err != nil { // in use, but it keeps a name
		t.Fatal(err)
	}
	wantError(t, e.RemoveImage(t.Context(), tag), backend.Conflict, "service shop (1 running)")
	dockertest.Remove(t, e.client, id)
	if img, _ = findImage(t, e, done.ImageID); !slices.Equal(img.Tags, []string{tag}) {
		t.Errorf("tags after one was removed: %v", img.Tags)
	}
	if err := e.RemoveImage(t.Context(), done.ImageID); err != nil {
		t.Fatal(err)
	}
	wantError(t, e.RemoveImage(t.Context(), tag), backend.NotFound, tag)
}

// TestPrune checks the sum against what it must be: two images share a layer
// of 3 MB between them and busybox with an image that stays.
func TestPrune(t *testing.T) {
	e := openEngine(t, Options{})
	mark := dockertest.Unique(t, "p")
	dir := writeFiles(t, map[string]string{"Dockerfile": "FROM " + dockertest.BusyboxImage(t) + "\nRUN echo " + mark + "; head -c 3000000 /dev/urandom >/shared\n" +
		"ARG N\nRUN head -c ${N}00000 /dev/urandom >/own\n"})
	ids := map[string]bool{}
	for _, n := range []string{"1", "2"} {
		b, err := runBuild(t, e, backend.BuildRequest{Context: dir, Tags: []string{"ecs-tui-test/prune:" + mark + n}, Args: map[string]string{"N": n}})
		if err != nil {
			t.Fatal(err)
		}
		ids[b.done.ImageID] = true
	}
	plan, err := e.PlanPrune(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base, err := e.client.ImageInspect(t.Context(), dockertest.BusyboxImage(t))
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(plan.Images, func(i backend.Image) bool { return i.ID == base.ID }) {
		t.Error("the plan takes a base image")
	}
	plan.Images = slices.DeleteFunc(plan.Images, func(i backend.Image) bool { return !ids[i.ID] })
	if len(plan.Images) != 2 {
		t.Fatalf("the plan has %d of the two images", len(plan.Images))
	}
	// One of them comes into use after the plan was made.
	used := plan.Images[0].ID
	id := dockertest.Run(t, e.client, dockertest.Spec{Image: used, Cmd: []string{"sleep", "60"}})
	done, err := e.PruneImages(t.Context(), plan)
	if err != nil || len(done.Images) != 1 || done.Images[0].ID == used {
		t.Fatalf("pruned %+v, %v", done, err)
	}
	if own := done.Frees; own != 100000 && own != 200000 {
		t.Errorf("says that %d bytes were freed", own)
	}
	dockertest.Remove(t, e.client, id)
	done, err = e.PruneImages(t.Context(), plan)
	if err != nil || len(done.Images) != 1 || done.Frees != 3100000 && done.Frees != 3200000 {
		t.Errorf("pruned %+v, %v", done, err)
	}
	if _, err := e.client.ImageInspect(t.Context(), used); err == nil {
		t.Error("the image is still there")
	}
}
