//go:build !unix

// Package terminal runs a program in a real pseudo-terminal; on this system
// there is none to run it in.
package terminal
