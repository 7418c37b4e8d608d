//go:build linux

// Bench measures the built program from outside, as a user has it: in a real
// terminal, on a real engine, next to the docker CLI where there is one. It
// prints a table and keeps it in docs/benchmarks.md with the machine that it
// was taken on. Nothing here passes or fails: a figure is a figure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// row is one figure of the table.
type row struct{ what, aim, got string }

// measure takes some figures in a lab of its own.
type measure struct {
	name string
	run  func(context.Context, *lab) ([]row, error)
}

func measures() []measure {
	return []measure{
		{"list", measureList},
		{"start", measureStart},
		{"logs", measureLogs},
		{"flood", measureFlood},
		{"build", measureBuild},
		{"rollout", measureRollout},
		{"cloud", measureCloud},
		{"clouddeploy", measureCloudDeploy},
	}
}

func main() {
	binary := flag.String("bin", "bin/ecs-tui", "the program")
	out := flag.String("o", "", "keep the table in this file")
	only := flag.String("only", "", "measures to take, with commas between")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *binary, *out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, out, only string) error {
	var rows []row
	for _, m := range measures() {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", m.name)
		got, err := inLab(ctx, binary, m)
		if err != nil {
			got = append(got, row{m.name, "", "not measured: " + firstLine(err.Error())})
			fmt.Fprintln(os.Stderr, err)
		}
		rows = append(rows, got...)
	}
	table := render(rows)
	fmt.Print(table)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(page(table)), 0o644)
}

func inLab(ctx context.Context, binary string, m measure) ([]row, error) {
	l, err := newLab(binary)
	if err != nil {
		return nil, err
	}
	rows, err := m.run(ctx, l)
	return rows, errors.Join(err, l.close())
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
