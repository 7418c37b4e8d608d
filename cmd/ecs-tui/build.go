package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// buildOptions are those of `ecs-tui build [DIR]`.
type buildOptions struct {
	*factory
	Dir     string
	NoCache bool
}

func newBuildCmd(f *factory) *cobra.Command {
	o := &buildOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Build the app's images",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args, 0, "")
			return runBuild(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.NoCache, "no-cache", false, "build every step anew")
	return cmd
}

func runBuild(ctx context.Context, o *buildOptions) error {
	s, plan, docs, err := o.plan(ctx, o.Dir, planOptions{})
	if err != nil {
		return err
	}
	defer s.backend.Close()
	if len(plan.Request.Images) == 0 {
		err := fmt.Errorf("app %s builds no image", plan.Request.App)
		if file := filepath.Base(s.cfg.App.File); file != config.AppFile {
			return advise(err, "%s names none: write an %s beside it, whose images do", file, config.AppFile)
		}
		return advise(err, "name its containers under images in %s", s.cfg.App.File)
	}
	if err := docs.refuse(aboutImages(plan.Findings)); err != nil {
		return err
	}
	p := s.newProgress()
	defer p.close()
	pushed := s.backend.Unsupported(backend.CanPush) == ""
	for i, source := range plan.Request.Images {
		for _, req := range source.Builds(source.Repository+":"+plan.Images[i].Tag, pushed) {
			req.NoCache = o.NoCache
			if err := s.build(ctx, p, source.Container, req); err != nil {
				return err
			}
		}
	}
	return nil
}

// aboutImages are the findings that concern a build.
func aboutImages(findings []backend.Finding) []backend.Finding {
	var out []backend.Finding
	for _, f := range findings {
		if strings.HasPrefix(f.Path, "images.") && strings.Count(f.Path, ".") > 1 {
			out = append(out, f)
		}
	}
	return out
}

// build builds one image and shows how it goes.
func (s *session) build(ctx context.Context, p progress, container string, req backend.BuildRequest) error {
	start := s.clock.Now()
	p.show(deploy.StepStarted{Step: deploy.Build, Subject: container, At: start})
	steps, cached := map[string]bool{}, 0
	var done backend.BuildDone
	for e, err := range s.backend.Build(ctx, req) {
		if err != nil {
			p.show(deploy.StepFailed{Step: deploy.Build, Subject: container, At: s.clock.Now(), Elapsed: s.clock.Now().Sub(start), Err: err, Advice: adviceFor(err)})
			return err
		}
		p.show(deploy.BuildProgress{Container: container, Event: e})
		switch e := e.(type) {
		case backend.BuildVertex:
			if !steps[e.ID] && e.Cached {
				cached++
			}
			steps[e.ID] = steps[e.ID] || e.Cached
		case backend.BuildDone:
			done = e
		}
	}
	now := s.clock.Now()
	p.show(deploy.StepFinished{
		Step: deploy.Build, Subject: container, At: now, Elapsed: now.Sub(start).Round(time.Millisecond),
		Summary: fmt.Sprintf("%s, %d cached", plural(len(steps), "step"), cached),
		Result:  fmt.Sprintf("%s  %s", strings.Join(req.Tags, " "), size(done.Size)),
	})
	return nil
}
