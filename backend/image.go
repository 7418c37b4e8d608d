package backend

import (
	"cmp"
	"context"
	"strings"
	"time"
)

// Image is one image that tasks can run from.
type Image struct {
	ID        string   // content id, "sha256:…"
	Digest    string   // registry digest, "" when it was never pushed
	Tags      []string // "repository:tag"
	Size      int64    // bytes
	CreatedAt time.Time
	Platform  string
	UsedBy    []ImageUse // empty: safe to delete
	// UsePending says that who else uses it is still being found out, or that
	// there is too much to look through for a list.
	UsePending bool
	PulledAt   time.Time // zero where it was never pulled, or that is not recorded
	Scan       *Scan     // nil: never scanned, or there is nobody who scans
}

// Name is an image's first tag, or the start of its digest or id.
func (i Image) Name() string {
	if len(i.Tags) > 0 {
		return i.Tags[0]
	}
	id := cmp.Or(i.Digest, i.ID)
	if _, hex, ok := strings.Cut(id, ":"); ok {
		id = hex
	}
	return id[:min(len(id), 12)]
}

// ImageUse is one reason to keep an image.
type ImageUse struct {
	Service        string // name, "" for a task or container of its own
	TaskDefinition string // family:revision
	Running        int    // containers that run from it now
}

// String is "service web (web:14)", or what else is known.
func (u ImageUse) String() string {
	switch {
	case u.Service != "" && u.TaskDefinition != "":
		return "service " + u.Service + " (" + u.TaskDefinition + ")"
	case u.Service != "":
		return "service " + u.Service
	case u.TaskDefinition != "":
		return "task " + u.TaskDefinition
	}
	return "a container that is not ours"
}

// ImageDetail is an image with what it is made of.
type ImageDetail struct {
	Image
	Entrypoint, Cmd []string
	Exposed         []string
	User, WorkDir   string
	Layers          []Layer // from the base up
	Document        Document
}

// Layer is one step of an image's history; empty ones changed only metadata.
type Layer struct {
	Command   string
	Size      int64
	CreatedAt time.Time
	Empty     bool
}

// Prune is a set of images to remove and what that frees.
type Prune struct {
	Images []Image
	Frees  int64       // bytes
	Kept   []KeptImage // of a repository's, see [PlanRepository]
}

// BuildRequest asks for one image.
type BuildRequest struct {
	Context    string // folder
	Dockerfile string // relative to Context, "" for Dockerfile
	Tags       []string
	Args       map[string]string
	Labels     map[string]string
	Target     string
	Platform   string // "" for the engine's own
	Secrets    []BuildSecret
	NoCache    bool
	CacheFrom  []BuildCache
	CacheTo    []BuildCache
	// Credentials gives those of a registry, by its host, when the builder asks
	// for them. nil gives none.
	Credentials func(ctx context.Context, host string) (RegistryAuth, bool)
}

// BuildSecret is mounted into RUN --mount=type=secret,id=ID; its value is
// never logged. Exactly one of File and Env is set.
type BuildSecret struct{ ID, File, Env string }

// BuildEvent is one fact about a running build: [BuildVertex], [BuildLog],
// [BuildWarning], [BuildNotice] or, last, [BuildDone].
type BuildEvent interface{ buildEvent() }

// BuildVertex is a step that started, moved or ended. The same ID comes again
// with newer values.
type BuildVertex struct {
	ID        string
	Name      string // "[2/5] COPY . ."
	Started   time.Time
	Completed time.Time // zero while it runs
	Cached    bool
	Err       string
	Current   int64 // progress within the step, e.g. bytes
	Total     int64 // 0 where unknown
}

// BuildLog is one line that a step wrote.
type BuildLog struct {
	Vertex string
	Text   string
}

// BuildWarning is what the builder thinks of the Dockerfile.
type BuildWarning struct {
	Text, File string
	Line       int
}

// BuildNotice is something the user should know about how it is built, such
// as the fallback to the classic builder.
type BuildNotice struct{ Text string }

// BuildDone is the finished image.
type BuildDone struct {
	ImageID string // "sha256:…", what the deployment pins locally
	Size    int64
}

func (BuildVertex) buildEvent()  {}
func (BuildLog) buildEvent()     {}
func (BuildWarning) buildEvent() {}
func (BuildNotice) buildEvent()  {}
func (BuildDone) buildEvent()    {}

// PushRequest asks to push a local image.
type PushRequest struct {
	Image string // local id or tag
	// Parts are the images of one that is for several platforms: what is pushed
	// under the tags is the index of them, and Image is not looked at.
	Parts      []PlatformImage
	Repository string // "shop/web" or a full reference
	Tags       []string
	Auth       *RegistryAuth // nil: the backend's own way, or none
}

// PlatformImage is a local image of one platform.
type PlatformImage struct{ Platform, Image string }

// PushEvent is [PushLayer], [PushNotice] or, last, [PushDone].
type PushEvent interface{ pushEvent() }

// PushLayer is one layer on its way. Current may exceed Total.
type PushLayer struct {
	ID             string
	Status         string // "Pushing", "Layer already exists", "Pushed", "Retrying in 5 seconds"
	Current, Total int64
}

// PushNotice is something the user should know, such as a retry after a login.
type PushNotice struct{ Text string }

// PushDone is where the image can be pulled from, by content.
type PushDone struct {
	Reference string // repository@sha256:…
	Digest    string
	Size      int64
}

func (PushLayer) pushEvent()  {}
func (PushNotice) pushEvent() {}
func (PushDone) pushEvent()   {}
