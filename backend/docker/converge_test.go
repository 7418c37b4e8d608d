package docker

import (
	"reflect"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestJointHealth: the order of containers decides nothing.
func TestJointHealth(t *testing.T) {
	const good, bad, unknown = backend.Healthy, backend.Unhealthy, backend.HealthUnknown
	for want, cases := range map[string][][]string{
		good:    {{good}, {good, good}, {"", good}},
		bad:     {{bad}, {good, bad}, {unknown, bad}, {bad, unknown}, {"", bad, good}},
		unknown: {nil, {""}, {unknown}, {good, unknown}, {unknown, good}},
	} {
		for _, healths := range cases {
			all := []backend.Container{{Essential: false, Health: bad}}
			for _, h := range healths {
				all = append(all, backend.Container{Essential: true, Health: h})
			}
			if got := joint(all); got != want {
				t.Errorf("%q together are %s, want %s", healths, got, want)
			}
		}
	}
}

// TestPortsOfAContainer: a pause container has them only where it owns the network.
func TestPortsOfAContainer(t *testing.T) {
	own, shared := []backend.PortBinding{{ContainerPort: 80, HostPort: 1, Protocol: "tcp"}}, []backend.PortBinding{{ContainerPort: 80, HostPort: 2, Protocol: "tcp"}}
	for name, c := range map[string]struct {
		tree object
		want []backend.PortBinding
	}{
		"awsvpc":                   {object{"networkMode": modeVPC}, shared},
		"bridge":                   {object{"networkMode": modeBridge}, own},
		"bridge, processes shared": {object{"networkMode": modeBridge, "pidMode": "task"}, own},
		"bridge, memory shared":    {object{"networkMode": modeBridge, "ipcMode": "task"}, own},
	} {
		t.Run(name, func(t *testing.T) {
			c.tree["family"], c.tree["containerDefinitions"] = "f", []object{{"name": "a", "image": "i", "portMappings": []object{{"containerPort": 80}}}}
			w := planned(t, c.tree)
			if w.plan.shared() {
				w.have[PauseContainer] = &observed{}
			}
			if w.plan.mode() == modeVPC {
				w.have[PauseContainer].ports = shared
			}
			if got := w.ports("a", &observed{ports: own}); !reflect.DeepEqual(got, c.want) {
				t.Errorf("listens at %v, want %v", got, c.want)
			}
		})
	}
}
