package ui_test

import (
	"context"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// P goes on in another environment, with the plan of a deploy of what runs here;
// a protected one wants the app's name, and then nothing is built.
func TestPromote(t *testing.T) {
	w := roomy()
	w.Service, w.Environments = "web", []string{"demo", "prod", "test"}
	var place screen.Place
	w.Open = func(_ context.Context, to screen.Switch) (screen.Place, error) {
		if to.Environment != "prod" || to.Promote != "demo" {
			return screen.Place{}, backend.Errorf("Connect", backend.Invalid, to.Environment, "it can't be opened")
		}
		return place, nil
	}
	uitest.Play(t, w, func(u *uitest.User) {
		other := demo.New(demo.Options{Empty: true, Quiet: true, Account: "999988887777"})
		defer func() {
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		}()
		there := w
		there.Protected = true
		there.Definition = `{"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512","containerDefinitions":[{"name":"web","image":"shop/web:none","portMappings":[{"containerPort":8080}]}]}`
		place = screen.Place{Backend: other, Cluster: "demo", App: u.AppIn(other, there), Environment: "prod", Protected: true}

		u.Expect("10 services").Press("P").Expect("Promote web from demo to which environment?", "prod", "test")
		u.Press("down", "enter").Expect("it can't be opened", "10 services") // test: one stays where one is
		u.Press("P", "enter")
		u.Expect("promote web from demo to prod", "promoted", "from demo (web:", "without a build", "enter promotes it", "after you typed shop")
		u.Press("enter").Expect("Promote to a protected environment", "What runs in demo (web:")
		u.Type("web").Press("enter").Expect("Promote to a protected environment") // the app's name, not the service's
		u.Press("backspace", "backspace", "backspace").Type("shop").Press("enter")
		u.Expect("copy", "from demo (web:").Refuse("build    ").Expect("stable after")
		u.Press("q").Expect("prod ·", "1 service").Press("p").Expect("promoted from demo")
	})
}

func TestPromoteIsOffered(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		change     func(*uitest.World)
	}{
		{"no app", "this folder has no app", func(w *uitest.World) { w.Service = "" }},
		{"one environment", "app shop has this environment only", func(*uitest.World) {}},
		{"a place outside the app", "this place is no environment of app shop", func(w *uitest.World) { w.Environments = []string{"staging", "prod"} }},
		{"read-only", "this session is read-only", func(w *uitest.World) { w.ReadOnly, w.Environments = true, []string{"demo", "prod"} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := roomy()
			w.Service = "web"
			tt.change(&w)
			uitest.Play(t, w, func(u *uitest.User) {
				u.Expect("10 services").Press("P").Expect("promote: " + tt.want)
				u.Press(":").Type("promote").Expect(tt.want)
			})
		})
	}
}
