package docker

import (
	"os"
	"path/filepath"
	"testing"
)

// TestStateInAnyFolder: the state is where it was asked for, whatever the folder
// is called.
func TestStateInAnyFolder(t *testing.T) {
	for _, name := range []string{"a b", "a#b", "a%41", "a?mode=memory", "ä"} {
		path := filepath.Join(t.TempDir(), name, "state.db")
		s, damaged, err := openStore(t.Context(), path)
		if err != nil || damaged != nil {
			t.Errorf("%s: %v, %v", name, err, damaged)
			continue
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}
