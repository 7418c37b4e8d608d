package dockertest

import "testing"

func TestImagesRun(t *testing.T) {
	cl := RequireEngine(t)
	if code := Wait(t, cl, Run(t, cl, Spec{Cmd: []string{"-exit-after", "10ms", "-exit-code", "7"}})); code != 7 {
		t.Errorf("the app exits with %d, want 7", code)
	}
	id := Run(t, cl, Spec{Image: BusyboxImage(t), Cmd: []string{"sh", "-c", "ls /bin/grep && exit 4"}})
	if code := Wait(t, cl, id); code != 4 {
		t.Errorf("busybox exits with %d, want 4", code)
	}
}
