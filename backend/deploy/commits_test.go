package deploy

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// checkout makes the world's folder a git checkout. Each commit gives its short
// sha.
func (w *world) checkout(t *testing.T) (run func(args ...string) string, commit func(subject string) string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	run = func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = w.dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ann\x1b[31m Lee", "GIT_AUTHOR_EMAIL=a@example.com",
			"GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("init", "-q", "-b", "main")
	n := 0
	return run, func(subject string) string {
		t.Helper()
		n++
		if err := os.WriteFile(filepath.Join(w.dir, "code"), fmt.Append(nil, n), 0o600); err != nil {
			t.Fatal(err)
		}
		run("add", ".")
		run("commit", "-q", "-m", subject)
		return run("rev-parse", "--short=7", "HEAD")
	}
}

// What a deploy brings is known from the tags of what runs: forwards, back, to
// one side, and where the commit is not here.
func TestCommits(t *testing.T) {
	w := newWorld(t)
	run, commit := w.checkout(t)
	first := commit("begin")
	if c := w.plan(t, "").Commits; c.Known() {
		t.Errorf("nothing runs, and %+v is between", c)
	}
	w.deploy(t, "")

	var newest string
	for i := range 12 {
		newest = commit(fmt.Sprintf("change %d \x1b[2J", i))
	}
	p := w.plan(t, "")
	c := p.Commits
	if c.Old != first || c.New != newest || c.Ahead != 12 || c.Behind != 0 || len(c.List) != MostCommits || c.More() != 2 || c.Summary() != "12 commits" {
		t.Fatalf("forwards: %+v", c)
	}
	if one := c.List[0]; one.SHA != newest || one.Subject != "change 11 " || one.Author != "Ann Lee" {
		t.Errorf("the newest is %+q", one)
	}
	var text bytes.Buffer
	if err := p.WriteText(&text); err != nil || !strings.Contains(text.String(), "Commit "+first+" runs, "+newest+" is deployed: 12 commits") ||
		!strings.Contains(text.String(), "… and 2 more") {
		t.Errorf("%v\n%s", err, text.String())
	}
	w.deploy(t, "calm") // another revision, also where the image is the same

	run("checkout", "-q", "HEAD~2")
	if c := w.plan(t, "").Commits; c.Summary() != "2 commits back" || len(c.List) != 2 || c.List[0].SHA != newest || c.More() != 0 {
		t.Errorf("back: %+v", c)
	}
	commit("another way")
	if c := w.plan(t, "").Commits; c.Summary() != "1 commit, without 2 of what runs" || len(c.List) != 1 || c.List[0].Subject != "another way" {
		t.Errorf("to one side: %+v", c)
	}
	run("checkout", "-q", "main")
	if c := w.plan(t, "").Commits; c.Summary() != "the same commit" || len(c.List) != 0 {
		t.Errorf("the same: %+v", c)
	}
}

// A tag is from outside: what is no commit does not get to git, and one that is
// not here is said so.
func TestCommitsElsewhere(t *testing.T) {
	w := newWorld(t)
	_, commit := w.checkout(t)
	commit("begin")
	for tag, why := range map[string]string{
		"0123abc":               "not in this checkout",
		"0123abc-dirty":         "not in this checkout",
		"--output=/tmp/x":       "no commit of git",
		"HEAD":                  "no commit of git",
		strings.Repeat("a", 80): "no commit of git",
	} {
		doc := backend.Document(fmt.Sprintf(`{"family":"web","containerDefinitions":[{"name":"web","image":"i"}],"tags":[{"key":"ecs-tui:commit","value":%q}]}`, tag))
		p := &Plan{Request: Request{Dir: w.dir}, Source: Source{SHA: "abc1234"}, Running: &backend.TaskDefinition{Document: doc}}
		p.readCommits(t.Context())
		if p.Commits.Old != tag || !strings.Contains(p.Commits.Summary(), why) || len(p.Commits.List) > 0 {
			t.Errorf("%s: %+v", tag, p.Commits)
		}
	}
}
