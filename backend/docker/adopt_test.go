package docker

import (
	"database/sql"
	"maps"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// How many tasks an adopted service wants is what its newest task says, unless
// what is left of others shows that it was scaled in since.
func TestStillWanted(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	ended := func(ago time.Duration, orderly bool) orphan { return orphan{ended: now.Add(-ago), orderly: orderly} }
	for _, tt := range []struct {
		name         string
		timing       string
		wanted, live int
		over         []orphan
		want         int
	}{
		{name: "all live", wanted: 3, live: 3, want: 3},
		{name: "one has failed", wanted: 3, live: 2, over: []orphan{ended(5*time.Minute, false)}, want: 3},
		{name: "one has just been stopped, in a rollout", wanted: 3, live: 2, over: []orphan{ended(10*time.Second, true)}, want: 3},
		{name: "one was replaced", wanted: 3, live: 2, over: []orphan{ended(2*time.Hour, true)}, want: 3},
		{name: "nothing is left of it", wanted: 3, live: 2, want: 3},
		{name: "scaled in", wanted: 3, live: 2, over: []orphan{ended(5*time.Minute, true)}, want: 2},
		{name: "scaled in, and one has failed", wanted: 4, live: 2, over: []orphan{ended(5*time.Minute, true), ended(5*time.Minute, false)}, want: 3},
		{name: "scaled in by many", wanted: 9, live: 2, over: []orphan{ended(5*time.Minute, true), ended(5*time.Minute, true), ended(5*time.Minute, true)}, want: 2},
		{name: "it may still wait, as on ECS", timing: "ecs", wanted: 3, live: 2, over: []orphan{ended(5*time.Minute, true)}, want: 3},
		{name: "the old version lives too", wanted: 2, live: 4, want: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			newest := orphan{memory: memory{
				CreatedAt: now.Add(-time.Hour).UnixMilli(), Timing: tt.timing, Spec: &backend.ServiceSpec{Desired: tt.wanted},
			}}
			if got := stillWanted(newest, tt.live, tt.over, now); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

// TestAdoptsAfterAFailure loses the state while one of two tasks is down: the
// service wants two, of the images that its deployment runs.
func TestAdoptsAfterAFailure(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	td := b.register(pair(t, "web", "1"))
	b.create("web", td.ARN, 2)
	b.steady("web")
	pinned := func() map[string]string {
		out := map[string]string{}
		b.edit("web", func(s *serviceRow) {
			for _, image := range s.rec.Deployments[0].Images {
				out[image.Container] = image.Digest
			}
		})
		return out
	}
	before := pinned()
	b.stopAgent()
	down := b.tasks(backend.TaskQuery{Service: "web"})[0].ARN
	for _, c := range b.containers() {
		if c.Labels[LabelTaskARN] == down {
			if _, err := b.client.ContainerKill(t.Context(), c.ID, client.ContainerKillOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.write(t.Context(), "Test", "", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE services SET record = '{'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if svc := b.service("web"); svc.Desired != 2 {
		t.Errorf("it wants %d", svc.Desired)
	}
	if after := pinned(); !maps.Equal(after, before) || after["web"] == "" {
		t.Errorf("pinned %v, before %v", after, before)
	}
}
