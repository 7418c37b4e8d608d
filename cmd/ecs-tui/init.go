package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"charm.land/huh/v2"
	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/config"
)

// initOptions are those of `ecs-tui init [DIR]`.
type initOptions struct {
	*factory
	Dir   string
	Force bool
	// changed says which of the flags below were given.
	changed                    func(flag string) bool
	Name                       string
	Port, CPU, Memory, Desired int

	// Where the app comes from, where not from a Dockerfile.
	FromService, FromCompose, FromImage string
	FromEcspresso                       bool
	Only, Env, Command                  []string // of a Compose file; of an image
}

// composeHere is --from-compose without a file.
const composeHere = "compose.yaml, or what else Compose takes"

func newInitCmd(f *factory) *cobra.Command {
	o := &initOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "init [DIR] [-- COMMAND…]",
		Short: "Write the files of an app, from its Dockerfile or from what there is already",
		Long: "Reads EXPOSE, HEALTHCHECK and the folder's name, asks for the rest on a terminal, and writes " +
			config.AppFile + ", " + taskDefinitionFile + " and " + serviceFile + ", which deploy at once. " +
			"With --from-service it writes them out of a service that runs, so that a diff shows nothing; " +
			"with --from-compose out of a Compose file, whose services become containers of one task; " +
			"with --from-image around an image that is there; with --from-ecspresso out of the folder's ecspresso.yml, " +
			"whose documents stay. What has no equivalent on ECS is listed.",
		Example: "ecs-tui init\necs-tui init --from-service staging/web\necs-tui init --from-compose\n" +
			"ecs-tui init --from-compose=../compose.yaml --only web\necs-tui init --from-image nginx:1.27 --port 80",
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				o.Command, args = args[n:], args[:n]
			}
			return maxArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = argOr(args[:len(args)-len(o.Command)], 0, ".")
			o.changed = cmd.Flags().Changed
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&o.Name, "name", "", "name of app, service and container")
	fs.IntVar(&o.Port, "port", 0, "port that the container listens on, 0 for none")
	fs.IntVar(&o.CPU, "cpu", 0, "size of a task in units of CPU; 1024 is one core")
	fs.IntVar(&o.Memory, "memory", 0, "memory of a task, in MiB")
	fs.IntVar(&o.Desired, "desired", 0, "tasks to keep running")
	fs.StringVar(&o.FromService, "from-service", "", "service that runs, as CLUSTER/SERVICE")
	fs.StringVar(&o.FromCompose, "from-compose", "", "file of Compose: =FILE, or the one in DIR")
	fs.Lookup("from-compose").NoOptDefVal = composeHere
	fs.StringSliceVar(&o.Only, "only", nil, "services of the Compose file to take, with commas between")
	fs.StringVar(&o.FromImage, "from-image", "", "image to run as it is")
	fs.BoolVar(&o.FromEcspresso, "from-ecspresso", false, "the ecspresso.yml in DIR")
	fs.StringArrayVar(&o.Env, "set-env", nil, "NAME=VALUE for the container, with --from-image")
	fs.BoolVar(&o.Force, "force", false, "overwrite files that exist")
	return cmd
}

// run writes the app from where it comes from.
func (o *initOptions) run(ctx context.Context) error {
	from := 0
	for _, flag := range []string{"from-service", "from-compose", "from-image", "from-ecspresso"} {
		if o.changed(flag) {
			from++
		}
	}
	switch {
	case from > 1:
		return usagef("--from-service, --from-compose, --from-image and --from-ecspresso exclude each other")
	case len(o.Only) > 0 && !o.changed("from-compose"):
		return usagef("--only names services of a Compose file: it needs --from-compose")
	case (len(o.Env) > 0 || len(o.Command) > 0) && !o.changed("from-image"):
		return usagef("--set-env and a command are for an image: they need --from-image")
	case o.changed("from-service"):
		return runInitService(ctx, o)
	case o.changed("from-compose"):
		return runInitCompose(o)
	case o.changed("from-image"):
		return runInitImage(o)
	case o.FromEcspresso:
		return runInitEcspresso(o)
	}
	return runInit(ctx, o)
}

