package backend

import (
	"strings"
	"testing"
)

// One note names what a backend without an account can't check, and only what
// the documents name.
func TestUnchecked(t *testing.T) {
	td, err := ParseTaskDefinition(Document(`{"family":"f","executionRoleArn":"arn:aws:iam::1:role/x","containerDefinitions":[{"name":"a","image":"i",
		"secrets":[{"name":"S","valueFrom":"s"}],"logConfiguration":{"logDriver":"awslogs","options":{}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := ParseServiceSpec(Document(`{"serviceName":"s","networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"]}},"loadBalancers":[{"targetGroupArn":"t"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for want, found := range map[string][]Finding{
		"roles, secrets, log groups, target groups, subnets": Unchecked(VerifyRequest{TaskDefinition: td, Service: &spec}),
		"roles, log groups": Unchecked(VerifyRequest{TaskDefinition: td}, "secrets"),
	} {
		if len(found) != 1 || found[0].Severity != Note || !strings.HasSuffix(found[0].Message, ": "+want) || found[0].Remedy == "" {
			t.Errorf("%+v, want %s", found, want)
		}
	}
	if found := Unchecked(VerifyRequest{TaskDefinition: TaskDefinition{Family: "f"}}); len(found) > 0 {
		t.Errorf("%+v of nothing", found)
	}
}
