package docker

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.Images = (*Engine)(nil)

// imagePage is the size of a page that nobody has chosen.
const imagePage = 100

// ListImages lists the engine's images, newest first, without the unnamed
// steps between them. A page's token is the id of the last image before it, so
// that images that come and go do not shift the pages.
func (e *Engine) ListImages(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
	all, err := e.images(ctx)
	if err != nil {
		return backend.Page[backend.Image]{}, wrap("ListImages", "", err)
	}
	size := p.Size
	if size <= 0 {
		size = imagePage
	}
	start := 0
	if p.Token != "" {
		start = slices.IndexFunc(all, func(i backend.Image) bool { return pageToken(i) == p.Token }) + 1
		if start == 0 {
			start = slices.IndexFunc(all, func(i backend.Image) bool { return pageToken(i) > p.Token })
		}
		if start < 0 {
			return backend.Page[backend.Image]{}, nil
		}
	}
	page := backend.Page[backend.Image]{Items: all[start:min(start+size, len(all))]}
	if start+size < len(all) {
		page.Next = pageToken(page.Items[len(page.Items)-1])
	}
	return page, nil
}

// pageToken sorts as the list does: newest first, then by id.
func pageToken(i backend.Image) string {
	return fmt.Sprintf("%012d %s", 1e12-i.CreatedAt.Unix()-1, i.ID)
}

func (e *Engine) images(ctx context.Context) ([]backend.Image, error) {
	list, err := e.client.ImageList(ctx, client.ImageListOptions{})
	if err != nil {
		return nil, err
	}
	users, err := e.uses(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]backend.Image, 0, len(list.Items))
	for _, s := range list.Items {
		out = append(out, summary(s, users[s.ID]))
	}
	slices.SortFunc(out, func(a, b backend.Image) int { return cmp.Compare(pageToken(a), pageToken(b)) })
	return out, nil
}

func summary(s image.Summary, users []backend.ImageUse) backend.Image {
	return backend.Image{
		ID: s.ID, Digest: firstDigest(s.RepoDigests), Tags: realTags(s.RepoTags), Size: s.Size,
		CreatedAt: time.Unix(s.Created, 0), UsedBy: users,
	}
}

func realTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t != "<none>:<none>" {
			out = append(out, backend.Clean(t))
		}
	}
	return out
}

func firstDigest(refs []string) string {
	for _, r := range refs {
		if _, digest, ok := strings.Cut(r, "@"); ok && !strings.HasPrefix(r, "<none>") {
			return digest
		}
	}
	return ""
}

// uses tells by image id what runs from it, or is to: the containers of the
// engine, also stopped ones and those that are not ours, and what the services
// want; what they want by a tag, by that tag too.
func (e *Engine) uses(ctx context.Context) (map[string][]backend.ImageUse, error) {
	list, err := e.client.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return nil, err
	}
	out := map[string][]backend.ImageUse{}
	for _, c := range list.Items {
		use := backend.ImageUse{Service: backend.Clean(c.Labels[LabelService])}
		if family := c.Labels[LabelFamily]; family != "" {
			use.TaskDefinition = backend.Clean(family + ":" + c.Labels[LabelRevision])
		}
		if c.State == container.StateRunning {
			use.Running = 1
		}
		out[c.ImageID] = addUse(out[c.ImageID], use)
	}
	if e.imageUsers == nil {
		return out, nil
	}
	wanted, err := e.imageUsers(ctx)
	if err != nil {
		return nil, err
	}
	for id, uses := range wanted {
		for _, u := range uses {
			u.Running = 0 // counted above
			out[id] = addUse(out[id], u)
		}
	}
	return out, nil
}

func addUse(uses []backend.ImageUse, u backend.ImageUse) []backend.ImageUse {
	for i := range uses {
		if uses[i].Service == u.Service && uses[i].TaskDefinition == u.TaskDefinition {
			uses[i].Running += u.Running
			return uses
		}
	}
	return append(uses, u)
}

// DescribeImage gives an image with its layers.
func (e *Engine) DescribeImage(ctx context.Context, ref string) (backend.ImageDetail, error) {
	const op = "DescribeImage"
	var raw bytes.Buffer
	img, err := e.client.ImageInspect(ctx, ref, client.ImageInspectWithRawResponse(&raw))
	if err != nil {
		return backend.ImageDetail{}, wrap(op, backend.Clean(ref), err)
	}
	history, err := e.client.ImageHistory(ctx, img.ID)
	if err != nil {
		return backend.ImageDetail{}, wrap(op, backend.Clean(ref), err)
	}
	users, err := e.uses(ctx)
	if err != nil {
		return backend.ImageDetail{}, wrap(op, backend.Clean(ref), err)
	}
	created, _ := time.Parse(time.RFC3339Nano, img.Created)
	out := backend.ImageDetail{
		Image: backend.Image{
			ID: img.ID, Digest: firstDigest(img.RepoDigests), Tags: realTags(img.RepoTags), Size: img.Size, CreatedAt: created,
			Platform: platformName(img.InspectResponse), UsedBy: users[img.ID],
		},
		Layers:   layers(history.Items),
		Document: backend.Document(raw.Bytes()),
	}
	if c := img.Config; c != nil {
		out.Entrypoint, out.Cmd = cleanAll(c.Entrypoint), cleanAll(c.Cmd)
		out.User, out.WorkDir = backend.Clean(c.User), backend.Clean(c.WorkingDir)
		for port := range c.ExposedPorts {
			out.Exposed = append(out.Exposed, backend.Clean(port))
		}
		slices.Sort(out.Exposed)
	}
	return out, nil
}