func runInit(ctx context.Context, o *initOptions) error {
	s, err := newScaffold(o.Dir)
	if err != nil {
		return err
	}
	if err := o.apply(s); err != nil {
		return err
	}
	if o.io.asks() && !o.io.dumb() && !o.flags.Yes {
		if err := askScaffold(ctx, o.io, s); err != nil {
			return err
		}
	}
	written, err := s.write(o.Force)
	if err != nil {
		return err
	}
	return o.report(s.Name, written, nil, "deploy")
}

// report says what was written, what could not be, and what to do next.
func (o *initOptions) report(app string, written, notes []string, next string) error {
	if o.flags.json() {
		return printJSON(o.io.Out, map[string]any{"app": app, "written": written, "notes": append([]string{}, notes...)})
	}
	for _, file := range written {
		fmt.Fprintf(o.io.Out, "wrote %s\n", file)
	}
	for _, note := range notes {
		fmt.Fprintf(o.io.Out, "note: %s\n", note)
	}
	if dir := filepath.Clean(o.Dir); dir != "." {
		next += " " + shellWord(dir)
	}
	_, err := fmt.Fprintf(o.io.Out, "now: ecs-tui %s\n", next)
	return err
}

// apply takes over the flags that were given.
func (o *initOptions) apply(s *scaffold) error {
	if o.changed("name") {
		s.Name = o.Name
	}
	for flag, set := range map[string]struct{ dst, src *int }{
		"port": {&s.Port, &o.Port}, "cpu": {&s.CPU, &o.CPU},
		"memory": {&s.Memory, &o.Memory}, "desired": {&s.Desired, &o.Desired},
	} {
		if o.changed(flag) {
			*set.dst = *set.src
		}
	}
	s.Profile, s.Region, s.Cluster = o.flags.Profile, o.flags.Region, o.flags.Cluster
	if b := o.flags.backend(); b != "" {
		if environmentNames()[b] == "" {
			return usagef("--backend: %q is not a backend: aws, docker or demo", b)
		}
		s.Backend = b
	}
	return s.check()
}

// askScaffold asks for what the Dockerfile doesn't say, with what it does say
// filled in.
func askScaffold(ctx context.Context, io *streams, s *scaffold) error {
	port, cpu, memory, desired := strconv.Itoa(s.Port), strconv.Itoa(s.CPU), strconv.Itoa(s.Memory), strconv.Itoa(s.Desired)
	form := huh.NewForm(huh.NewGroup(
		huh.NewInput().Title("Name").Description("of the app, its service and its container").Value(&s.Name).
			Validate(func(name string) error {
				if !config.ValidName(name) {
					return errors.New("letters, digits, - and _")
				}
				return nil
			}),
		huh.NewInput().Title("Port").Description("that the container listens on; 0 for none").Value(&port).Validate(number(0, 65535)),
		huh.NewInput().Title("CPU").Description("units of a task; 1024 is one core").Value(&cpu).Validate(number(128, 196608)),
		huh.NewInput().Title("Memory").Description("of a task, in MiB").Value(&memory).Validate(number(6, 1<<22)),
		huh.NewInput().Title("Tasks").Description("to keep running").Value(&desired).Validate(number(0, 5000)),
		huh.NewSelect[string]().Title("Where").Options(
			huh.NewOption("Docker on this machine", config.Docker),
			huh.NewOption("Amazon ECS", config.AWS),
			huh.NewOption("the demo, which runs nothing", config.Demo),
		).Value(&s.Backend),
	)).WithInput(io.In).WithOutput(io.Err)
	if err := form.RunWithContext(ctx); err != nil {
		if errors.Is(err, huh.ErrUserAborted) {
			return context.Canceled
		}
		return err
	}
	for dst, text := range map[*int]string{&s.Port: port, &s.CPU: cpu, &s.Memory: memory, &s.Desired: desired} {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		*dst = n
	}
	return nil
}

// number accepts whole numbers from low to high.
func number(low, high int) func(string) error {
	return func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < low || n > high {
			return fmt.Errorf("a whole number from %d to %d", low, high)
		}
		return nil
	}
}
