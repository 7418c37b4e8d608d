package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker for releases.
var version string

// buildVersion is the release's version, else what the Go tool recorded.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// versionDocument is `version -o json`.
type versionDocument struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersionCmd(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			doc := versionDocument{f.version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			if f.flags.json() {
				return printJSON(f.io.Out, doc)
			}
			_, err := fmt.Fprintf(f.io.Out, "ecs-tui %s (%s, %s)\n", doc.Version, doc.Go, doc.Platform)
			return err
		},
	}
}
