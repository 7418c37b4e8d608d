package screen

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// editAction opens one of the app's files in the user's editor. Nothing is
// deployed by it: D plans with what the files say then.
func editAction(env *Env) Action {
	return Action{
		Keys: []string{"e"}, Name: "edit", Help: "one of the app's files, in your editor; D plans with what it says then", Group: groupChange,
		Disabled: func() string {
			switch {
			case env.App == nil:
				return env.noApp()
			case env.Edit == nil:
				return "no editor can be opened here"
			}
			return ""
		},
		Run: func() tea.Cmd { return chooseFile(env) },
	}
}

func chooseFile(env *Env) tea.Cmd {
	files := env.App.Files()
	items := make([]widget.Item, len(files))
	for i, f := range files {
		items[i] = widget.Item{ID: f, Title: f}
	}
	choose := widget.NewChoose(env.Theme, "Edit which file of "+env.App.Name()+"?", nil, items)
	return Do(Ask{choose, func() tea.Cmd {
		item, ok := choose.Chosen()
		if !ok {
			return nil
		}
		return editFile(env, item.ID)
	}})
}

// editFile hands the terminal over until the editor ends.
func editFile(env *Env, file string) tea.Cmd {
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(env.App.Dir(), file)
	}
	return tea.ExecProcess(env.Edit(path), func(err error) tea.Msg {
		var exit *exec.ExitError
		switch {
		case err == nil:
			return Say{theme.Steady, "edited " + file + "; D plans a deploy with it"}
		case errors.As(err, &exit):
			return Say{theme.Warning, fmt.Sprintf("the editor ended with %d; %s is as it left it", exit.ExitCode(), file)}
		}
		return Fail{fmt.Errorf("edit %s: %w: set VISUAL or EDITOR to the editor you use", file, err)}
	})
}
