package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"charm.land/fang/v2"
	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"
)

// execute runs one command line and returns the exit code.
//
// It is not run by fang, which asks the terminal for its background whenever a
// command fails, to style a message that it does not print here. The question
// comes when a form or the screen has just let go of the terminal: whoever still
// reads it can take the answer, and the program waits for one until a key is
// pressed.
func execute(ctx context.Context, f *factory, args []string) int {
	for _, w := range []io.Writer{f.io.Out, f.io.Err} {
		if file, ok := w.(*os.File); ok {
			lipgloss.EnableLegacyWindowsANSI(file)
		}
	}
	root, wantsHelp := f.root(args), false
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetHelpFunc(func(*cobra.Command, []string) { wantsHelp = true })
	err := root.ExecuteContext(ctx)
	if err == nil && wantsHelp {
		plain := f.flags.NoColor // of which fang knows nothing
		root = f.root(args)
		if plain {
			root.SetOut(f.io.colour(f.io.Out, true))
		}
		err = fang.Execute(ctx, root, fang.WithVersion(f.version), fang.WithoutManpage())
	}
	if err != nil {
		f.printError(f.io.colour(f.io.Err, f.flags.NoColor), err)
	}
	return exitCode(err)
}

// root is the tree of commands, on the factory's streams.
func (f *factory) root(args []string) *cobra.Command {
	root := newRootCmd(f)
	root.Version = f.version
	root.SetArgs(args)
	root.SetIn(f.io.In)
	root.SetOut(f.io.Out)
	root.SetErr(f.io.Err)
	return root
}

// newRootCmd is `ecs-tui [DIR]`, the TUI, with every other command below it.
func newRootCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ecs-tui [DIR]",
		Short: "Build, deploy and watch containers on Amazon ECS or on local Docker",
		Long: "ecs-tui takes a container from its Dockerfile to a running service, and shows it there: on Amazon ECS, " +
			"or with the same files and keys on the Docker engine of this machine. Without a command it opens the screen on DIR.",
		Example: "ecs-tui --demo\necs-tui deploy -e local\necs-tui logs -f --service web",
		Args:    rootArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTUI(cmd.Context(), &tuiOptions{factory: f, Dir: argOr(args, 0, "")})
		},
	}
	f.flags.register(cmd)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	for _, newCmd := range commands() {
		cmd.AddCommand(newCmd(f))
	}
	addCobras(cmd)
	for _, sub := range cmd.Commands() {
		checkArgs(sub)
	}
	return cmd
}

// addCobras adds cobra's own commands, which it would add later, and has them
// refuse what they don't know, as ours do.
func addCobras(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					return fmt.Errorf("there is no command %q", strings.Join(args, " "))
				}
				return nil
			}
		}
	}
}

// commands are the constructors of every command, in the order of the help.
func commands() []func(*factory) *cobra.Command {
	return []func(*factory) *cobra.Command{
		newInitCmd, newBuildCmd, newDeployCmd, newPromoteCmd, newDiffCmd, newVerifyCmd, newContinueCmd, newRollbackCmd, newHistoryCmd,
		newStatusCmd, newPsCmd, newLogsCmd, newRevisionsCmd, newImagesCmd, newRunCmd, newScheduleCmd, newScaleCmd, newPauseCmd, newResumeCmd, newStopCmd, newDeleteCmd, newAgentCmd, newDoctorCmd,
		newShellCmd, newVersionCmd, newGuardCmd,
	}
}

// checkArgs makes a command's complaint about its arguments a usage error.
func checkArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		checkArgs(sub)
	}
}

// rootArgs takes at most a folder, and catches a mistyped command, which would
// otherwise be taken for one.
func rootArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("unknown command %q", args[0])
	}
	if len(args) == 0 || isDir(args[0]) {
		return nil
	}
	err := usagef("%q is neither a command nor a folder", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return advise(err, "did you mean `ecs-tui %s`?", near[0])
	}
	return err
}

// argOr is the i-th argument, or def.
func argOr(args []string, i int, def string) string {
	if i < len(args) {
		return args[i]
	}
	return def
}

// maxArgs takes at most n arguments; the message names what is too much.
func maxArgs(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("one argument too many: %q", args[n])
		}
		return nil
	}
}
