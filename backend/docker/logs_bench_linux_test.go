package docker

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// BenchmarkLogsFollow follows a container for five seconds and reports what
// that costs this process, and how far behind the reader is. Run it with
// -benchtime 1x.
func BenchmarkLogsFollow(b *testing.B) {
	drivers := map[string]container.LogConfig{
		"ours":      logConfig(),
		"json-file": {Type: "json-file", Config: map[string]string{"max-size": "20m", "max-file": "3"}},
		"local":     {Type: "local"},
	}
	for _, rate := range []int{5000, 300000} {
		for _, name := range []string{"ours", "json-file", "local"} {
			config := drivers[name]
			b.Run(fmt.Sprintf("%s/%d", name, rate), func(b *testing.B) { followFor(b, config, rate, 5*time.Second) })
		}
	}
}

func followFor(b *testing.B, config container.LogConfig, rate int, d time.Duration) {
	e := openEngine(b, Options{})
	cluster := dockertest.Unique(b, "logs")
	dockertest.Run(b, e.client, dockertest.Spec{
		Labels: taskLabels(cluster, "web", "aaaaaa1", "app"), Cmd: []string{"-log", strconv.Itoa(rate)}, Log: &config,
	})
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), d)
		lines, skipped := 0, 0
		var late []time.Duration
		began, cpu := time.Now(), processTime(b)
		for batch, err := range e.Logs(ctx, backend.LogQuery{Cluster: cluster, Service: "web", Tail: 100, Follow: true}) {
			if err != nil {
				break
			}
			lines += len(batch.Lines)
			skipped += batch.Skipped
			if n := len(batch.Lines); n > 0 {
				late = append(late, time.Since(batch.Lines[0].At))
			}
		}
		cancel()
		took := time.Since(began)
		slices.Sort(late)
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		b.ReportMetric(100*(processTime(b)-cpu).Seconds()/took.Seconds(), "%core")
		b.ReportMetric(float64(lines)/took.Seconds(), "lines/s")
		b.ReportMetric(float64(skipped)/took.Seconds(), "skipped/s")
		if len(late) > 0 {
			b.ReportMetric(float64(late[len(late)*95/100].Milliseconds()), "ms-late-p95")
		}
		b.ReportMetric(float64(mem.HeapInuse)/(1<<20), "MiB-heap")
	}
}

func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
