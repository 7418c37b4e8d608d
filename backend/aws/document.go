package aws

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// moment is a time on the wire: seconds since 1970 with a fraction, or text.
type moment struct{ time.Time }

// UnmarshalJSON takes both; what it cannot read is no time.
func (m *moment) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		m.Time = fromEpoch(seconds)
	} else if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		m.Time = t.UTC()
	}
	return nil
}

func fromEpoch(seconds float64) time.Time {
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
}

// text is text from outside: clean as soon as it is there.
type text string

// UnmarshalJSON reads and cleans.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*t = text(backend.Clean(s))
	return nil
}

func (t text) String() string { return string(t) }

// documentOf is what came over the wire, with its times written as the AWS
// command line writes them.
func documentOf(raw json.RawMessage) backend.Document {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree map[string]any
	if dec.Decode(&tree) != nil {
		return backend.Document(raw)
	}
	stampTimes(tree)
	out, err := json.Marshal(tree)
	if err != nil {
		return backend.Document(raw)
	}
	return out
}

// isTime says whether a field of that name is a time: createdAt, stoppedAt and
// so on, and ECR's lastRecordedPullTime.
func isTime(field string) bool {
	return strings.HasSuffix(field, "At") || strings.HasSuffix(field, "PullTime")
}

// stampTimes rewrites the fields that are times.
func stampTimes(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			number, isNumber := child.(json.Number)
			if !isNumber || !isTime(k) {
				stampTimes(child)
				continue
			}
			if seconds, err := number.Float64(); err == nil {
				v[k] = fromEpoch(seconds).Format("2006-01-02T15:04:05.000Z07:00")
			}
		}
	case []any:
		for _, child := range v {
			stampTimes(child)
		}
	}
}

// failure is one entry of the failures beside an answer.
type failure struct {
	ARN    text `json:"arn"`
	Reason text `json:"reason"`
	Detail text `json:"detail"`
}
