package backend

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzClean holds what every screen relies on: no control character survives,
// in a log line none but complete SGR sequences, and cleaning twice changes
// nothing.
func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"plain", "\x1b]0;title\x07a", "\x1b]52;c;aGk=\x1b\\b", "\x1bP1$q\x1b\\c", "a\x1b[2Jb", "\u009b31mred", "lone\rreturn",
		"\xff\xfe", "\x1b[31mred\x1b[0m", "\x1b[", "\x1b", "\u202eabc", "日本\u200d", "\x1b[1;31", "\x1b\x1b[31mx", "\t\n",
	} {
		f.Add(s)
	}
	sgr := regexp.MustCompile("\x1b\\[[0-9;:]*m")
	f.Fuzz(func(t *testing.T, s string) {
		for name, once := range map[string]string{"Clean": Clean(s), "CleanLog": CleanLog(s)} {
			rest := once
			again := Clean(once)
			if name == "CleanLog" {
				rest, again = sgr.ReplaceAllString(once, ""), CleanLog(once)
			}
			if !utf8.ValidString(once) {
				t.Errorf("%s(%q) is not UTF-8: %q", name, s, once)
			}
			if i := strings.IndexFunc(rest, func(r rune) bool {
				return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
			}); i >= 0 {
				t.Errorf("%s(%q) leaves %q", name, s, rest[i:])
			}
			if again != once {
				t.Errorf("%s(%q) is %q, and again %q", name, s, once, again)
			}
		}
	})
}

// FuzzTaskDefinition: no document makes the parser or the rules panic, and what
// is parsed can be registered, with new images, and parsed again.
func FuzzTaskDefinition(f *testing.F) {
	for _, s := range []string{
		`{"family":"web","memory":"512","containerDefinitions":[{"name":"a","image":"i","x":1}],"y":[2.50]}`,
		`{"taskDefinition":{"family":"web","revision":3,"containerDefinitions":[{"name":"a"}]}}`,
		`{"family":"f","containerDefinitions":[{"dependsOn":[{"containerName":"a"}],"portMappings":[{"containerPort":-1}],"healthCheck":{}}]}`,
		`{"family":"f","cpu":".5 vCPU","memory":"1 GB","requiresCompatibilities":["FARGATE"],"containerDefinitions":[{}]}`,
		`{"Family":"f","ContainerDefinitions":[{"Name":"a","Image":"i"}]}`,
		`{"family":"f","containerDefinitions":[null]}`, `[]`, `{`, `null`, `{"containerDefinitions":{}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		td, err := ParseTaskDefinition(doc)
		if err != nil {
			return
		}
		for _, finding := range CheckTaskDefinition(td) {
			if finding.Message == "" || Clean(finding.Message) != finding.Message {
				t.Errorf("finding %+v", finding)
			}
		}
		if _, err := td.Registrable(); err != nil {
			t.Errorf("parsed, but not registrable: %v", err)
		}
		with, err := td.WithImages(map[string]string{td.Containers[0].Name: "new:1"})
		if err != nil {
			t.Fatalf("parsed, but not with another image: %v", err)
		}
		for _, c := range with.Containers {
			if c.Name != "" && c.Name == td.Containers[0].Name && c.Image != "new:1" {
				t.Errorf("%s still has the image %q", c.Name, c.Image)
			}
		}
		if len(with.Containers) != len(td.Containers) || with.Family != td.Family {
			t.Errorf("another image changed more: %+v", with)
		}
	})
}
