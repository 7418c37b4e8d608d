//go:build unix

package terminal

import "syscall"

// controllingTTY gives the program a session of its own with the
// pseudo-terminal as its controlling terminal, so that ctrl+c and SIGHUP reach it.
func controllingTTY() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true}
}