func platformName(img image.InspectResponse) string {
	p := img.Os + "/" + img.Architecture
	if img.Variant != "" {
		p += "/" + img.Variant
	}
	return backend.Clean(p)
}

func cleanAll(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = backend.Clean(s)
	}
	return out
}

// TagImage gives an image one more name.
func (e *Engine) TagImage(ctx context.Context, ref, tag string) error {
	if _, err := parseTag(tag); err != nil {
		return &backend.Error{Op: "TagImage", Kind: backend.Invalid, Resource: backend.Clean(tag), Err: cleanError(err), Remedy: "write it as repository:tag"}
	}
	_, err := e.client.ImageTag(ctx, client.ImageTagOptions{Source: ref, Target: tag})
	return wrap("TagImage", backend.Clean(ref), err)
}

// RemoveImage removes one tag, and with the last one the image; given an id,
// the image with all its tags. It never forces the engine: what a container
// uses stays.
func (e *Engine) RemoveImage(ctx context.Context, ref string) error {
	const op = "RemoveImage"
	img, err := e.client.ImageInspect(ctx, ref)
	if err != nil {
		return wrap(op, backend.Clean(ref), err)
	}
	users, err := e.uses(ctx)
	if err != nil {
		return wrap(op, backend.Clean(ref), err)
	}
	tag := tagOf(ref)
	isTag := slices.Contains(img.RepoTags, tag)
	uses := users[img.ID]
	if isTag && len(realTags(img.RepoTags)) > 1 {
		uses = users[tag] // the image stays, with its other tags
	}
	if len(uses) > 0 {
		return &backend.Error{
			Op: op, Kind: backend.Conflict, Resource: backend.Clean(ref),
			Err: errors.New("it is in use by " + describeUses(uses)), Remedy: "stop what runs from it, or deploy another image there first",
		}
	}
	if !isTag {
		return wrap(op, backend.Clean(ref), e.removeAll(ctx, img.ID, img.RepoTags))
	}
	_, err = e.client.ImageRemove(ctx, ref, client.ImageRemoveOptions{PruneChildren: true})
	return wrap(op, backend.Clean(ref), err)
}

// tagOf is ref as the engine lists it, when it is a tag.
func tagOf(ref string) string {
	tagged, err := parseTag(ref)
	if err != nil {
		return ""
	}
	return shortReference(tagged.String())
}

// removeAll takes an image's tags off one by one; the engine removes it with
// the last, unless a container has begun to use it meanwhile.
func (e *Engine) removeAll(ctx context.Context, id string, tags []string) error {
	names := realTags(tags)
	if len(names) == 0 {
		names = []string{id}
	}
	for _, name := range names {
		if _, err := e.client.ImageRemove(ctx, name, client.ImageRemoveOptions{PruneChildren: true}); err != nil {
			return err
		}
	}
	return nil
}

func describeUses(uses []backend.ImageUse) string {
	var parts []string
	for _, u := range uses {
		what := "a container that is not ours"
		switch {
		case u.Service != "":
			what = "service " + u.Service
		case u.TaskDefinition != "":
			what = "task " + u.TaskDefinition
		}
		if u.Running > 0 {
			what += " (" + strconv.Itoa(u.Running) + " running)"
		}
		parts = append(parts, what)
	}
	return strings.Join(parts, ", ")
}

// layers turns a history, newest first, into layers from the base up.
func layers(history []image.HistoryResponseItem) []backend.Layer {
	out := make([]backend.Layer, 0, len(history))
	for _, h := range slices.Backward(history) {
		out = append(out, backend.Layer{
			Command: layerCommand(h.CreatedBy), Size: h.Size, CreatedAt: time.Unix(h.Created, 0), Empty: h.Size == 0 && onlyMetadata(h.CreatedBy),
		})
	}
	return out
}

// layerCommand writes what made a layer as the Dockerfile has it; builders put
// their own words around it.
func layerCommand(by string) string {
	by = strings.TrimSuffix(strings.TrimSpace(by), " # buildkit")
	if nop, ok := strings.CutPrefix(by, "/bin/sh -c #(nop) "); ok {
		by = strings.TrimSpace(nop)
	} else if sh, ok := strings.CutPrefix(by, "/bin/sh -c "); ok {
		by = "RUN " + sh
	}
	return backend.Clean(strings.Replace(by, "RUN /bin/sh -c ", "RUN ", 1))
}

// onlyMetadata says whether an instruction makes no layer.
func onlyMetadata(by string) bool {
	word, _, _ := strings.Cut(layerCommand(by), " ")
	switch strings.ToUpper(word) {
	case "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "USER", "ARG", "STOPSIGNAL", "HEALTHCHECK", "MAINTAINER", "ONBUILD", "SHELL", "VOLUME":
		return true
	}
	return false
}
