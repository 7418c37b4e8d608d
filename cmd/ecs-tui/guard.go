package main

import (
	"os"

	"github.com/spf13/cobra"
)

// newGuardCmd is the hidden command that [startGuard] runs.
func newGuardCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:    guardCommand,
		Hidden: true,
		Args:   maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			return runGuard(f.io.In, os.NewFile(3, "tty"))
		},
	}
}
