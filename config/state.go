package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// LastUsed is where the user was when the screen was closed.
type LastUsed struct {
	Backend string `json:"backend"`
	Cluster string `json:"cluster,omitempty"`
	Profile string `json:"profile,omitempty"` // AWS only, as is the region
	Region  string `json:"region,omitempty"`
	// Environment is the app's that was used last; "" without an app.
	Environment string `json:"environment,omitempty"`
}

// lastUsed is the file: what was used last without an app, and by app.
type lastUsed struct {
	LastUsed
	Apps []appUsed `json:"apps,omitempty"` // the newest first
}

type appUsed struct {
	Dir string    `json:"dir"` // of the app, in full
	At  time.Time `json:"at"`
	LastUsed
}

// mostApps bounds how many apps are remembered.
const mostApps = 100

func lastUsedFile(p Paths) string { return filepath.Join(p.State, "last-used.json") }

func readLastUsed(p Paths) lastUsed {
	data, err := readFile(lastUsedFile(p))
	if err != nil {
		return lastUsed{}
	}
	var all lastUsed
	if json.Unmarshal(data, &all) != nil {
		return lastUsed{}
	}
	return all
}

// LoadLastUsed reads where the user was in an app, or without one where app is
// nil. It is a convenience: a missing or damaged file is as good as none.
func LoadLastUsed(p Paths, app *App) LastUsed {
	all := readLastUsed(p)
	last := all.LastUsed
	if app != nil {
		last = LastUsed{}
		if i := all.find(appKey(app)); i >= 0 {
			last = all.Apps[i].LastUsed
		}
	}
	if !contains(backends(), last.Backend) {
		return LastUsed{}
	}
	return last
}

// appKey is the app's folder, however the program was told of it.
func appKey(app *App) string {
	if abs, err := filepath.Abs(app.Dir); err == nil {
		return abs
	}
	return app.Dir
}

func (l lastUsed) find(dir string) int {
	return slices.IndexFunc(l.Apps, func(a appUsed) bool { return a.Dir == dir })
}

// SaveLastUsed keeps it, for an app or, where app is nil, for folders without
// one. The file is replaced as a whole, so that two programs ending at once leave
// one of the two behind and never a mixture.
func SaveLastUsed(p Paths, app *App, at time.Time, last LastUsed) error {
	all := readLastUsed(p)
	if app == nil {
		all.LastUsed = last
	} else {
		dir := appKey(app)
		all.Apps = slices.DeleteFunc(all.Apps, func(a appUsed) bool { return a.Dir == dir })
		all.Apps = slices.Insert(all.Apps, 0, appUsed{dir, at.UTC().Truncate(time.Second), last})
		all.Apps = all.Apps[:min(len(all.Apps), mostApps)]
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(lastUsedFile(p), append(data, '\n'))
}

// replaceFile writes a file of the state folder as a whole.
func replaceFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "last-used-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
