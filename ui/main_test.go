package ui_test

import (
	"os"
	"testing"
	"time"
)

// TestMain has all times drawn in UTC, whatever the machine's zone is. It is
// also the program that the tests in a terminal run.
func TestMain(m *testing.M) {
	if os.Getenv(hostileScreen) != "" {
		os.Exit(runHostile())
	}
	time.Local = time.UTC
	os.Exit(m.Run())
}
