// Load is the container that the benchmarks watch: it listens on /health, and
// writes log lines at a given rate, each with the moment at which it was written.
package main

import (
	"bufio"
	"flag"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	rate := flag.Int("rate", 0, "log lines a second")
	flag.Parse()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	go func() { _ = http.ListenAndServe(":8080", http.NotFoundHandler()) }()
	if *rate > 0 {
		go write(*rate)
	}
	<-stop
}

// write writes rate lines a second, in a hundred bursts.
func write(rate int) {
	out := bufio.NewWriterSize(os.Stdout, 256<<10)
	tick := time.NewTicker(10 * time.Millisecond)
	var n, owed int
	line := make([]byte, 0, 128)
	for now := range tick.C {
		for owed += rate; owed >= 100; owed -= 100 {
			n++
			line = append(line[:0], "GET /item/"...)
			line = strconv.AppendInt(line, int64(n), 10)
			line = append(line, " 200 3ms written="...)
			line = strconv.AppendInt(line, now.UnixMilli(), 10)
			line = append(line, '\n')
			_, _ = out.Write(line)
		}
		_ = out.Flush()
	}
}
