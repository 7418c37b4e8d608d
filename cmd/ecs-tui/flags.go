package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/config"
)

// globalFlags are the flags that every command takes.
type globalFlags struct {
	Env, Backend, Cluster, Service, Profile, Region string
	ReadOnly, NoColor, Demo, Yes                    bool
	Output                                          output
}

func (g *globalFlags) register(cmd *cobra.Command) {
	fs := cmd.PersistentFlags()
	fs.StringVarP(&g.Env, "env", "e", "", "environment of the app")
	fs.StringVar(&g.Backend, "backend", "", "where to run: aws, docker or demo")
	fs.StringVar(&g.Cluster, "cluster", "", "cluster to work in")
	fs.StringVar(&g.Service, "service", "", "service to work on")
	fs.StringVar(&g.Profile, "profile", "", "profile with the AWS credentials")
	fs.StringVar(&g.Region, "region", "", "region of AWS")
	fs.BoolVar(&g.ReadOnly, "read-only", false, "refuse everything that changes something")
	fs.VarP(&g.Output, "output", "o", "text or json")
	fs.BoolVar(&g.NoColor, "no-color", false, "no colours")
	fs.BoolVar(&g.Demo, "demo", false, "the demo backend: no engine, no account")
	fs.BoolVarP(&g.Yes, "yes", "y", false, "do not ask before changing something")
}

// backend is the backend that the flags name, "" for none.
func (g *globalFlags) backend() string {
	if g.Demo {
		return config.Demo
	}
	return g.Backend
}

func (g *globalFlags) json() bool { return g.Output == "json" }

// output is the value of -o.
type output string

func (o *output) String() string { return string(*o) }
func (o *output) Type() string   { return "format" }

// Set takes text or json.
func (o *output) Set(s string) error {
	if s != "text" && s != "json" {
		return usagef("%q is not an output format: text or json", s)
	}
	*o = output(s)
	return nil
}

// isDir says whether path is a folder.
func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
