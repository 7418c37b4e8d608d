// Command pair is two containers of one task: `pair store` keeps a counter and
// listens on localhost only, `pair front` answers the world with it. They find
// each other because a task's containers share one network.
package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	storeAddr = "127.0.0.1:9000"
	frontAddr = ":8080"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	role := "front"
	if len(os.Args) > 1 {
		role = os.Args[1]
	}
	var err error
	switch role {
	case "store":
		err = listen(log, storeAddr, store())
	case "front":
		err = listen(log, frontAddr, front("http://"+storeAddr))
	case "health":
		_, err = get("http://" + storeAddr)
	default:
		err = fmt.Errorf("no such role: %s", role)
	}
	if err != nil {
		log.Error("stopped", "role", role, "error", err.Error())
		os.Exit(1)
	}
}

func listen(log *slog.Logger, addr string, h http.Handler) error {
	log.Info("listening", "addr", addr)
	server := &http.Server{Addr: addr, Handler: h, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// store counts: each request gets the next number.
func store() http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, n.Add(1)) })
}

// front passes the store's number on.
func front(store string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, err := get(store)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprintf(w, "visitor %s\n", n)
	})
}

func get(url string) (string, error) {
	client := http.Client{Timeout: 2 * time.Second}
	res, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	return string(body), err
}
