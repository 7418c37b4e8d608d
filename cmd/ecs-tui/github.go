package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// github speaks to GitHub Actions, where the command runs as a step of a job:
// groups and annotations as workflow commands in the log, and a summary and
// outputs in the files that the runner names ("Workflow commands" in GitHub's
// documentation). It is nil elsewhere, and its methods do nothing then.
//
// The runner takes a line of either output for a command when it begins with
// "::", spaces apart, or has "##[" in it. What tasks, builds and services wrote
// must not be able to give one: all that is printed goes through a [defused]
// writer. Lines are changed rather than put between stop-commands and its token,
// since the runner reads both outputs at once and has one such switch for the
// two of them: it could be off where it should be on, and would stay off where
// the program is killed in between.
type github struct {
	getenv func(string) string
	json   func() bool
	mu     *sync.Mutex
	out    *defused // nil where that output goes to a file
	err    *defused
	plan   *deploy.Plan // of the deploy that goes on, for its summary
}

// newGitHub puts itself between a command and its outputs, where it runs in
// GitHub Actions; nil elsewhere. A terminal is none of the runner's, and what
// goes to a file stays as it is.
func newGitHub(s *streams, json func() bool) *github {
	if s.Getenv("GITHUB_ACTIONS") != "true" || s.OutTTY || s.ErrTTY {
		return nil
	}
	g := &github{getenv: s.Getenv, json: json, mu: &sync.Mutex{}}
	if !isRegular(s.Out) {
		g.out = &defused{mu: g.mu, to: s.Out, json: json}
		s.Out = g.out
	}
	if !isRegular(s.Err) {
		g.err = &defused{mu: g.mu, to: s.Err, json: func() bool { return false }}
		s.Err = g.err
	}
	return g
}

// isRegular says whether an output goes to a file.
func isRegular(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := file.Stat()
	return err == nil && st.Mode().IsRegular()
}

// bytesOf is an output that takes a command's bytes as they are: standard output,
// where it is seen to go to another program, and not into the log. The log is
// where the shell writes that runs the step; where that can't be seen, all is.
func (g *github) bytesOf(out io.Writer) io.Writer {
	if g == nil || g.out == nil || out != io.Writer(g.out) {
		return out
	}
	file, ok := g.out.to.(*os.File)
	if !ok {
		return out
	}
	own, err := file.Stat()
	if err != nil {
		return out
	}
	step, err := os.Stat(fmt.Sprintf("/proc/%d/fd/1", os.Getppid()))
	if err != nil || os.SameFile(own, step) {
		return out
	}
	return file
}

// The levels of an annotation.
const (
	annotateError   = "error"
	annotateWarning = "warning"
	annotateNotice  = "notice"
)

// annotation is something that GitHub shows beside the file, or above the log.
type annotation struct {
	Level string
	Title string
	Place config.Position // zero for none
	Text  string
}

// annotate writes an annotation to standard error, so that it is seen also where
// standard output goes elsewhere, or is JSON. It says whether it could.
func (g *github) annotate(a annotation) bool {
	if g == nil || g.err == nil {
		return false
	}
	var props []string
	add := func(name, value string) {
		if value != "" {
			props = append(props, name+"="+escapeProperty(value))
		}
	}
	if a.Place.File != "" {
		add("file", g.inWorkspace(a.Place.File))
	}
	if a.Place.Line > 0 {
		add("line", strconv.Itoa(a.Place.Line))
		add("col", strconv.Itoa(a.Place.Column))
	}
	add("title", ansi.Strip(a.Title))
	head := "::" + a.Level
	if len(props) > 0 {
		head += " " + strings.Join(props, ",")
	}
	g.err.command(head + "::" + escapeData(ansi.Strip(a.Text)))
	return true
}

// annotateErr writes an error as annotations: one for each place that it names,
// else one. It says whether it could.
func (g *github) annotateErr(err error, advice string) bool {
	if g == nil || g.err == nil {
		return false
	}
	remedy := ""
	if advice != "" {
		remedy = "\n→ " + advice
	}
	places := placesOf(err)
	for _, p := range places {
		g.annotate(annotation{Level: annotateError, Title: p.Field, Place: p.Position, Text: p.Err.Error() + remedy})
	}
	if len(places) == 0 {
		g.annotate(annotation{Level: annotateError, Text: strings.TrimRight(err.Error(), "\n") + remedy})
	}
	return true
}

