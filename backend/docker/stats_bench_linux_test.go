package docker

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// BenchmarkUsage watches thirty tasks for twenty seconds and reports what that
// costs this process. Run it with -benchtime 1x.
func BenchmarkUsage(b *testing.B) {
	e := openEngine(b, Options{})
	cluster := dockertest.Unique(b, "u")
	var tasks []string
	for i := range 30 {
		labels := taskLabels(cluster, "web", fmt.Sprintf("aaaaaa%d", i), "app")
		dockertest.Run(b, e.client, dockertest.Spec{Labels: labels, Cmd: []string{"-http", ":8080"}})
		tasks = append(tasks, labels[LabelTaskARN])
	}
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
		cpu, samples := processTime(b), 0
		for usage, err := range e.Usage(ctx, cluster, tasks) {
			if err != nil {
				break
			}
			samples += len(usage)
		}
		cancel()
		b.ReportMetric(100*(processTime(b)-cpu).Seconds()/20, "%core")
		b.ReportMetric(float64(samples)/20, "samples/s")
	}
}
