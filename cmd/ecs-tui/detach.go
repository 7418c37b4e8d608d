package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// startDetached starts this same program in the background, in a session of
// its own: closing the terminal or pressing ctrl+c in it does not reach it.
// What it prints goes to logFile.
func startDetached(logFile string, args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(logFile), 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(self, args...)
	cmd.Dir = string(filepath.Separator) // it must not keep a folder from being removed
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", filepath.Base(self), err)
	}
	return cmd.Process.Release()
}
