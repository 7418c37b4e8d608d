package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// instruction is one line of a Dockerfile that makes a step.
type instruction struct {
	verb, text string
	line       int
}

// readDockerfile reads a Dockerfile's instructions, continued lines joined. A
// folder that does not exist gives a usual one, so that the demo can be tried
// with no files at all.
func readDockerfile(req backend.BuildRequest) ([]instruction, error) {
	name := req.Dockerfile
	if name == "" {
		name = "Dockerfile"
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(req.Context, name)
	}
	if _, err := os.Stat(req.Context); req.Context == "" || errors.Is(err, fs.ErrNotExist) {
		return parseDockerfile("FROM debian:stable-slim\nWORKDIR /app\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN go build -o /app/server\nCMD [\"/app/server\"]\n")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		kind := backend.Invalid
		if errors.Is(err, fs.ErrNotExist) {
			kind = backend.NotFound
		}
		return nil, &backend.Error{Op: "Build", Kind: kind, Resource: backend.Clean(name), Err: errors.New("the Dockerfile cannot be read"), Remedy: "write one, or name it in ecs-tui.yml"}
	}
	return parseDockerfile(string(text))
}

func parseDockerfile(text string) ([]instruction, error) {
	var out []instruction
	scan := bufio.NewScanner(strings.NewReader(text))
	joined, start, line := "", 0, 0
	for scan.Scan() {
		line++
		s := strings.TrimSpace(scan.Text())
		if s == "" || strings.HasPrefix(s, "#") {
			continue
		}
		if joined == "" {
			start = line
		}
		if strings.HasSuffix(s, "\\") {
			joined += strings.TrimSuffix(s, "\\") + " "
			continue
		}
		s, joined = joined+s, ""
		verb, rest, _ := strings.Cut(s, " ")
		verb = strings.ToUpper(verb)
		if !strings.Contains(" FROM RUN COPY ADD CMD ENTRYPOINT ENV EXPOSE WORKDIR USER LABEL ARG VOLUME HEALTHCHECK SHELL STOPSIGNAL ONBUILD MAINTAINER ", " "+verb+" ") {
			return nil, backend.Errorf("Build", backend.Invalid, fmt.Sprintf("Dockerfile:%d", start), "unknown instruction: %s", backend.Clean(verb))
		}
		out = append(out, instruction{verb, backend.Clean(verb + " " + strings.TrimSpace(rest)), start})
	}
	if len(out) == 0 {
		return nil, backend.Errorf("Build", backend.Invalid, "Dockerfile", "the file has no instructions")
	}
	return out, nil
}

// Build pretends to build: the steps of the real Dockerfile, with times, log
// lines and cache hits for what was built before. "RUN false" and "RUN exit 1"
// fail as they would.
func (b *Backend) Build(ctx context.Context, req backend.BuildRequest) iter.Seq2[backend.BuildEvent, error] {
	return func(yield func(backend.BuildEvent, error) bool) {
		if err := ended(ctx, "Build"); err != nil {
			yield(nil, err)
			return
		}
		file, err := readDockerfile(req)
		if err != nil {
			yield(nil, err)
			return
		}
		run := &build{b: b, req: req, file: file, yield: yield}
		if err := run.steps(ctx); err != nil {
			if !run.left {
				yield(nil, err)
			}
			return
		}
		yield(run.finish(), nil)
	}
}

// build is one run of Build.
type build struct {
	b     *Backend
	req   backend.BuildRequest
	file  []instruction
	yield func(backend.BuildEvent, error) bool
	left  bool // the reader stopped listening
	key   string
	size  []int64
}

var errLeft = errors.New("the reader left")

func (r *build) tell(e backend.BuildEvent) error {
	if r.left || !r.yield(e, nil) {
		r.left = true
		return errLeft
	}
	return nil
}

func (r *build) steps(ctx context.Context) error {
	if err := r.step(ctx, "[internal] load build definition from Dockerfile", 50*time.Millisecond, false, nil); err != nil {
		return err
	}
	if err := r.step(ctx, "[internal] load build context", 120*time.Millisecond, false, nil); err != nil {
		return err
	}
	total := 0
	for _, i := range r.file {
		if makesStep(i.verb) {
			total++
		}
	}
	n := 0
	for _, i := range r.file {
		r.key = fingerprint(r.key + i.text)
		if !makesStep(i.verb) {
			continue
		}
		n++
		if err := r.instruction(ctx, i, fmt.Sprintf("[%d/%d] %s", n, total, i.text)); err != nil {
			return err
		}
	}
	return r.step(ctx, "exporting to image", 200*time.Millisecond, false, nil)
}

