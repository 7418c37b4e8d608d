package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/moby/go-archive"
	"github.com/moby/moby/api/types/build"
	"github.com/moby/moby/client"
	"github.com/moby/patternmatcher/ignorefile"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/ecs-tui/ecs-tui/backend"
)

// foreignDockerfile is the name in the archive of a Dockerfile that does not
// lie in the build context.
const foreignDockerfile = ".dockerfile.ecs-tui"

// buildClassic builds with the builder that every engine has. Cancelling ctx
// closes the request, which makes the engine kill the running step.
func (e *Engine) buildClassic(ctx context.Context, p buildPlan, notice string, yield func(backend.BuildEvent, error) bool) {
	if !yield(backend.BuildNotice{Text: notice}, nil) {
		return
	}
	if len(p.Secrets) > 0 {
		yield(nil, &backend.Error{
			Op: opBuild, Kind: backend.Unsupported, Resource: p.Context, Err: errors.New("the classic builder has no build secrets"),
			Remedy: "use an engine with BuildKit, or leave the secrets out",
		})
		return
	}
	archive, name, err := p.archive()
	if err != nil {
		yield(nil, p.explain(err))
		return
	}
	defer archive.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	res, err := e.client.ImageBuild(ctx, archive, p.classicOptions(name))
	if err != nil {
		yield(nil, p.explain(err))
		return
	}
	defer res.Body.Close()
	stream := classicStream{dec: json.NewDecoder(res.Body), now: e.clock.Now, yield: yield}
	id, err := stream.run()
	switch {
	case errors.Is(err, errConsumerLeft):
	case ctx.Err() != nil:
		yield(nil, p.explain(ctx.Err()))
	case err != nil:
		yield(nil, p.explainStep(err, stream.failed))
	default:
		e.buildDone(ctx, p, id, yield)
	}
}

func (p buildPlan) classicOptions(dockerfile string) client.ImageBuildOptions {
	args := make(map[string]*string, len(p.Args))
	for k, v := range p.Args {
		args[k] = &v
	}
	opts := client.ImageBuildOptions{
		Tags: p.Tags, Dockerfile: dockerfile, BuildArgs: args, Labels: p.Labels, Target: p.Target,
		NoCache: p.NoCache, Remove: true, ForceRemove: true, Version: build.BuilderV1,
	}
	if p.platform != nil {
		opts.Platforms = []ocispec.Platform{*p.platform}
	}
	return opts
}

// archive is the build context as a tar stream, without what .dockerignore
// excludes, and the Dockerfile's name in it.
func (p buildPlan) archive() (io.ReadCloser, string, error) {
	excludes, err := p.ignored()
	if err != nil {
		return nil, "", err
	}
	inside, err := filepath.Rel(p.contextDir, p.dockerfile)
	foreign := err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator))
	name := filepath.ToSlash(inside)
	if !foreign && len(excludes) > 0 {
		excludes = append(excludes, "!"+name) // the engine needs it, though COPY would not find it
	}
	stream, err := archive.TarWithOptions(p.contextDir, &archive.TarOptions{
		ExcludePatterns: excludes,
		ChownOpts:       &archive.ChownOpts{UID: 0, GID: 0},
	})
	if err != nil || !foreign {
		return stream, name, err
	}
	data, err := os.ReadFile(p.dockerfile)
	if err != nil {
		stream.Close()
		return nil, "", err
	}
	stream = archive.ReplaceFileTarWrapper(stream, map[string]archive.TarModifierFunc{
		foreignDockerfile: func(string, *tar.Header, io.Reader) (*tar.Header, []byte, error) {
			return &tar.Header{Name: foreignDockerfile, Mode: 0o600, Size: int64(len(data)), Typeflag: tar.TypeReg}, data, nil
		},
	})
	return stream, foreignDockerfile, nil
}

// ignored reads <Dockerfile>.dockerignore or, where there is none,
// .dockerignore.
func (p buildPlan) ignored() ([]string, error) {
	for _, path := range []string{p.dockerfile + ".dockerignore", filepath.Join(p.contextDir, ".dockerignore")} {
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return ignorefile.ReadAll(bytes.NewReader(data))
	}
	return nil, nil
}

