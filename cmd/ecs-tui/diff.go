package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

func newDiffCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "diff [DIR]",
		Short: "Show what a deploy would change",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDiff(cmd.Context(), f, argOr(args, 0, ""))
		},
	}
}

func runDiff(ctx context.Context, f *factory, dir string) error {
	s, plan, docs, err := f.plan(ctx, dir, planOptions{})
	if err != nil {
		return err
	}
	defer s.backend.Close()
	f.github.findings(docs, plan.Findings)
	f.github.summary(fmt.Sprintf("### Plan of %s\n\n%s", inline(plan.Request.App), planMarkdown(plan)))
	if f.flags.json() {
		return printJSON(f.io.Out, planOf(plan, docs))
	}
	return plan.WriteText(f.io.Out)
}

// The documents of `diff -o json` and `verify -o json`.
type (
	planDocument struct {
		App         string            `json:"app"`
		Environment string            `json:"environment,omitempty"`
		Cluster     string            `json:"cluster"`
		Service     string            `json:"service,omitempty"`
		Create      bool              `json:"create"`
		Promoted    string            `json:"promotedFrom,omitempty"` // "staging web:14"
		Commits     *commitsDocument  `json:"commits,omitempty"`
		Paused      int               `json:"paused,omitempty"` // tasks that it comes back with
		Missing     []string          `json:"missingRepositories"`
		Images      []imageDocument   `json:"images"`
		Changes     []changeDocument  `json:"changes"`
		Hooks       []hookDocument    `json:"hooks,omitempty"`
		Findings    []findingDocument `json:"findings"`
	}
	// commitsDocument is what is between the commit that runs and the checkout.
	commitsDocument struct {
		Old     string           `json:"old"`
		New     string           `json:"new,omitempty"`
		Ahead   int              `json:"ahead"`
		Behind  int              `json:"behind"`
		List    []commitDocument `json:"list"` // newest first, the first few
		Unknown string           `json:"unknown,omitempty"`
	}
	commitDocument struct {
		SHA     string `json:"sha"`
		Subject string `json:"subject"`
		Author  string `json:"author"`
	}
	imageDocument struct {
		Container string `json:"container"`
		From      string `json:"from,omitempty"`
		To        string `json:"to"`
	}
	changeDocument struct {
		Document string `json:"document"`
		Path     string `json:"path"`
		Old      string `json:"old,omitempty"`
		New      string `json:"new,omitempty"`
	}
	hookDocument struct {
		Hook string `json:"hook"`
		Does string `json:"does"`
	}
	findingDocument struct {
		Severity string `json:"severity"`
		Place    string `json:"place,omitempty"`
		Path     string `json:"path,omitempty"`
		Message  string `json:"message"`
		Remedy   string `json:"remedy,omitempty"`
	}
)

func planOf(p *deploy.Plan, docs *documents) planDocument {
	doc := planDocument{
		App: p.Request.App, Environment: p.Request.Environment, Cluster: p.Request.Cluster,
		Create:  p.Current == nil && p.Request.Service != nil,
		Paused:  p.Paused,
		Missing: []string{}, Images: []imageDocument{}, Findings: docs.findings(p.Findings),
	}
	if p.Request.Service != nil {
		doc.Service = p.Request.Service.Name
	}
	if from := p.Request.Promotion; from != nil {
		doc.Promoted = from.Environment + " " + from.Revision
	}
	for i, image := range p.Images {
		doc.Images = append(doc.Images, imageDocument{image.Container, image.From, p.Request.Images[i].Repository + ":" + image.Tag})
	}
	doc.Commits = commitsOf(p.Commits)
	doc.Changes = changeDocuments(p.Changes)
	for _, h := range p.HookTexts() {
		doc.Hooks = append(doc.Hooks, hookDocument{h.Name, h.Text})
	}
	for _, spec := range p.Missing {
		doc.Missing = append(doc.Missing, spec.Name)
	}
	return doc
}

func changeDocuments(changes []deploy.Change) []changeDocument {
	out := make([]changeDocument, len(changes))
	for i, c := range changes {
		out[i] = changeDocument{c.Document, c.Path, c.Old, c.New}
	}
	return out
}

func commitsOf(c deploy.Commits) *commitsDocument {
	if !c.Known() {
		return nil
	}
	doc := &commitsDocument{Old: c.Old, New: c.New, Ahead: c.Ahead, Behind: c.Behind, List: []commitDocument{}, Unknown: c.Unknown}
	for _, one := range c.List {
		doc.List = append(doc.List, commitDocument(one))
	}
	return doc
}
