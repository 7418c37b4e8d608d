package screen

import (
	"os/exec"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Switch asks the root to go on in another place. What is empty stays as it is.
type Switch struct{ Backend, Profile, Region string }

// Place is where the program goes on after a [Switch].
type Place struct {
	Backend backend.Backend
	Cluster string
	Shell   func(ShellTarget) *exec.Cmd
}
