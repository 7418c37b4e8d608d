package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// inActions is a factory whose outputs are the log of a job, with the files that
// the runner names.
func inActions(t *testing.T) (f *factory, out, errs *bytes.Buffer, dir string) {
	t.Helper()
	dir = t.TempDir()
	f, out, errs = testFactory(t, "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+dir,
		"GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"), "GITHUB_OUTPUT="+filepath.Join(dir, "output"))
	return f, out, errs, dir
}

// commandsIn are the lines that the runner would take for commands: those that
// begin with "::" once spaces are gone, and those with "##[" anywhere. The runner
// compares by its culture's rules, for which some characters are not there.
func commandsIn(text string) []string {
	var found []string
	ignorable := regexp.MustCompile(`[\x00-\x08\x0e-\x1f\x7f\x{80}-\x{84}\x{ad}\x{200b}-\x{200f}\x{2060}-\x{206f}\x{feff}\x{fe00}-\x{fe0f}]`)
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		seen := strings.TrimSpace(ignorable.ReplaceAllString(strings.TrimSpace(line), ""))
		if strings.HasPrefix(seen, "::") || strings.Contains(seen, "##[") {
			found = append(found, line)
		}
	}
	return found
}

// TestForeignTextIsNoCommand: whatever is printed, in whatever pieces, the runner
// finds no command in it, and people read what was written.
func TestForeignTextIsNoCommand(t *testing.T) {
	for _, text := range []string{
		"::error::boom", "  \t::set-output name=outcome::stable", "\u00a0\u3000::warning::x", "progress\r::add-mask::o",
		"\u200b::error::x", ":\u200b:error::x", ":\x00:error::x", "\ufeff::group::x", "::stop-commands::t\n::t::",
		"2026-01-02 ##[error]boom", "a ##\u00ad[command]b", "#\u200b##[group]", "###[error]", "x\n\n::debug::y", "::",
	} {
		for size := 1; size <= len(text); size += max(1, len(text)/3) {
			f, out, errs, _ := inActions(t)
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				fmt.Fprint(f.io.Out, rest[:n])
				fmt.Fprint(f.io.Err, rest[:n])
				rest = rest[n:]
			}
			for _, got := range []string{out.String(), errs.String()} {
				if found := commandsIn(got); len(found) > 0 {
					t.Errorf("%q in pieces of %d became %q: a command", text, size, got)
				}
				if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(text, " ", "") {
					t.Errorf("%q became %q", text, got)
				}
			}
		}
	}
}

// TestWhatIsNoCommandStays: text that the runner leaves alone is left alone here.
func TestWhatIsNoCommandStays(t *testing.T) {
	const text = "a::b\n{\"x\": \"::1\"}\n# [x] ## y ## [z]\nstd::vector\n: one\n\n"
	f, out, _, _ := inActions(t)
	fmt.Fprint(f.io.Out, text)
	if out.String() != text {
		t.Errorf("got %q", out)
	}
}

// TestJSONStaysItself: with -o json a text with a command in it means the same
// after it was defused.
func TestJSONStaysItself(t *testing.T) {
	f, out, _, _ := inActions(t)
	f.flags.Output = "json"
	want := map[string]string{"log": "##[error]boom", "more": "\n::error::x ##[", "x": "##\u200b[group]"}
	if err := printJSON(f.io.Out, want); err != nil {
		t.Fatal(err)
	}
	if found := commandsIn(out.String()); len(found) > 0 {
		t.Errorf("commands: %q", found)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// TestAnnotations: an error names its place as GitHub wants it, and nothing in
// it ends the command or adds a property.
func TestAnnotations(t *testing.T) {
	f, _, errs, dir := inActions(t)
	place := func(name string, line, column int) *config.Error {
		return &config.Error{Position: config.Position{File: filepath.Join(dir, name), Line: line, Column: column}, Field: "a,b:c", Err: errors.New("100%\n::error::x")}
	}
	f.printError(errs, advise(errors.Join(place("task.json", 3, 5), place("sub/service.json", 4, 1)), "correct this"))
	f.printError(errs, errors.Join(place("task.json", 3, 5), errors.New("and no place")))
	const text = "::100%25%0A::error::x%0A→ correct this\n"
	want := "::error file=task.json,line=3,col=5,title=a%2Cb%3Ac" + text + "::error file=sub/service.json,line=4,col=1,title=a%2Cb%3Ac" + text +
		"::error::" + escapeData(place("task.json", 3, 5).Error()) + "%0Aand no place\n"
	if errs.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", errs, want)
	}
}

// TestDeployInActions: groups round the steps, the failure as an annotation with
// its diagnosis, the summary, and the outputs.
func TestDeployInActions(t *testing.T) {
	f, out, errs, dir := inActions(t)
	s := &session{factory: f, cfg: config.Config{Backend: config.AWS}}
	p := s.newProgress()
	events := aDeploy()
	for i, e := range events {
		switch e := e.(type) {
		case deploy.RolloutProgress:
			e.Deployment.Service, e.Deployment.Cluster = "web", "staging"
			e.Deployment.RollbackTo = "arn:aws:ecs:eu-west-1:1:task-definition/web:14"
			e.Service.ARN = "arn:aws:ecs:eu-west-1:1:service/staging/web"
			events[i] = e
		case deploy.TaskFailed:
			e.LastLines = append(e.LastLines, backend.LogLine{Container: "web", Text: "```\n::error::injected"})
			events[i] = e
		}
		p.show(events[i])
	}
	p.close()
	log := out.String()
	depth := 0
	for _, line := range commandsIn(log) {
		switch {
		case strings.HasPrefix(line, "::group::"):
			depth++
		case line == "::endgroup::":
			depth--
		default:
			t.Errorf("a command that nobody meant: %q", line)
		}
		if depth < 0 || depth > 1 {
			t.Errorf("groups do not match in:\n%s", log)
		}
	}
	for _, want := range []string{"::group::build web\n", "::endgroup::\n✓ build ", "::group::rollout web\n", "✗ rolled back after 1 min 12 s"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
	for _, want := range []string{
		"::error title=web%3A rolled back::tasks failed to start%0A→ look at the log\n",
		"::error title=task 91c3e0::task 91c3e0  OutOfMemoryError, exit code 137%0A    → raise memory%0A    │ 12:03:04 web  loading model%0A",
	} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("no annotation %q in:\n%s", want, errs)
		}
	}
	summary, _ := os.ReadFile(filepath.Join(dir, "summary"))
	for _, want := range []string{
		"### ❌ web: rolled back", "| revision | web:14 |", "| took | 1 min 12 s |", "````\n",
		"(https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/web/deployments?region=eu-west-1)",
	} {
		if !strings.Contains(string(summary), want) {
			t.Errorf("the summary has no %q:\n%s", want, summary)
		}
	}
	output, _ := os.ReadFile(filepath.Join(dir, "output"))
	for name, want := range map[string]string{
		"outcome": "rolled-back", "exit-code": "3", "revision-arn": "arn:aws:ecs:eu-west-1:1:task-definition/web:14", "images": `{"web":"sha256:1"}`,
	} {
		if !regexp.MustCompile(`(?m)^` + name + `<<(\w+)\n` + regexp.QuoteMeta(want) + `\n(\w+)$`).Match(output) {
			t.Errorf("no output %s = %s in:\n%s", name, want, output)
		}
	}
}