// builderChatter is what the classic builder says about its own work, as
// opposed to what a step writes.
var builderChatter = regexp.MustCompile(`^( ---> (Running in )?[0-9a-f]{12}| ---> |Removing intermediate container [0-9a-f]{12}|Successfully built [0-9a-f]{12}|Successfully tagged \S+)?$`)

// errConsumerLeft ends a stream whose reader has broken out of its loop.
var errConsumerLeft = errors.New("the consumer left")

// classicStream turns the classic builder's text into the events of a build:
// "Step 2/5 : COPY . ." starts a vertex, what follows belongs to it.
type classicStream struct {
	dec     *json.Decoder
	now     func() time.Time
	yield   func(backend.BuildEvent, error) bool
	current backend.BuildVertex
	partial string
	id      string
	failed  string // name of the step that went wrong
}

type classicMessage struct {
	Stream      string `json:"stream"`
	Error       string `json:"error"`
	ErrorDetail struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"errorDetail"`
	Aux struct {
		ID string `json:"ID"`
	} `json:"aux"`
}

// run reads the stream to its end and returns the image's id.
func (s *classicStream) run() (string, error) {
	for {
		var msg classicMessage
		err := s.dec.Decode(&msg)
		switch {
		case errors.Is(err, io.EOF) && s.id == "":
			return "", fmt.Errorf("the builder ended without an image: %w", io.ErrUnexpectedEOF)
		case errors.Is(err, io.EOF):
			if !s.finish("") {
				return "", errConsumerLeft
			}
			return s.id, nil
		case err != nil:
			return "", err
		case msg.Error != "":
			text := msg.Error
			if msg.ErrorDetail.Code != 0 && !exitCode.MatchString(text) {
				text += ": exit code: " + strconv.Itoa(msg.ErrorDetail.Code)
			}
			s.failed = s.current.Name
			s.finish(text)
			return "", errors.New(text)
		case msg.Aux.ID != "":
			s.id = msg.Aux.ID
		}
		if !s.text(msg.Stream) {
			return "", errConsumerLeft
		}
	}
}

// text takes a piece of output, which need not end with its line.
func (s *classicStream) text(piece string) bool {
	for piece != "" {
		line, rest, ended := strings.Cut(piece, "\n")
		s.partial += line
		piece = rest
		if !ended && len(s.partial) < maxBuildLine {
			return true
		}
		line, s.partial = s.partial, ""
		if !s.line(line) {
			return false
		}
	}
	return true
}

func (s *classicStream) line(line string) bool {
	if name, ok := strings.CutPrefix(line, "Step "); ok {
		if number, command, ok := strings.Cut(name, " : "); ok {
			return s.start(number, command)
		}
	}
	switch {
	case line == " ---> Using cache":
		s.current.Cached = true
		return true
	case builderChatter.MatchString(line):
		return true
	}
	if text, ok := strings.CutPrefix(line, "[Warning] "); ok {
		return s.yield(backend.BuildWarning{Text: backend.Clean(text)}, nil)
	}
	return s.yield(backend.BuildLog{Vertex: s.current.ID, Text: backend.CleanLog(line)}, nil)
}

func (s *classicStream) start(number, command string) bool {
	if !s.finish("") {
		return false
	}
	s.current = backend.BuildVertex{ID: "step " + number, Name: backend.Clean("[" + number + "] " + command), Started: s.now()}
	return s.yield(s.current, nil)
}

// finish ends the step that runs, if one does.
func (s *classicStream) finish(failure string) bool {
	if s.current.ID == "" {
		return true
	}
	if s.partial != "" && !s.line(s.partial) {
		return false
	}
	s.partial = ""
	s.current.Completed, s.current.Err = s.now(), backend.Clean(failure)
	done := s.current
	s.current = backend.BuildVertex{}
	return s.yield(done, nil)
}
