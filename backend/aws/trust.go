package aws

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// trustPolicy is who may assume a role ("IAM JSON policy elements reference" in
// IAM's user guide).
type trustPolicy struct {
	Statements oneOrMore[trustStatement] `json:"Statement"`
}

type trustStatement struct {
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       oneOrMore[string]
	NotAction    oneOrMore[string]
	Condition    map[string]map[string]oneOrMore[string]
}

// oneOrMore is a list in which one element may stand without brackets.
type oneOrMore[T any] []T

// UnmarshalJSON takes both forms.
func (l *oneOrMore[T]) UnmarshalJSON(raw []byte) error {
	var all []T
	if json.Unmarshal(raw, &all) == nil {
		*l = all
		return nil
	}
	var one T
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*l = []T{one}
	return nil
}

// principals are whom a statement is about; everybody is "*", by itself or as
// an account.
type principals struct {
	given    bool
	everyone bool
	services []string
}

// UnmarshalJSON takes "*" and {"Service": …}.
func (p *principals) UnmarshalJSON(raw []byte) error {
	p.given = true
	var text string
	if json.Unmarshal(raw, &text) == nil {
		p.everyone = text == "*"
		return nil
	}
	var by map[string]oneOrMore[string]
	if err := json.Unmarshal(raw, &by); err != nil {
		return err
	}
	p.services = by["Service"]
	p.everyone = slices.Contains(by["AWS"], "*") || slices.Contains(p.services, "*")
	return nil
}

func (p principals) has(service string) bool {
	return p.everyone || slices.Contains(p.services, service)
}

// parseTrust reads a trust policy as IAM gives it, encoded for an address.
func parseTrust(document string) (trustPolicy, error) {
	var p trustPolicy
	text, err := url.PathUnescape(strings.ReplaceAll(document, "+", "%20"))
	if err != nil {
		text = document
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("its trust policy can't be read: %w", err)
	}
	return p, nil
}

// lets says whether a service of AWS may assume the role for an account: some
// statement allows it, and none denies it whatever the circumstances.
func (p trustPolicy) lets(service, account string) bool {
	allowed := false
	for _, s := range p.Statements {
		if !s.about(service) {
			continue
		}
		switch {
		case s.Effect == "Deny" && len(s.Condition) == 0:
			return false
		case s.Effect == "Allow" && s.holdsFor(account):
			allowed = true
		}
	}
	return allowed
}

// about says whether a statement is about a service assuming the role.
func (s trustStatement) about(service string) bool {
	const action = "sts:AssumeRole"
	who := s.Principal.given && s.Principal.has(service) || s.NotPrincipal.given && !s.NotPrincipal.has(service)
	if len(s.NotAction) > 0 {
		return who && !slices.ContainsFunc(s.NotAction, func(pattern string) bool { return globs(pattern, action) })
	}
	return who && slices.ContainsFunc(s.Action, func(pattern string) bool { return globs(pattern, action) })
}

// holdsFor says whether the conditions of a statement can hold when ECS assumes
// the role for an account. Only the account is looked at: of the others nobody
// knows beforehand.
func (s trustStatement) holdsFor(account string) bool {
	for operator, keys := range s.Condition {
		like := strings.HasPrefix(operator, "StringLike")
		if !like && !strings.HasPrefix(operator, "StringEquals") {
			continue
		}
		for key, values := range keys {
			if !strings.EqualFold(key, "aws:SourceAccount") || account == "" {
				continue
			}
			if !slices.ContainsFunc(values, func(v string) bool { return v == account || like && globs(v, account) }) {
				return false
			}
		}
	}
	return true
}

// globs says whether a text matches a pattern with * and ?, in any case of
// letters, as actions do.
func globs(pattern, text string) bool {
	return glob(strings.ToLower(pattern), strings.ToLower(text))
}

func glob(pattern, text string) bool {
	star, back := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			back++
			p, t = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
