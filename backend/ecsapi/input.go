package ecsapi

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// when is a time in a request: seconds since 1970 in JSON and CBOR, text in
// query. The zero value is absent.
type when time.Time

// UnmarshalJSON takes both forms.
func (w *when) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return nil
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		*w = when(time.UnixMicro(int64(seconds * 1e6)))
		return nil
	}
	var at time.Time
	if err := json.Unmarshal(raw, &at); err != nil {
		return err
	}
	*w = when(at)
	return nil
}

// count is a whole number in a request, which query writes as text.
type count int

// UnmarshalJSON takes both forms.
func (c *count) UnmarshalJSON(raw []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	*c = count(n)
	return err
}
