package config

import (
	"errors"
	"io/fs"
)

// userFile is the user's own config.yml: defaults for every folder.
type userFile struct {
	Backend, Cluster, Profile, Region string
	ReadOnly                          bool
	Theme                             string
}

// loadUser reads it; a missing file is an empty one.
func loadUser(file string) (userFile, error) {
	if errors.Is(statError(file), fs.ErrNotExist) {
		return userFile{}, nil
	}
	data, err := readFile(file)
	if err != nil {
		return userFile{}, err
	}
	root, err := parse(file, data)
	if err != nil {
		return userFile{}, err
	}
	var u userFile
	err = value{root, file, ""}.object(schema{
		"backend":  oneOf(&u.Backend, backends()...),
		"cluster":  text(&u.Cluster),
		"profile":  text(&u.Profile),
		"region":   text(&u.Region),
		"readOnly": truth(&u.ReadOnly),
		"theme":    oneOf(&u.Theme, "auto", "light", "dark"),
	})
	return u, err
}
