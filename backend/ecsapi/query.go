package ecsapi

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// queryProtocol is AWS query: a form goes in, XML comes out.
type queryProtocol struct{}

// namespaces are those of the answers of each service.
func namespaces() map[string]string {
	return map[string]string{
		serviceSTS: "https://sts.amazonaws.com/doc/2011-06-15/",
		serviceCW:  "http://monitoring.amazonaws.com/doc/2010-08-01/",
		serviceELB: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
		serviceIAM: "https://iam.amazonaws.com/doc/2010-05-08/",
	}
}

func (queryProtocol) decode(c *call, body []byte) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return failf(http.StatusBadRequest, "MalformedQueryString", "%v", err)
	}
	c.action = form.Get("Action")
	tree, err := formTree(form)
	if err != nil {
		return err
	}
	c.body, err = json.Marshal(tree)
	return err
}

func (queryProtocol) answer(w http.ResponseWriter, c *call, out any) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=%q><%sResult>", c.action, namespaces()[c.service], c.action)
	xmlWriter{element: "member"}.write(&b, out)
	fmt.Fprintf(&b, "</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>",
		c.action, w.Header().Get("X-Amzn-Requestid"), c.action)
	writeBody(w, http.StatusOK, "text/xml", b.Bytes())
}

func (queryProtocol) fail(w http.ResponseWriter, e *apiError) {
	who := "Sender"
	if e.status >= http.StatusInternalServerError {
		who = "Receiver"
	}
	var b bytes.Buffer
	b.WriteString("<ErrorResponse><Error>")
	xmlWriter{}.write(&b, obj{"Type": who, "Code": e.code, "Message": e.message})
	fmt.Fprintf(&b, "</Error><RequestId>%s</RequestId></ErrorResponse>", w.Header().Get("X-Amzn-Requestid"))
	writeBody(w, e.status, "text/xml", b.Bytes())
}

func writeBody(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away
}

// xmlWriter writes a tree as query answers have it: an element a member, and for
// those of lists an element of its own.
type xmlWriter struct{ element string }

func (w xmlWriter) write(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case obj:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			fmt.Fprintf(b, "<%s>", k)
			w.write(b, v[k])
			fmt.Fprintf(b, "</%s>", k)
		}
	case []any:
		for _, item := range v {
			fmt.Fprintf(b, "<%s>", w.element)
			w.write(b, item)
			fmt.Fprintf(b, "</%s>", w.element)
		}
	case stamp:
		b.WriteString(time.Time(v).UTC().Format(time.RFC3339))
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	default:
		_ = xml.EscapeText(b, fmt.Append(nil, v)) // a buffer does not fail
	}
}

// formTree turns "A.member.1.B=x" into the tree that the JSON protocols would
// have had, so that one operation serves them all. Its leaves are strings.
func formTree(form url.Values) (any, error) {
	root := obj{}
	for key, values := range form {
		path := splitDots(key)
		if len(values) == 0 || len(path) == 0 {
			continue
		}
		if err := plant(root, path, values[0]); err != nil {
			return nil, err
		}
	}
	return lists(root), nil
}

func splitDots(key string) []string {
	var out []string
	for p := range strings.SplitSeq(key, ".") {
		if p != "member" {
			out = append(out, p)
		}
	}
	return out
}

func plant(at obj, path []string, value string) error {
	for _, p := range path[:len(path)-1] {
		next, ok := at[p].(obj)
		if !ok {
			if at[p] != nil {
				return failf(http.StatusBadRequest, "MalformedQueryString", "%s is there twice", backend.Clean(p))
			}
			next = obj{}
			at[p] = next
		}
		at = next
	}
	at[path[len(path)-1]] = value
	return nil
}

// lists turns objects whose keys are numbers into lists, in their order.
func lists(v any) any {
	o, ok := v.(obj)
	if !ok {
		return v
	}
	var numbers []int
	for k := range o {
		if n, err := strconv.Atoi(k); err == nil {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == len(o) && len(o) > 0 {
		slices.Sort(numbers)
		out := make([]any, 0, len(numbers))
		for _, n := range numbers {
			out = append(out, lists(o[strconv.Itoa(n)]))
		}
		return out
	}
	for k := range o {
		o[k] = lists(o[k])
	}
	return o
}
