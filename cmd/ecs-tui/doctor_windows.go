package main

import "golang.org/x/sys/windows"

// freeSpace is what this user can still write below path.
func freeSpace(path string) (int64, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, err
	}
	var free, total, all uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, &total, &all); err != nil {
		return 0, err
	}
	return int64(free), nil
}
