package ecsapi

import (
	"encoding/json"
	"net/http"
	"time"
)

// protocol is one of AWS's ways to put calls on the wire.
type protocol interface {
	decode(c *call, body []byte) error
	answer(w http.ResponseWriter, c *call, out any)
	fail(w http.ResponseWriter, e *apiError)
}

// obj is one structure of an answer. Absent members are absent keys.
type obj map[string]any

// put sets a member unless its value is empty, as AWS leaves such members out.
func (o obj) put(key string, value any) obj {
	switch v := value.(type) {
	case string:
		if v == "" {
			return o
		}
	case time.Time:
		if v.IsZero() {
			return o
		}
		value = stamp(v)
	}
	o[key] = value
	return o
}

// stamp is a time, written as the protocol writes it.
type stamp time.Time

// MarshalJSON writes seconds since 1970, to the millisecond: the form of both
// JSON protocols.
func (s stamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.seconds())
}

func (s stamp) seconds() float64 { return float64(time.Time(s).UnixMilli()) / 1000 }

// jsonProtocol is AWS JSON, version 1.0 or 1.1.
type jsonProtocol struct{ version string }

func (jsonProtocol) decode(c *call, body []byte) error {
	if len(body) == 0 {
		body = []byte("{}")
	}
	c.body = body
	var any map[string]json.RawMessage
	return bind(c, &any)
}

func (p jsonProtocol) answer(w http.ResponseWriter, _ *call, out any) {
	p.write(w, http.StatusOK, out)
}

func (p jsonProtocol) fail(w http.ResponseWriter, e *apiError) {
	p.write(w, e.status, obj{"__type": e.code, "message": e.message})
}

func (p jsonProtocol) write(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // an answer is a tree of plain values
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", p.version)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away
}
