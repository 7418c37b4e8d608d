package screen

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// appIn is an app of which only the folder is asked for.
type appIn struct {
	App
	dir string
}

func (a appIn) Dir() string { return a.dir }

// TestEditFromTheRoot: a file that starts at the root is not looked for below the
// app.
func TestEditFromTheRoot(t *testing.T) {
	root := t.TempDir() // a path as this system writes them
	for file, want := range map[string]string{
		"service.json":                           filepath.Join("shop", "service.json"),
		filepath.Join(root, "task.json"):         filepath.Join(root, "task.json"),
		filepath.Join("..", "src", "Dockerfile"): filepath.Join("src", "Dockerfile"),
	} {
		var edited string
		editFile(&Env{App: appIn{dir: "shop"}, Edit: func(path string) *exec.Cmd {
			edited = path
			return exec.Command("true")
		}}, file)
		if edited != want {
			t.Errorf("%s: %s is edited, want %s", file, edited, want)
		}
	}
}
