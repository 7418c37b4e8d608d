package config

import (
	"cmp"
	"path/filepath"
)

// AppFile is the name of the file that makes a folder an app.
const AppFile = "ecs-tui.yml"

const (
	program      = "ecs-tui"
	userFileName = "config.yml"
)

// Paths are the folders that configuration and state live in.
type Paths struct {
	Config string // the program's own folder below $XDG_CONFIG_HOME
	State  string // the program's own folder below $XDG_STATE_HOME
	Dir    string // the app's folder
}

// PathsFrom places the folders: XDG's variables where they are set and
// absolute, as its specification asks, else its defaults below home.
func PathsFrom(getenv func(string) string, home, dir string) Paths {
	xdg := func(key, def string) string {
		if v := getenv(key); filepath.IsAbs(v) {
			return filepath.Join(v, program)
		}
		return filepath.Join(home, def, program)
	}
	return Paths{
		Config: xdg("XDG_CONFIG_HOME", ".config"),
		State:  xdg("XDG_STATE_HOME", filepath.Join(".local", "state")),
		Dir:    cmp.Or(dir, "."),
	}
}

// UserFile is the user's own configuration.
func (p Paths) UserFile() string { return filepath.Join(p.Config, userFileName) }

// LogFile is where the program writes what it does.
func (p Paths) LogFile() string { return filepath.Join(p.State, "ecs-tui.log") }
