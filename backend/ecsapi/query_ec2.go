package ecsapi

import (
	"bytes"
	"fmt"
	"net/http"
)

// ec2Protocol is the query protocol as EC2 has it: a form goes in as elsewhere,
// the answer stands without a result around it, and the elements of its lists
// are "item".
type ec2Protocol struct{ queryProtocol }

func (ec2Protocol) answer(w http.ResponseWriter, c *call, out any) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>%s</requestId>", c.action, w.Header().Get("X-Amzn-Requestid"))
	xmlWriter{element: "item"}.write(&b, out)
	fmt.Fprintf(&b, "</%sResponse>", c.action)
	writeBody(w, http.StatusOK, "text/xml", b.Bytes())
}

func (ec2Protocol) fail(w http.ResponseWriter, e *apiError) {
	var b bytes.Buffer
	b.WriteString("<Response><Errors><Error>")
	xmlWriter{}.write(&b, obj{"Code": e.code, "Message": e.message})
	fmt.Fprintf(&b, "</Error></Errors><RequestID>%s</RequestID></Response>", w.Header().Get("X-Amzn-Requestid"))
	writeBody(w, e.status, "text/xml", b.Bytes())
}
