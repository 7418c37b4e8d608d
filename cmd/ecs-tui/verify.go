package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
)

func newVerifyCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [DIR]",
		Short: "Check the app's documents against ECS's rules and the backend's abilities",
		Long:  "Lists what is wrong, what the documents name that is not in the account, and what the backend does differently or can't honour. What can't be looked at is a note. Changes nothing. The exit code is 1 when a deploy would be refused.",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), f, argOr(args, 0, ""))
		},
	}
}

func runVerify(ctx context.Context, f *factory, dir string) error {
	s, plan, docs, err := f.plan(ctx, dir, planOptions{})
	if err != nil {
		return err
	}
	defer s.backend.Close()
	f.github.findings(docs, plan.Findings)
	if f.flags.json() {
		err = printJSON(f.io.Out, map[string]any{"app": plan.Request.App, "findings": docs.findings(plan.Findings)})
	} else {
		err = printFindings(f, plan.Request.App, docs, plan.Findings)
	}
	if err == nil && plan.Blocked() {
		return exitErr{Code: exitError}
	}
	return err
}

func printFindings(f *factory, app string, docs *documents, findings []backend.Finding) error {
	if len(findings) == 0 {
		_, err := fmt.Fprintf(f.io.Out, "✓ %s: nothing to remark\n", app)
		return err
	}
	out := f.io.colour(f.io.Out, f.flags.NoColor)
	for _, found := range findings {
		sign := map[backend.Severity]string{backend.Note: "·", backend.Warning: "▲", backend.Problem: "✗"}[found.Severity]
		line := found.Message
		if found.Path != "" {
			line = docs.place(found.Path) + ": " + found.Path + ": " + line
		}
		fmt.Fprintln(out, paint(sign+" "+line))
		if found.Remedy != "" {
			fmt.Fprintln(out, paint("  → "+found.Remedy))
		}
	}
	return nil
}

// findings are findings with the places of their fields.
func (d *documents) findings(findings []backend.Finding) []findingDocument {
	out := []findingDocument{}
	for _, f := range findings {
		out = append(out, findingDocument{f.Severity.String(), d.place(f.Path), f.Path, f.Message, f.Remedy})
	}
	return out
}
