// Command worker takes jobs off an endless queue of its own making and logs
// each as one JSON line; now and then one fails.
package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	perSecond, err := strconv.Atoi(os.Getenv("JOBS_PER_SECOND"))
	if err != nil || perSecond < 1 {
		perSecond = 2
	}
	log.Info("started", "jobsPerSecond", perSecond)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for job := 1; ; job++ {
		select {
		case <-ctx.Done():
			log.Info("stopped", "jobs", job-1)
			return
		case <-tick.C:
			work(log, job)
		}
	}
}

func work(log *slog.Logger, job int) {
	kinds := [...]string{"resize", "mail", "invoice", "index"}
	took := time.Duration(20+rand.IntN(400)) * time.Millisecond
	args := []any{"job", job, "kind", kinds[rand.IntN(len(kinds))], "took", took.String()}
	switch {
	case job%50 == 0:
		log.Error("job failed", append(args, "error", "upstream timed out")...)
	case took > 350*time.Millisecond:
		log.Warn("job was slow", args...)
	default:
		log.Info("job done", args...)
	}
}
