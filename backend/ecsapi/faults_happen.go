package ecsapi

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
)

// happen answers a call as the fault would have it.
func (in *injected) happen(w http.ResponseWriter, r *http.Request, c *call, next http.Handler) {
	switch {
	case in.Hang:
		select {
		case <-r.Context().Done():
		case <-in.cleared:
			next.ServeHTTP(w, r)
		}
	case in.HalfBody:
		half(w, r, next)
	case in.UnknownFields:
		strange(w, r, next)
	case in.Code == "":
		body := "<html><body><h1>" + strconv.Itoa(in.Status) + " " + http.StatusText(in.Status) + "</h1></body></html>"
		writeBody(w, in.Status, "text/html", []byte(body))
	default:
		w.Header().Set("X-Amzn-Requestid", requestID())
		c.wire.fail(w, &apiError{in.Status, in.Code, in.Message})
	}
}

// half sends the first half of an answer and hangs up.
func half(w http.ResponseWriter, r *http.Request, next http.Handler) {
	got := keep(r, next)
	copyHeader(w.Header(), got.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(got.body)))
	w.WriteHeader(got.status)
	_, _ = w.Write(got.body[:len(got.body)/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler) // how a handler hangs up
}

// strange adds what no client knows to an answer: a member and a structure to
// the whole, and to each structure in its lists.
func strange(w http.ResponseWriter, r *http.Request, next http.Handler) {
	got := keep(r, next)
	var tree map[string]any
	if json.Unmarshal(got.body, &tree) == nil {
		season(tree)
		if body, err := json.Marshal(tree); err == nil {
			got.body = body
		}
	}
	copyHeader(w.Header(), got.header)
	w.WriteHeader(got.status)
	_, _ = w.Write(got.body) // the client went away
}

func season(tree map[string]any) {
	for _, v := range tree {
		list, _ := v.([]any)
		for _, item := range list {
			if o, ok := item.(map[string]any); ok {
				season(o)
			}
		}
	}
	tree["fieldOfTomorrow"] = map[string]any{"depth": 2.5, "list": []any{"x", map[string]any{}}}
}

func copyHeader(to, from http.Header) {
	for k, v := range from {
		to[k] = v
	}
}

// kept is an answer that is still to be sent.
type kept struct {
	header http.Header
	status int
	body   []byte
}

func keep(r *http.Request, next http.Handler) *kept {
	k := &kept{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(k, r)
	return k
}

func (k *kept) Header() http.Header    { return k.header }
func (k *kept) WriteHeader(status int) { k.status = status }

func (k *kept) Write(p []byte) (int, error) {
	k.body = append(k.body, p...)
	return len(p), nil
}

// Cut breaks the connections of all sessions of ECS Exec, and says how many
// there were.
func (f *Faults) Cut() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.channels)
	for conn := range f.channels {
		conn.Close()
	}
	clear(f.channels)
	return n
}

// channelWriter remembers the connection that a session takes over.
type channelWriter struct {
	http.ResponseWriter
	faults *Faults
}

func (w *channelWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buf, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.faults.mu.Lock()
		defer w.faults.mu.Unlock()
		w.faults.channels[conn] = true
	}
	return conn, buf, err
}
