package config

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// LastUsed is where the user was when the screen was closed.
type LastUsed struct {
	Backend string `json:"backend"`
	Cluster string `json:"cluster,omitempty"`
	Profile string `json:"profile,omitempty"` // AWS only, as is the region
	Region  string `json:"region,omitempty"`
}

func lastUsedFile(p Paths) string { return filepath.Join(p.State, "last-used.json") }

// LoadLastUsed reads it. It is a convenience: a missing or damaged file is as
// good as none.
func LoadLastUsed(p Paths) LastUsed {
	data, err := readFile(lastUsedFile(p))
	if err != nil {
		return LastUsed{}
	}
	var last LastUsed
	if json.Unmarshal(data, &last) != nil || !contains(backends(), last.Backend) {
		return LastUsed{}
	}
	return last
}

// SaveLastUsed keeps it. The file is replaced as a whole, so that two programs
// ending at once leave one of the two behind and never a mixture.
func SaveLastUsed(p Paths, last LastUsed) error {
	data, err := json.Marshal(last)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.State, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(p.State, "last-used-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(append(data, '\n')); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), lastUsedFile(p))
}
