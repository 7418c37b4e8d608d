package screen

import (
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

func TestImageRows(t *testing.T) {
	rows := imageRows([]backend.Image{
		{ID: "sha256:b", CreatedAt: at(1)},
		{ID: "sha256:a", CreatedAt: at(2), Tags: []string{"web:2", "web:1"}},
	})
	var got []string
	for _, r := range rows {
		got = append(got, r.Ref())
	}
	if len(got) != 3 || got[0] != "web:1" || got[1] != "web:2" || got[2] != "sha256:b" {
		t.Errorf("rows %v", got)
	}
}

func TestUsedBy(t *testing.T) {
	for _, tc := range []struct {
		use  backend.ImageUse
		want string
	}{
		{backend.ImageUse{Service: "web", TaskDefinition: "web:14", Running: 3}, "web:14 · 3 running"},
		{backend.ImageUse{Service: "api", TaskDefinition: "web:14"}, "api (web:14)"},
		{backend.ImageUse{TaskDefinition: "job:1"}, "job:1"},
		{backend.ImageUse{Running: 1}, "a container · 1 running"},
	} {
		if got := usedBy([]backend.ImageUse{tc.use}); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.use, got, tc.want)
		}
	}
}

func TestValidTag(t *testing.T) {
	for _, ok := range []string{"web", "shop/web:1.2", "127.0.0.1:5000/web", "127.0.0.1:5000/web:v_1"} {
		if err := validTag(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{"", ":x", "Web:1", "we b:1", "web:", "web:-1", "web:a b", "web@sha256:1"} {
		if validTag(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestCleanCommand(t *testing.T) {
	for in, want := range map[string]string{
		"/bin/sh -c #(nop)  CMD [\"sh\"]":      "CMD [\"sh\"]",
		"/bin/sh -c apk add curl":              "RUN apk add curl",
		"COPY server /server # buildkit":       "COPY server /server",
		"RUN /bin/sh -c make   all # buildkit": "RUN /bin/sh -c make all",
	} {
		if got := cleanCommand(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
