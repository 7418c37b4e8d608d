package main

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/ecs-tui/ecs-tui/config"
)

// commandLine is a command of this program as it has to be typed here to act on
// a cluster of this session's place: advice that left out the folder or the
// environment would act on another one. words are the command and its flags.
func (s *session) commandLine(cluster string, words ...string) string {
	line := append([]string{"ecs-tui"}, words[0])
	if s.cfg.App != nil && cmp.Or(s.paths.Dir, ".") != "." {
		line = append(line, s.paths.Dir)
	}
	line = append(line, s.placeFlags(cluster)...)
	line = append(line, words[1:]...)
	for i, word := range line {
		line[i] = shellWord(word)
	}
	return strings.Join(line, " ")
}

// commands is commandLine for one cluster.
func (s *session) commands(cluster string) func(words ...string) string {
	return func(words ...string) string { return s.commandLine(cluster, words...) }
}

// placeFlags name the environment where there are several, and without one the
// backend; and what else the command line or a variable has changed of it.
func (s *session) placeFlags(cluster string) []string {
	var flags []string
	env := s.cfg.Environment
	switch {
	case env == nil:
		flags = append(flags, "--backend", s.cfg.Backend)
	case len(s.cfg.App.Environments) > 1:
		flags = append(flags, "-e", env.Name)
	}
	add := func(name, value string) {
		from := s.cfg.From[name]
		if value != "" && (env == nil || strings.HasPrefix(from, "--") || strings.HasPrefix(from, "ECS_TUI_")) {
			flags = append(flags, "--"+name, value)
		}
	}
	if env == nil || cluster != cmp.Or(s.cfg.Cluster, "default") { // the screen may have gone to another one
		flags = append(flags, "--cluster", cluster)
	} else {
		add("cluster", s.cfg.Cluster)
	}
	if s.cfg.Backend == config.AWS {
		add("profile", s.cfg.Profile)
		add("region", s.cfg.Region)
	}
	return flags
}

// plainWord is what a shell takes as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellWord quotes a word for a shell where it has to be.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