// placesOf are the errors inside err that name a place in a file; none where
// part of err names no place, and would be lost.
func placesOf(err error) []*config.Error {
	var placed *config.Error
	if e, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*config.Error
		for _, one := range e.Unwrap() {
			found := placesOf(one)
			if len(found) == 0 {
				return nil
			}
			out = append(out, found...)
		}
		return out
	}
	if e, ok := err.(*config.Error); ok {
		placed = e
	} else if inner := errors.Unwrap(err); inner != nil {
		return placesOf(inner)
	}
	if placed == nil || placed.File == "" {
		return nil
	}
	return []*config.Error{placed}
}

// inWorkspace is a file's name from the checkout's root, as annotations want it.
func (g *github) inWorkspace(file string) string {
	root := g.getenv("GITHUB_WORKSPACE")
	abs, err := filepath.Abs(file)
	if root == "" || err != nil {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

// group opens a group of lines, which GitHub shows folded; endGroup closes it.
// Groups can't stand in one another.
func (g *github) group(title string) {
	if g.groups() {
		g.out.command("::group::" + escapeData(ansi.Strip(title)))
	}
}

func (g *github) endGroup() {
	if g.groups() {
		g.out.command("::endgroup::")
	}
}

// groups says whether standard output takes them.
func (g *github) groups() bool { return g != nil && g.out != nil && !g.json() }

// summary adds Markdown to the page of the job.
func (g *github) summary(markdown string) {
	if g != nil {
		g.append("GITHUB_STEP_SUMMARY", markdown)
	}
}

// output is a value for later steps: ${{ steps.ID.outputs.NAME }}.
func (g *github) output(name, value string) {
	if g == nil || value == "" {
		return
	}
	end := "ghadelimiter_" + rand.Text() // no value can end itself, and go on with another
	g.append("GITHUB_OUTPUT", name+"<<"+end+"\n"+value+"\n"+end+"\n")
}

// append writes to one of the runner's files. What can't be written is said, and
// is no reason to fail a deploy for.
func (g *github) append(variable, text string) {
	name := g.getenv(variable)
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = io.WriteString(file, text)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		g.annotate(annotation{Level: annotateWarning, Text: fmt.Sprintf("%s can't be written: %v", variable, err)})
	}
}

// escapeData and escapeProperty write a text inside of a command.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// defused is an output of which no line is a command of the runner, but for those
// that command writes. Where a line would be one, it gets a space: ": :error::",
// "## [error]". JSON gets an escape that means the same.
//
// The runner compares as people do, who do not see what is not drawn: so what is
// not printable ASCII counts as nothing between the characters that matter.
type defused struct {
	mu   *sync.Mutex // of both outputs
	to   io.Writer
	json func() bool

	begun  bool // this line has bytes
	shown  int  // printable ones at its beginning, as far as they are colons; -1 after others
	hashes int  // "#" right before, at most 2
}

func (d *defused) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]byte, 0, len(p)+8)
	for _, b := range p {
		out = d.add(out, b)
	}
	if _, err := d.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (d *defused) add(out []byte, b byte) []byte {
	switch {
	case b == '\n' || b == '\r':
		d.begun, d.shown, d.hashes = false, 0, 0
		return append(out, b)
	case b == '[' && d.hashes == 2:
		if d.json() {
			d.hashes = 0
			return append(out, `\u005b`...) // it stands in a text
		}
		out = append(out, ' ')
	case b == ':' && d.shown == 1:
		out = append(out, ' ')
	}
	d.begun = true
	switch {
	case b == '#':
		d.hashes = min(d.hashes+1, 2)
	case b >= ' ' && b <= '~':
		d.hashes = 0
	}
	switch {
	case b == ':' && d.shown == 0:
		d.shown = 1
	case b > ' ' && b <= '~':
		d.shown = -1
	}
	return append(out, b)
}

// command writes a line that is meant as a command.
func (d *defused) command(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.begun {
		line = "\n" + line
	}
	d.begun, d.shown, d.hashes = false, 0, 0
	// A runner that went away reads nothing any more; there is nobody to tell.
	_, _ = io.WriteString(d.to, line+"\n")
}
