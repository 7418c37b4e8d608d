package deploy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

func TestPlanShort(t *testing.T) {
	running := &backend.TaskDefinition{}
	many := &Plan{Running: running}
	for i := range 40 {
		many.Changes = append(many.Changes, Change{Document: inDefinition, Path: fmt.Sprintf("containerDefinitions[web].environment[V%d]", i), New: "secret"})
	}
	for want, p := range map[string]*Plan{
		"created": {},
		"":        {Running: running},
		"image web / web.memory / service desiredCount": {Running: running, Changes: []Change{
			{Document: inDefinition, Path: "containerDefinitions[web].image", Old: "a:1", New: "a:2"},
			{Document: inDefinition, Path: "containerDefinitions[web].memory", Old: "64", New: "128"},
			{Document: inService, Path: "desiredCount", Old: "1", New: "2"},
		}},
	} {
		if got := p.short(); got != want {
			t.Errorf("short() = %q, want %q", got, want)
		}
	}
	got := many.short()
	if len(got) > longestTag || taggable(got) != got || strings.Contains(got, "secret") {
		t.Errorf("short() = %q, %d long, is no value of a tag", got, len(got))
	}
	if !strings.HasPrefix(got, "web.environment.V0 / web.environment.V1 / ") || !strings.HasSuffix(got, " more") {
		t.Errorf("short() = %q does not say what it leaves out", got)
	}
}