func makesStep(verb string) bool {
	return verb == "FROM" || verb == "RUN" || verb == "COPY" || verb == "ADD" || verb == "WORKDIR"
}

func (r *build) instruction(ctx context.Context, i instruction, name string) error {
	r.b.lock()
	cached := r.b.built(r.key) && !r.req.NoCache && i.verb != "FROM"
	r.b.unlock()
	took := 150 * time.Millisecond
	var logs []string
	if i.verb == "RUN" {
		took = time.Second
		logs = []string{"resolving dependencies", "compiling 148 packages", "done"}
	}
	r.size = append(r.size, int64(mix(uint64(len(i.text)), uint64(i.line))%(12<<20)))
	if i.verb == "RUN" && (strings.HasSuffix(i.text, " false") || strings.HasSuffix(i.text, "exit 1")) {
		if err := r.step(ctx, name, took, false, []string{"+ " + i.text[4:]}); err != nil {
			return err
		}
		cause := fmt.Sprintf("process \"/bin/sh -c %s\" did not complete successfully: exit code: 1", i.text[4:])
		if err := r.tell(backend.BuildVertex{ID: fingerprint(name)[:12], Name: name, Err: cause}); err != nil {
			return err
		}
		return &backend.Error{
			Op: "Build", Kind: backend.Invalid, Resource: fmt.Sprintf("Dockerfile:%d", i.line),
			Err: errors.New(cause), Remedy: "look at the step's output, correct the Dockerfile, and build again",
		}
	}
	if err := r.step(ctx, name, took, cached, logs); err != nil {
		return err
	}
	r.b.lock()
	r.b.remember(r.key)
	r.b.unlock()
	return nil
}

// step shows one vertex from its start to its end.
func (r *build) step(ctx context.Context, name string, took time.Duration, cached bool, logs []string) error {
	v := backend.BuildVertex{ID: fingerprint(name)[:12], Name: name, Started: r.b.clock.Now(), Cached: cached}
	if cached {
		v.Completed = v.Started
		return r.tell(v)
	}
	if err := r.tell(v); err != nil {
		return err
	}
	for _, text := range logs {
		if !r.b.wait(ctx, took/time.Duration(len(logs)+1)) {
			return ended(ctx, "Build")
		}
		if err := r.tell(backend.BuildLog{Vertex: v.ID, Text: text}); err != nil {
			return err
		}
	}
	if !r.b.wait(ctx, took/time.Duration(len(logs)+1)) {
		return ended(ctx, "Build")
	}
	v.Completed = r.b.clock.Now()
	return r.tell(v)
}

// finish stores the image that was built.
func (r *build) finish() backend.BuildDone {
	marks := &strings.Builder{}
	img := &image{}
	for _, i := range r.file {
		switch i.verb {
		case "ENV", "CMD", "ENTRYPOINT", "LABEL":
			marks.WriteString(i.text + " ")
		case "EXPOSE":
			img.port = strings.TrimSuffix(strings.Fields(i.text + " 0")[1], "/tcp")
		}
		layer := backend.Layer{Command: i.text, Empty: !makesStep(i.verb)}
		if !layer.Empty && len(r.size) > 0 {
			layer.Size, r.size = r.size[0], r.size[1:]
		}
		img.layers = append(img.layers, layer)
		img.view.Size += layer.Size
	}
	for _, v := range r.req.Args {
		marks.WriteString(v + " ")
	}
	img.marks = marks.String()
	r.b.lock()
	defer r.b.unlock()
	id := "sha256:" + fingerprint(fmt.Sprint(r.key, r.req.Args, r.req.Labels))
	if old := r.b.images[id]; old != nil {
		img = old
	} else {
		img.view.ID, img.view.CreatedAt, img.view.Platform = id, r.b.sim.now, "linux/amd64"
		for n := range img.layers {
			img.layers[n].CreatedAt = r.b.sim.now
		}
		r.b.images[id] = img
	}
	for _, tag := range r.req.Tags {
		repo, rest := splitRef(backend.Clean(tag))
		r.b.tag(img, repo+":"+rest)
	}
	r.b.changed = true
	return backend.BuildDone{ImageID: id, Size: img.view.Size}
}

func (b *Backend) built(key string) bool { return b.steps[key] }

func (b *Backend) remember(key string) { b.steps[key] = true }
