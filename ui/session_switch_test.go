package ui_test

import (
	"context"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// Another profile, region or backend, typed into the palette, without a restart.
func TestSwitchToAnotherPlace(t *testing.T) {
	var other *demo.Backend
	w := roomy()
	w.Service = "web"
	w.Open = func(_ context.Context, to screen.Switch) (screen.Place, error) {
		if to.Profile != "prod" {
			return screen.Place{}, &backend.Error{Op: "Connect", Kind: backend.Invalid, Resource: to.Profile + to.Region, Remedy: "name another"}
		}
		other = demo.New(demo.Options{Empty: true, Quiet: true})
		return screen.Place{Backend: other, Cluster: "batch"}, nil
	}
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("region mars-1").Press("enter")
		u.Expect("Connect mars-1", "name another", "10 services")
		u.Press("esc", ":").Type("profile").Press("enter").Expect(":profile NAME")
		u.Press("esc", "enter").Expect("services › web")
		u.Press(":").Type("profile prod").Press("enter")
		u.Expect("cluster batch", "No service runs in cluster batch").Refuse("services › web", "cluster demo")
		u.Press("D").Expect("deploy: this folder has no app")
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestSwitchWhereThereIsNoOther(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("backend aws").Press("enter").Expect("opened for one place only")
	})
}

// A deployment in the background is that of its place: another one with the same
// names shows, and rolls back, its own.
func TestADeploymentStaysInItsPlace(t *testing.T) {
	var b *demo.Backend
	w := roomy()
	w.Open = func(context.Context, screen.Switch) (screen.Place, error) {
		b = demo.New(demo.Options{Seed: 8, Quiet: true})
		return screen.Place{Backend: b, Cluster: "demo", Environment: "demo", Where: "aws prod"}, nil
	}
	goesBack := func(b backend.Backend) bool {
		s, err := b.DescribeServices(t.Context(), "demo", []string{"recommend"})
		if err != nil {
			t.Fatal(err)
		}
		d, err := b.DescribeServiceDeployments(t.Context(), []string{s[0].Current})
		return err == nil && d[0].Status != backend.InProgress
	}
	uitest.Play(t, w, func(u *uitest.User) {
		watching := func() *uitest.User {
			u.Expect("10 services").Press("/").Type("recommend").Press("enter").Expect("rolling")
			return u.Press("D").Expect("deployment of recommend", "recommend:2 new")
		}
		watching().Press("esc", ":").Type("profile prod").Press("enter").Expect("10 services")
		watching().Press("R").Expect("Its rollout stops").Press("y")
		if goesBack(u.Demo) || !goesBack(b) {
			t.Errorf("the wrong one goes back:\n%s", u.Screen())
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// elsewhere is the app in another environment.
type elsewhere struct{ screen.App }

func (elsewhere) Name() string           { return "web" }
func (elsewhere) Service() string        { return "web" }
func (elsewhere) Environments() []string { return []string{"demo", "prod"} }

// Another environment of the app keeps the app, and its protection; the palette
// has those that are not here, also where the app was left.
func TestSwitchToAnotherEnvironment(t *testing.T) {
	var opened []*demo.Backend
	w := roomy()
	w.Service, w.Environments = "web", []string{"demo", "prod"}
	w.Open = func(_ context.Context, to screen.Switch) (screen.Place, error) {
		b := demo.New(demo.Options{Seed: 7, Quiet: true})
		opened = append(opened, b)
		p := screen.Place{Backend: b, Cluster: "demo"}
		if to.Environment != "" {
			p.App, p.Environment, p.Protected = elsewhere{}, to.Environment, to.Environment == "prod"
		}
		return p, nil
	}
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("env").Expect("env prod").Refuse("env demo")
		u.Type(" prod").Press("enter").Expect("prod ·", "10 services").Press("j", "ctrl+d").Expect("to confirm:").Press("esc")
		u.Press(":").Type("env").Expect("env demo").Refuse("env prod").Press("esc")
		u.Press(":").Type("backend demo").Press("enter").ExpectGone("prod ·")
		u.Press(":").Type("env").Expect("env demo", "env prod").Press("esc")
		u.Press(":").Type("env").Press("enter") // the first that fits
		u.Expect("demo ·")
		for _, b := range opened {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestAnotherClusterIsWithoutTheApp: what D deploys and R rolls back is in the
// cluster that is on screen, or is refused.
func TestAnotherClusterIsWithoutTheApp(t *testing.T) {
	w := shop()
	w.Environments = []string{"demo"}
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14", "demo · demo 123456789012 · cluster demo").Press(":").Type("cluster batch").Press("enter")
		u.Expect("   demo 123456789012 · cluster batch").Press("D").Expect("deploy: the app stayed behind; :env demo goes back to it").Press("b").Expect("build: the app stayed behind")
		u.Press(":").Type("cluster batch").Press("enter").Expect("cluster batch")
		u.Press(":").Type("clusters").Press("enter").Expect("CLUSTER").ExpectCursor("demo").Press("enter").Expect("demo · demo 123456789012 · cluster demo", "web:14")
		u.Press("D").Expect("deploy web to demo", "enter deploys it")
	})
}
