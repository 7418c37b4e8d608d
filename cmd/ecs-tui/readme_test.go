package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeNamesEachDependency: the README's table and what the code imports
// are the same modules.
func TestReadmeNamesEachDependency(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(readme), "| Dependency |")
	if !ok {
		t.Fatal("the README has no table of dependencies")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var named []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \|`).FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			named = append(named, name[1])
		}
	}
	imported := importedModules(t)
	for _, m := range imported {
		if !slices.Contains(named, m) {
			t.Errorf("%s is imported, and the README does not say why", m)
		}
	}
	for _, m := range named {
		if !slices.Contains(imported, m) {
			t.Errorf("the README names %s, which nothing imports", m)
		}
	}
}

// importedModules are the modules that the code and its tests import, without
// the version in their path; those of the AWS SDK are one.
func importedModules(t *testing.T) []string {
	list := func(args ...string) []string {
		cmd := exec.Command("go", append([]string{"list"}, args...)...)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.Fields(string(out))
	}
	const imports = `{{range .Imports}}{{.}} {{end}}{{range .TestImports}}{{.}} {{end}}{{range .XTestImports}}{{.}} {{end}}`
	version := regexp.MustCompile(`/v\d+$`)
	modules := list("-m", "-f", "{{if not .Main}}{{.Path}}{{end}}", "all")
	found := map[string]bool{}
	for _, pkg := range list("-f", imports, "./...") {
		best := ""
		for _, m := range modules {
			if (pkg == m || strings.HasPrefix(pkg, m+"/")) && len(m) > len(best) {
				best = m
			}
		}
		best = strings.TrimPrefix(version.ReplaceAllString(best, ""), "github.com/")
		if strings.HasPrefix(best, "aws/aws-sdk-go-v2") {
			best = "aws/aws-sdk-go-v2"
		}
		if best != "" {
			found[best] = true
		}
	}
	var out []string
	for m := range found {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}
