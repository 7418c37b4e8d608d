package screen

import (
	"os/exec"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Switch asks the root to go on in another place. What is empty stays as it is;
// an environment of the app stands alone. Promote is the environment whose images
// a deploy there is planned with, "" for none.
type Switch struct{ Backend, Profile, Region, Environment, Promote string }

// Place is where the program goes on after a [Switch].
type Place struct {
	Backend backend.Backend
	Cluster string
	Where   string // see [Env]
	Command func(cluster string, words ...string) string
	Shell   func(ShellTarget) *exec.Cmd
	// App is the folder's, where the place is one of its environments.
	App         App
	Environment string
	Protected   bool
	// Note is what was noticed when it was opened, "" for nothing.
	Note string
}
