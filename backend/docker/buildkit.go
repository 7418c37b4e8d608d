package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/tonistiigi/fsutil"

	"github.com/ecs-tui/ecs-tui/backend"
)

// errNoBuildKit: this engine's API has no BuildKit behind it.
var errNoBuildKit = errors.New("the engine has no BuildKit")

// openBuildKit connects to the BuildKit inside the engine and asks it for its
// workers, which is the cheapest question that it answers: whether an engine
// has BuildKit can't be told from its version, only from trying.
func (e *Engine) openBuildKit(ctx context.Context) (*client.Client, error) {
	var mu sync.Mutex
	var refused error
	kit, err := client.New(ctx, "",
		client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			conn, err := e.client.DialHijack(ctx, "/grpc", "h2c", nil)
			if err != nil {
				mu.Lock()
				refused = err
				mu.Unlock()
			}
			return conn, err
		}),
		client.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return e.client.DialHijack(ctx, "/session", proto, meta)
		}))
	if err != nil {
		return nil, err
	}
	_, err = kit.ListWorkers(ctx)
	if err == nil {
		return kit, nil
	}
	kit.Close()
	mu.Lock()
	defer mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case refused != nil && strings.Contains(refused.Error(), "unable to upgrade"), strings.Contains(err.Error(), "Unimplemented"):
		return nil, errNoBuildKit
	case refused != nil:
		return nil, e.endpoint.explain(refused)
	}
	return nil, err
}

// buildKit runs one build and yields what happens in it. It returns only when
// the builder has stopped, also when the consumer goes away.
func (e *Engine) buildKit(ctx context.Context, kit *client.Client, p buildPlan, yield func(backend.BuildEvent, error) bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	opt, err := solveOptions(p, cancel)
	if err != nil {
		cancel(nil)
		yield(nil, p.explain(err))
		return
	}
	statuses := make(chan *client.SolveStatus, 16)
	var res *client.SolveResponse
	var solveErr error
	solved := make(chan struct{})
	go func() { // ends with ctx; it closes statuses a little before it is done
		defer close(solved)
		res, solveErr = kit.Solve(ctx, nil, opt, statuses)
	}()
	defer func() {
		cancel(nil)
		for range statuses { // Solve waits for its reader
		}
		<-solved
	}()
	progress := newProgress()
	for status := range statuses {
		for _, event := range progress.events(status) {
			if !yield(event, nil) {
				return
			}
		}
	}
	for _, event := range progress.rest() {
		if !yield(event, nil) {
			return
		}
	}
	<-solved
	if solveErr != nil {
		if cause := context.Cause(ctx); cause != nil {
			solveErr = cause
		}
		yield(nil, p.explainStep(solveErr, progress.failed))
		return
	}
	e.buildDone(ctx, p, res.ExporterResponse["containerimage.digest"], yield)
}

// buildDone ends a build's stream with what was built.
func (e *Engine) buildDone(ctx context.Context, p buildPlan, id string, yield func(backend.BuildEvent, error) bool) {
	res, err := e.client.ImageInspect(ctx, id)
	if err != nil {
		yield(nil, wrap(opBuild, p.Context, err))
		return
	}
	yield(backend.BuildDone{ImageID: res.ID, Size: res.Size}, nil)
}

// solveOptions is the request in BuildKit's words. The .dockerignore files are
// left to the frontend, which asks for what it needs: the context is walked
// once, by the session, while it is sent. fail is told of a file that can't be.
func solveOptions(p buildPlan, fail func(error)) (client.SolveOpt, error) {
	sources, err := fsutil.NewFS(p.contextDir)
	if err != nil {
		return client.SolveOpt{}, err
	}
	dockerfiles := sources
	if dir := filepath.Dir(p.dockerfile); dir != p.contextDir {
		if dockerfiles, err = fsutil.NewFS(dir); err != nil {
			return client.SolveOpt{}, err
		}
	}
	attrs := map[string]string{"filename": filepath.Base(p.dockerfile)}
	if p.Target != "" {
		attrs["target"] = p.Target
	}
	if p.Platform != "" {
		attrs["platform"] = p.Platform
	}
	if p.NoCache {
		attrs["no-cache"] = ""
	}
	for k, v := range p.Args {
		attrs["build-arg:"+k] = v
	}
	for k, v := range p.Labels {
		attrs["label:"+k] = v
	}
	export := map[string]string{}
	if len(p.Tags) > 0 {
		export["name"] = strings.Join(p.Tags, ",")
	}
	return client.SolveOpt{
		Frontend:      "dockerfile.v0",
		FrontendAttrs: attrs,
		LocalMounts:   map[string]fsutil.FS{"context": wholeFS{sources, fail}, "dockerfile": wholeFS{dockerfiles, fail}},
		SharedKey:     contextKey(p.contextDir),
		Session: []session.Attachable{
			credentials{give: p.Credentials},
			secretsprovider.NewSecretProvider(newSecretStore(p)),
		},
		Exports:      []client.ExportEntry{{Type: "moby", Attrs: export}},
		CacheImports: caches(p.CacheFrom),
		CacheExports: caches(p.CacheTo),
	}, nil
}

func caches(all []backend.BuildCache) []client.CacheOptionsEntry {
	var out []client.CacheOptionsEntry
	for _, c := range all {
		out = append(out, client.CacheOptionsEntry{Type: c.Type, Attrs: maps.Clone(c.Attrs)})
	}
	return out
}

// contextKey is the same for each build of a folder, so that the engine finds
// what it received the last time and only changed files are sent.
func contextKey(dir string) string {
	host, _ := os.Hostname()
	sum := sha256.Sum256([]byte("ecs-tui:" + host + ":" + dir))
	return hex.EncodeToString(sum[:])
}
