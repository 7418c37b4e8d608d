package screen

import (
	"strings"
	"testing"
)

// TestAdviceNamesThePlace: what a deploy advises to type acts on its own cluster
// of the place on screen.
func TestAdviceNamesThePlace(t *testing.T) {
	env := &Env{Command: func(cluster string, words ...string) string {
		return "ecs-tui " + strings.Join(words, " ") + " --cluster " + cluster
	}}
	d := &deployScreen{env: env, key: DeployKey{Cluster: "batch", Service: "web"}}
	if got, want := d.options().Command("rollback"), "ecs-tui rollback --cluster batch"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if d.env = (&Env{}); d.options().Command != nil {
		t.Error("a command without a place")
	}
}
