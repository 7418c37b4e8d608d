package docker

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/moby/buildkit/solver/errdefs"

	"github.com/ecs-tui/ecs-tui/backend"
)

var (
	parseLine   = regexp.MustCompile(`(?i)dockerfile parse error (?:on )?line (\d+): `)
	exitCode    = regexp.MustCompile(`(?:exit code: |returned a non-zero code: )(\d+)`)
	failedRun   = regexp.MustCompile(`(?:executor failed running \[(.*?)\]: |process "(.*?)" did not complete successfully: )`)
	missingBase = regexp.MustCompile(`(?:failed to load metadata for |failed to resolve image config for |failed to resolve source metadata for |pull access denied for )([^\s:,]+(?::[\w.-]+)?)`)
)

// explain turns a builder's error into one that names the Dockerfile and its
// line, says what failed, and what to do about it.
func (p buildPlan) explain(err error) error { return p.explainStep(err, "") }

// explainStep knows also the name of the step that failed.
func (p buildPlan) explainStep(err error, step string) error {
	var done *backend.Error
	if errors.As(err, &done) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return &backend.Error{Op: opBuild, Kind: backend.Cancelled, Resource: p.Context, Err: context.Canceled}
	}
	text := trimBuildError(err.Error())
	line := sourceLine(err)
	if m := parseLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	if line == 0 {
		line = p.lineOfStep(step)
	}
	out := &backend.Error{Op: opBuild, Kind: backend.Other, Resource: p.at(line)}
	p.describe(out, text, step)
	if out.Err == nil {
		kind, remedy := classify(err)
		out.Kind, out.Remedy = kind, remedy
		out.Err = &cleaned{text: backend.Clean(text), err: err}
	}
	return out
}

// at is "Dockerfile:3", in the folder as the user named it.
func (p buildPlan) at(line int) string {
	path := filepath.Join(p.Context, p.shown())
	if filepath.IsAbs(p.shown()) {
		path = p.shown()
	}
	if line > 0 {
		path += ":" + strconv.Itoa(line)
	}
	return path
}

// describe recognises the failures that have a remedy of their own.
func (p buildPlan) describe(out *backend.Error, text, step string) {
	lower := strings.ToLower(text)
	say := func(kind backend.Kind, message, remedy string) {
		out.Kind, out.Err, out.Remedy = kind, errors.New(backend.Clean(message)), remedy
	}
	syntaxLine, syntax, hasSyntax := p.syntaxLine()
	isSyntax := hasSyntax && (strings.Contains(text+step, repositoryOf(syntax)) || strings.Contains(text, "gateway.v0"))
	switch {
	case strings.Contains(lower, "code = unavailable"), strings.Contains(lower, "error reading from server"), strings.Contains(lower, "transport is closing"):
		say(backend.Unreachable, "the engine went away in the middle of the build", "check that the Docker engine is running: ecs-tui doctor")
	case strings.Contains(lower, "no space left on device"):
		_, remedy := classifyText(lower)
		say(backend.Exhausted, "the engine's disk is full: no space left on device", remedy)
	case offline(lower) && isSyntax:
		say(backend.Unreachable, "the line # syntax="+syntax+" makes the builder fetch its frontend from a registry, which cannot be reached",
			"remove that line: the engine's own frontend builds this Dockerfile too, unless it uses newer syntax")
		out.Resource = p.at(syntaxLine)
	case offline(lower), strings.Contains(lower, "pull access denied"), strings.Contains(lower, "failed to load metadata"), strings.Contains(lower, "manifest unknown"):
		image := "the base image"
		if m := missingBase.FindStringSubmatch(text + " failed to " + trimStep(step)); m != nil {
			image = "the base image " + shortReference(m[1])
		} else if names := p.baseImages(); len(names) == 1 {
			image = "the base image " + names[0]
		}
		kind, why := backend.NotFound, "and its registry does not have it"
		if offline(lower) {
			kind, why = backend.Unreachable, "and its registry cannot be reached"
		}
		say(kind, image+" is not on this engine, "+why, "check the name after FROM, or load the image into the engine: docker load")
	case parseLine.MatchString(text):
		say(backend.Invalid, parseLine.ReplaceAllString(text, ""), "correct that line of the Dockerfile")
	case strings.Contains(lower, "exec format error"):
		say(backend.Invalid, "a RUN step cannot run here: the base image is for another CPU architecture",
			"build for the engine's own platform, or install emulation: docker run --privileged tonistiigi/binfmt --install all")
	case strings.Contains(lower, "failed to compute cache key"), strings.Contains(lower, "failed to calculate checksum"), strings.Contains(lower, "failed to walk"), strings.Contains(lower, "forbidden path outside the build context"), strings.Contains(lower, "copy failed"), strings.Contains(lower, "add failed"):
		say(backend.NotFound, text, "check that the file is in the build context, and that .dockerignore does not exclude it")
	case exitCode.MatchString(text):
		say(backend.Other, runFailure(text), "the last lines of that step say why; correct it and build again")
	case strings.Contains(lower, "target stage") || strings.Contains(lower, "failed to reach build target"):
		say(backend.Invalid, text, "name a stage that the Dockerfile has: FROM … AS "+backend.Clean(p.Target))
	case strings.Contains(lower, "permission denied"):
		say(backend.Denied, text, "make the file readable, or exclude it in .dockerignore")
	case strings.Contains(lower, "the --mount option requires buildkit"), strings.Contains(lower, "unknown flag: mount"):
		say(backend.Unsupported, "RUN --mount needs BuildKit, which is not in use here", "use an engine with BuildKit, or leave --mount out")
	case strings.Contains(lower, "unknown instruction"), strings.Contains(lower, "dockerfile"), strings.Contains(lower, "requires"), strings.Contains(lower, "no instructions"):
		say(backend.Invalid, text, "correct the Dockerfile")
	}
}

