package ecsapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Limits of CloudWatch Logs, from its API reference.
const (
	groupsPage   = 50
	streamsPage  = 50
	mostEvents   = 10000
	mostLogBytes = 1 << 20
	mostStreams  = 100 // named in one FilterLogEvents
	eventBytes   = 26  // what CloudWatch counts for an event besides its text
)

// logs are the operations of CloudWatch Logs that read. Log groups are there
// because task definitions name them, and streams because tasks write.
func (h *Handler) logs() map[string]operation {
	return map[string]operation{
		"DescribeLogGroups":  typed(h.describeLogGroups),
		"DescribeLogStreams": typed(h.describeLogStreams),
		"FilterLogEvents":    typed(h.filterLogEvents),
		"GetLogEvents":       typed(h.getLogEvents),
		"StartLiveTail":      typed(h.startLiveTail),
	}
}

func noSuchGroup() error {
	return failf(http.StatusBadRequest, "ResourceNotFoundException", "The specified log group does not exist.")
}

func noSuchStream() error {
	return failf(http.StatusBadRequest, "ResourceNotFoundException", "The specified log stream does not exist.")
}

// millis is a time as CloudWatch Logs has it, and back; 0 is absent.
func millis(at time.Time) int64 { return at.UnixMilli() }

func fromMillis(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

type logGroupsInput struct {
	Prefix  string `json:"logGroupNamePrefix"`
	Pattern string `json:"logGroupNamePattern"`
	Limit   int    `json:"limit"`
	Token   string `json:"nextToken"`
}

func (h *Handler) describeLogGroups(ctx context.Context, in *logGroupsInput) (any, error) {
	ix := h.index()
	groups, err := ix.groups(ctx)
	if err != nil {
		return nil, err
	}
	p, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range groups {
		if strings.HasPrefix(name, in.Prefix) && strings.Contains(strings.ToLower(name), strings.ToLower(in.Pattern)) {
			names = append(names, name)
		}
	}
	if h.account != nil {
		for _, name := range h.account.LogGroups {
			if _, named := groups[name]; !named && strings.HasPrefix(name, in.Prefix) && strings.Contains(strings.ToLower(name), strings.ToLower(in.Pattern)) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	names, next, err := cut("DescribeLogGroups "+in.Prefix+" "+in.Pattern, in.Token, names, in.Limit, groupsPage)
	if err != nil {
		return nil, err
	}
	return obj{"logGroups": each(names, func(name string) obj {
		o := obj{"logGroupName": name, "arn": p.arn("logs", "log-group:"+name+":*"), "logGroupArn": p.arn("logs", "log-group:"+name)}
		o["storedBytes"], o["metricFilterCount"], o["logGroupClass"] = 0, 0, "STANDARD"
		if at := groups[name]; !at.IsZero() {
			o["creationTime"] = millis(at)
		}
		return o
	})}.put("nextToken", next), nil
}

type logStreamsInput struct {
	Group      string `json:"logGroupName"`
	Identifier string `json:"logGroupIdentifier"`
	Prefix     string `json:"logStreamNamePrefix"`
	OrderBy    string `json:"orderBy"`
	Descending bool   `json:"descending"`
	Limit      int    `json:"limit"`
	Token      string `json:"nextToken"`
}

func (h *Handler) describeLogStreams(ctx context.Context, in *logStreamsInput) (any, error) {
	ix := h.index()
	group := groupName(in.Group, in.Identifier)
	streams, err := ix.streams(ctx, group)
	if err != nil {
		return nil, err
	}
	streams = slices.DeleteFunc(streams, func(s stream) bool { return !strings.HasPrefix(s.name, in.Prefix) })
	byTime := in.OrderBy == "LastEventTime"
	if byTime && in.Prefix != "" {
		return nil, invalidf("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	last := map[string]int64{}
	if byTime {
		if last, err = h.lastEvents(ctx, streams); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(streams, func(a, b stream) int {
		if d := last[a.name] - last[b.name]; d != 0 {
			return int(max(-1, min(1, d)))
		}
		return strings.Compare(a.name, b.name)
	})
	if in.Descending {
		slices.Reverse(streams)
	}
	streams, next, err := cut("DescribeLogStreams "+group+" "+in.Prefix+" "+in.OrderBy, in.Token, streams, in.Limit, streamsPage)
	if err != nil {
		return nil, err
	}
	if !byTime {
		if last, err = h.lastEvents(ctx, streams); err != nil {
			return nil, err
		}
	}
	p, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	return obj{"logStreams": each(streams, func(s stream) obj {
		o := obj{
			"logStreamName": s.name, "creationTime": millis(s.created), "storedBytes": 0,
			"arn": p.arn("logs", "log-group:"+group+":log-stream:"+s.name),
		}
		if at := last[s.name]; at > 0 {
			o["firstEventTimestamp"], o["lastEventTimestamp"], o["lastIngestionTime"] = millis(s.created), at, at
		}
		return o
	})}.put("nextToken", next), nil
}

// lastEvents are the times of the last lines of streams, by name.
func (h *Handler) lastEvents(ctx context.Context, streams []stream) (map[string]int64, error) {
	last := map[string]int64{}
	err := h.lines(ctx, streams, backend.LogQuery{Tail: 1}, func(e event) bool {
		last[e.stream] = max(last[e.stream], millis(e.at))
		return true
	})
	return last, err
}

// groupName is the name of a log group that is given by name or by ARN.
func groupName(name, identifier string) string {
	if name != "" {
		return name
	}
	if _, rest, ok := strings.Cut(identifier, ":log-group:"); ok {
		return strings.TrimSuffix(rest, ":*")
	}
	return identifier
}
