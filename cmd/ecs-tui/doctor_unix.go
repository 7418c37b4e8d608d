//go:build unix

package main

import "golang.org/x/sys/unix"

// freeSpace is what an ordinary user can still write below path.
func freeSpace(path string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // its type differs between systems
}
