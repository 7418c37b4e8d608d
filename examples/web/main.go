// Command web is a small HTTP service to deploy: it says which version and
// which task answers, logs each request as one JSON line, and checks its own
// health when it is started as `web health`. `web migrate` stands for what a
// deploy runs before its update.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if len(os.Args) > 1 && os.Args[1] == "health" {
		os.Exit(checkHealth("http://127.0.0.1:" + port + "/health"))
	}
	if len(os.Args) > 1 && os.Args[1] == "migrate" {
		os.Exit(migrate(log))
	}
	if err := serve(log, ":"+port); err != nil {
		log.Error("stopped", "error", err)
		os.Exit(1)
	}
}

// serve answers until SIGTERM, then finishes what it has begun.
func serve(log *slog.Logger, addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	server := &http.Server{Addr: addr, Handler: logged(log, routes()), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	log.Info("listening", "addr", addr, "version", version())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("draining")
	drain, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// migrate has no database to bring up to date. MIGRATION=broken makes it fail.
func migrate(log *slog.Logger) int {
	log.Info("migrating", "version", version())
	if os.Getenv("MIGRATION") == "broken" {
		log.Error("not migrated", "error", "the table orders has a column total already")
		return 3
	}
	log.Info("migrated", "statements", 0)
	return 0
}

func version() string {
	if v := os.Getenv("VERSION"); v != "" {
		return v
	}
	return "1"
}

func routes() http.Handler {
	mux := http.NewServeMux()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, page, version(), host)
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return mux
}

const page = `<!doctype html>
<meta name="color-scheme" content="light dark">
<title>web</title>
<style>body{font:18px/1.5 system-ui;max-width:32em;margin:15vh auto}b{font-size:3em}</style>
<p>version<br><b>%s</b>
<p>answered by <code>%s</code>
`

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// logged writes one line for each request.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{w, http.StatusOK}
		next.ServeHTTP(rec, r)
		level := slog.LevelInfo
		if rec.status >= 500 {
			level = slog.LevelError
		}
		log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status", rec.status), slog.Duration("took", time.Since(start)))
	})
}

// checkHealth is the container's health check: there is no shell in the image.
func checkHealth(url string) int {
	client := http.Client{Timeout: 2 * time.Second}
	res, err := client.Get(url)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, res.Status)
		return 1
	}
	return 0
}
