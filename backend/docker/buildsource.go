package docker

import (
	"bufio"
	"os"
	"strings"
)

// instruction is one instruction of a Dockerfile, on one line, white space
// collapsed, and where it begins.
type instruction struct {
	line int
	text string
}

// instructions reads the Dockerfile only as far as is needed to find a line
// again; the builder is the one that parses it. Heredocs come out as lines of
// their own, which nothing is found by.
func (p buildPlan) instructions() []instruction {
	f, err := os.Open(p.dockerfile)
	if err != nil {
		return nil
	}
	defer f.Close()
	var out []instruction
	var open bool
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		text := strings.TrimSpace(scan.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		text, continues := strings.CutSuffix(text, `\`)
		text = strings.Join(strings.Fields(text), " ")
		if open {
			last := &out[len(out)-1]
			last.text = strings.TrimSpace(last.text + " " + text)
		} else {
			out = append(out, instruction{line: n, text: text})
		}
		open = continues
	}
	return out
}

// lineOfStep finds the line that a step was made from: engines before 23 do
// not tell. 0 where none or more than one fits.
func (p buildPlan) lineOfStep(name string) int {
	name = strings.Join(strings.Fields(trimStep(name)), " ")
	image := ""
	if m := missingBase.FindStringSubmatch("failed to " + name); m != nil {
		image = shortReference(m[1])
	}
	found := 0
	for _, i := range p.instructions() {
		fits := name != "" && strings.EqualFold(i.text, name)
		if words := strings.Fields(i.text); image != "" && len(words) > 1 && strings.EqualFold(words[0], "FROM") {
			fits = strings.Contains(" "+i.text+" ", " "+image+" ") || strings.Contains(" "+i.text+":latest ", " "+image+" ")
		}
		if fits && found != 0 {
			return 0
		}
		if fits {
			found = i.line
		}
	}
	return found
}

// baseImages are the images after FROM that are no stages of the Dockerfile.
// The classic builder's errors name only their registry.
func (p buildPlan) baseImages() []string {
	stages := map[string]bool{"scratch": true}
	var images []string
	for _, i := range p.instructions() {
		words := strings.Fields(i.text)
		if len(words) < 2 || !strings.EqualFold(words[0], "FROM") {
			continue
		}
		words = words[1:]
		if strings.HasPrefix(words[0], "--platform") && len(words) > 1 {
			words = words[1:]
		}
		if !stages[words[0]] {
			images = append(images, words[0])
		}
		if len(words) > 2 && strings.EqualFold(words[1], "AS") {
			stages[words[2]] = true
		}
	}
	return images
}

// syntaxLine finds the Dockerfile's # syntax= directive, which stands among
// the comments at its top.
func (p buildPlan) syntaxLine() (line int, image string, ok bool) {
	f, err := os.Open(p.dockerfile)
	if err != nil {
		return 0, "", false
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		text, isComment := strings.CutPrefix(strings.TrimSpace(scan.Text()), "#")
		if !isComment {
			return 0, "", false
		}
		key, value, isDirective := strings.Cut(text, "=")
		if isDirective && strings.EqualFold(strings.TrimSpace(key), "syntax") {
			return n, strings.TrimSpace(value), true
		}
	}
	return 0, "", false
}

// repositoryOf is an image's name without tag, digest and Docker Hub's prefix.
func repositoryOf(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	return shortReference(name)
}

func shortReference(image string) string {
	return strings.TrimPrefix(strings.TrimPrefix(image, "docker.io/"), "library/")
}
