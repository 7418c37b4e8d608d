package aws

import "testing"

// Who a trust policy lets in, in all the ways that policies are written.
func TestTrust(t *testing.T) {
	const tasks = `"Principal":{"Service":"ecs-tasks.amazonaws.com"}`
	allow := func(rest string) string { return `{"Effect":"Allow",` + rest + `}` }
	for name, c := range map[string]struct {
		statements string
		want       bool
	}{
		"plain":             {allow(tasks + `,"Action":"sts:AssumeRole"`), true},
		"list":              {allow(`"Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":["sts:TagSession","sts:AssumeRole"]`), true},
		"one statement":     {`[` + allow(`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`) + `,` + allow(tasks+`,"Action":"sts:AssumeRole"`) + `]`, true},
		"wildcard":          {allow(tasks + `,"Action":"sts:*"`), true},
		"another case":      {allow(tasks + `,"Action":"STS:assume?ole"`), true},
		"everybody":         {allow(`"Principal":"*","Action":"*"`), true},
		"every account":     {allow(`"Principal":{"AWS":"*"},"Action":"sts:AssumeRole"`), true},
		"another action":    {allow(tasks + `,"Action":"sts:AssumeRoleWithWebIdentity"`), false},
		"not that action":   {allow(tasks + `,"NotAction":"sts:AssumeRole*"`), false},
		"another service":   {allow(`"Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"`), false},
		"an account":        {allow(`"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"`), false},
		"denied":            {`[` + allow(tasks+`,"Action":"sts:AssumeRole"`) + `,{"Effect":"Deny","Principal":"*","Action":"sts:*"}]`, false},
		"denied to others":  {`[` + allow(tasks+`,"Action":"sts:AssumeRole"`) + `,{"Effect":"Deny","NotPrincipal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:*"}]`, true},
		"denied sometimes":  {`[` + allow(tasks+`,"Action":"sts:AssumeRole"`) + `,{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]`, true},
		"for this account":  {allow(tasks + `,"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnLike":{"aws:SourceArn":"arn:aws:ecs:*"}}`), true},
		"for another":       {allow(tasks + `,"Action":"sts:AssumeRole","Condition":{"StringEquals":{"AWS:SourceAccount":["210987654321"]}}`), false},
		"for some accounts": {allow(tasks + `,"Action":"sts:AssumeRole","Condition":{"StringLike":{"aws:SourceAccount":"1234*"}}`), true},
		"nothing":           {`[]`, false},
	} {
		p, err := parseTrust(`{"Version":"2012-10-17","Statement":` + c.statements + `}`)
		if err != nil || p.lets("ecs-tasks.amazonaws.com", "123456789012") != c.want {
			t.Errorf("%s: %v, %v", name, !c.want, err)
		}
	}
	// IAM encodes the policy for an address.
	if p, err := parseTrust("%7B%22Statement%22%3A%5B%5D%7D"); err != nil || p.lets("x", "") {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := parseTrust("nonsense"); err == nil {
		t.Error("nonsense can be read")
	}
}
