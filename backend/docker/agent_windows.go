package docker

import "os"

// terminate ends a process: Windows has no way to ask for it, and an agent that
// ends at any point loses nothing.
func terminate(p *os.Process) error { return p.Kill() }
