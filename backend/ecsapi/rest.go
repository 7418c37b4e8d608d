package ecsapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// restProtocol is AWS's REST JSON, as far as EventBridge Scheduler uses it: what
// is called stands in method and path, and what is missing in the body stands in
// path and query.
type restProtocol struct {
	jsonProtocol
	given map[string]string // members of the input from path and query
}

// restful reads method and path of a call to EventBridge Scheduler:
// "PUT /schedules/nightly".
func restful(c *call, r *http.Request) {
	wire := restProtocol{jsonProtocol{version: "application/json"}, map[string]string{}}
	for key, values := range r.URL.Query() {
		if len(values) > 0 {
			// ListSchedules has "ScheduleGroup", the others "groupName".
			member := strings.ToUpper(key[:min(1, len(key))]) + key[min(1, len(key)):]
			if member == "ScheduleGroup" {
				member = "GroupName"
			}
			wire.given[member] = values[0]
		}
	}
	kind, name, one := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if plain, err := url.PathUnescape(name); err == nil && one {
		wire.given["Name"] = plain
	}
	c.wire, c.action = wire, r.Method+" /"+kind
	noun := map[string]string{"schedules": "Schedule", "schedule-groups": "ScheduleGroup"}[kind]
	verb := map[string]string{http.MethodPost: "Create", http.MethodPut: "Update", http.MethodGet: "Get", http.MethodDelete: "Delete"}[r.Method]
	switch {
	case noun == "" || verb == "":
	case one:
		c.action = verb + noun
	case r.Method == http.MethodGet:
		c.action = "List" + noun + "s"
	}
}

func (p restProtocol) decode(c *call, body []byte) error {
	if err := p.jsonProtocol.decode(c, body); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := bind(c, &members); err != nil {
		return err
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	for member, text := range p.given {
		raw, err := json.Marshal(text)
		if err != nil {
			return err
		}
		members[member] = raw
	}
	whole, err := json.Marshal(members)
	c.body = whole
	return err
}

func (p restProtocol) fail(w http.ResponseWriter, e *apiError) {
	w.Header().Set("X-Amzn-Errortype", e.code)
	p.write(w, e.status, obj{"Message": e.message})
}
