//go:build unix

package main

import "os"

func holdRawIfAsked() {
	if how := os.Getenv(rawEnv); how != "" {
		holdRaw(how)
	}
}
