package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// inspectFor bounds the questions about an account: a plan is waited for.
	inspectFor = 8 * time.Second
	// inspectors is how many of them are under way at a time.
	inspectors = 6
)

// inspection looks whether what the documents name is there, and fits. Each
// question is asked once, however often the documents name the thing, and one
// that can't be answered is a note: it never stops a deploy.
type inspection struct {
	b       *Backend
	req     backend.VerifyRequest
	on      standing
	region  string
	account string // "" where it is not known

	questions []func(ctx context.Context) verdict

	mu        sync.Mutex // what was found in VPCs, which are compared in the end
	vpcs      []placed   // subnets
	firewalls []placed   // security groups
	groups    []placed   // target groups
}

// placed is a thing in a VPC, and where the documents name it.
type placed struct{ path, id, vpc string }

// verdict is the answer to one question.
type verdict struct {
	findings []backend.Finding
	cannot   []cannot
}

// cannot is what a question could not find out, and why.
type cannot struct {
	path   string
	what   string // "the role app"
	action string // the permission that it takes, "iam:GetRole"
	err    error
}

func (v *verdict) problem(path, remedy, format string, args ...any) {
	v.add(backend.Problem, path, remedy, format, args...)
}

func (v *verdict) add(s backend.Severity, path, remedy, format string, args ...any) {
	v.findings = append(v.findings, backend.Finding{
		Severity: s, Path: backend.Clean(path), Message: backend.Clean(fmt.Sprintf(format, args...)), Remedy: backend.Clean(remedy),
	})
}

func (v *verdict) unknown(path, what, action string, err error) {
	v.cannot = append(v.cannot, cannot{path, what, action, err})
}

// ask adds a question.
func (i *inspection) ask(question func(ctx context.Context) verdict) {
	i.questions = append(i.questions, question)
}

// inspect asks everything that the documents give reason to.
func (b *Backend) inspect(ctx context.Context, cluster string, req backend.VerifyRequest) ([]backend.Finding, error) {
	i := &inspection{b: b, req: req, on: standingOn(req.Service), region: b.region()}
	if f := strings.SplitN(cluster, ":", 6); len(f) == 6 {
		i.account = f[4]
	}
	i.roles()
	i.images()
	i.secrets()
	i.logGroups()
	i.targets()
	i.network()
	bounded, cancel := context.WithTimeout(ctx, b.inspectFor)
	defer cancel()
	all := i.answers(bounded)
	if ctx.Err() != nil {
		return nil, b.wrap("Verify", "", ctx.Err())
	}
	all = append(all, i.oneVPC())
	var out []backend.Finding
	var open []cannot
	for _, v := range all {
		out, open = append(out, v.findings...), append(open, v.cannot...)
	}
	return append(out, notes(open)...), nil
}

// answers asks a few questions at a time; the answers come in the order in which
// they were asked.
func (i *inspection) answers(ctx context.Context) []verdict {
	all := make([]verdict, len(i.questions), len(i.questions)+1)
	slots := make(chan struct{}, inspectors)
	var wg sync.WaitGroup
	for n, question := range i.questions {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			all[n] = question(ctx)
		})
	}
	wg.Wait()
	return all
}

// notes say what could not be checked: one for everything that the same
// permission, or the same trouble, stands in the way of.
func notes(open []cannot) []backend.Finding {
	var out []backend.Finding
	for len(open) > 0 {
		why, remedy := reason(open[0])
		same := func(c cannot) bool { w, r := reason(c); return w == why && r == remedy }
		var names []string
		for _, c := range open {
			if same(c) && !slices.Contains(names, c.what) {
				names = append(names, c.what)
			}
		}
		path := open[0].path
		if len(names) > 1 {
			path = "" // there is no one place
		}
		out = append(out, backend.Finding{
			Severity: backend.Note, Path: backend.Clean(path),
			Message: backend.Clean("not checked: " + few(names) + ": " + why), Remedy: backend.Clean(remedy),
		})
		open = slices.DeleteFunc(open, same)
	}
	return out
}

// reason is why something could not be checked, and what to do about it.
func reason(c cannot) (why, remedy string) {
	var e *backend.Error
	switch {
	case errors.As(c.err, &e) && e.Kind == backend.Denied && !strings.Contains(e.Remedy, "clock"):
		return "this needs the permission " + c.action, "allow it to have this checked; a deploy works without"
	case errors.As(c.err, &e) && (e.Kind == backend.Unreachable || e.Kind == backend.Throttled):
		return e.Err.Error(), "verify again to have this checked; a deploy works without"
	case errors.As(c.err, &e):
		return e.Err.Error(), e.Remedy
	default:
		return c.err.Error(), ""
	}
}

// few names some things, and counts the rest.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// placesOf gathers the places in which the documents name each thing, so that it
// is asked for once. order is that of the documents.
type placesOf[K comparable] struct {
	order []K
	paths map[K][]string
}

func (p *placesOf[K]) add(key K, path string) {
	if p.paths == nil {
		p.paths = map[K][]string{}
	}
	if _, known := p.paths[key]; !known {
		p.order = append(p.order, key)
	}
	if !slices.Contains(p.paths[key], path) {
		p.paths[key] = append(p.paths[key], path)
	}
}

// splitARN takes "arn:aws:iam::123456789012:role/app" apart. ok is false for what
// is no ARN.
func splitARN(s string) (service, region, account, resource string, ok bool) {
	f := strings.SplitN(s, ":", 6)
	if len(f) != 6 || f[0] != "arn" {
		return "", "", "", "", false
	}
	return f[2], f[3], f[4], f[5], true
}

// elsewhere says whether an account is another one than that of the cluster.
func (i *inspection) elsewhere(account string) bool {
	return account != "" && i.account != "" && account != i.account
}

var errOtherAccount = errors.New("it belongs to another account, which can't be asked from here")