// runFailure is "RUN go build failed with exit code 2".
func runFailure(text string) string {
	code := exitCode.FindStringSubmatch(text)[1]
	command := "a step"
	if m := failedRun.FindStringSubmatch(text); m != nil {
		command = "RUN " + strings.TrimPrefix(m[1]+m[2], "/bin/sh -c ")
	} else if _, rest, ok := strings.Cut(text, "The command '"); ok {
		c, _, _ := strings.Cut(rest, "' returned")
		command = "RUN " + strings.TrimPrefix(c, "/bin/sh -c ")
	}
	return command + " failed with exit code " + code
}

// offline recognises a registry that can't be reached.
func offline(lower string) bool {
	for _, sign := range []string{"no such host", "dial tcp", "i/o timeout", "connection refused", "network is unreachable", "temporary failure in name resolution", "client.timeout exceeded", "proxyconnect"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// trimBuildError takes off what each layer of the builder put before the cause.
func trimBuildError(text string) string {
	for {
		trimmed := text
		for _, prefix := range []string{
			"failed to solve with frontend dockerfile.v0: ", "failed to solve with frontend gateway.v0: ", "failed to solve: ", "failed to create LLB definition: ",
			"rpc error: code = Unknown desc = ", "rpc error: code = NotFound desc = ", "failed to build LLB: ",
			"Error response from daemon: ",
		} {
			trimmed = strings.TrimPrefix(trimmed, prefix)
		}
		if trimmed == text {
			return strings.TrimSpace(text)
		}
		text = trimmed
	}
}

// sourceLine is the line of the Dockerfile that BuildKit says is to blame.
func sourceLine(err error) int {
	for _, src := range errdefs.Sources(err) {
		for _, r := range src.Ranges {
			if r.Start != nil && r.Start.Line > 0 {
				return int(r.Start.Line)
			}
		}
	}
	return 0
}

// trimStep takes "[2/5] " and "[internal] " off a step's name.
func trimStep(name string) string {
	if strings.HasPrefix(name, "[") {
		_, name, _ = strings.Cut(name, "] ")
	}
	return name
}
