package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	attemptEvery   = 2 * time.Second
	attemptTimeout = 5 * time.Second
	bodyRead       = 64 << 10 // that the wanted text is looked for in
	bodyShown      = 200
)

// smoke checks what the rollout brought. Where that is not as it should be, it is
// rolled back.
func (r *run) smoke(ctx context.Context, f *follower, td backend.TaskDefinition, stable Ended) {
	h := r.plan.Request.Hooks.Smoke
	s, ok := r.start(ctx, Check, h.subject(td))
	if !ok {
		return
	}
	var err error
	summary := ""
	if h.Task != nil {
		summary, err = "exit code 0", r.hookTask(ctx, Check, h.Task, td)
	} else {
		summary, err = r.ask(ctx, h, td)
	}
	switch {
	case r.out.gone:
	case err == nil:
		r.remember(ctx, td, false)
		if s.finish(summary, "", "") {
			stable.At = r.opts.Clock.Now()
			stable.Elapsed = stable.At.Sub(r.began)
			r.finish(ctx, stable)
		}
	case ctx.Err() != nil:
		s.fail(ctx, err)
	case s.broke(err):
		r.remember(ctx, td, true)
		r.undo(ctx, f, td, r.ended(Failed, "the smoke check of "+td.Ref()+" failed: "+cause(err), backend.AdviceFor(err), err))
	}
}

// ask makes requests until one is answered as wanted, or the time is over.
func (r *run) ask(ctx context.Context, h *Smoke, td backend.TaskDefinition) (summary string, err error) {
	c := &checker{r: r, h: h, td: td}
	defer c.close()
	clock := r.opts.Clock
	began := clock.Now()
	for n := 1; ; n++ {
		next := clock.After(attemptEvery)
		a := c.attempt(ctx, n, h.Within-clock.Now().Sub(began))
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if !r.out.emit(a) {
			return "", context.Canceled
		}
		tries := strconv.Itoa(n) + " attempts"
		if n == 1 {
			tries = "1 attempt"
		}
		switch left := h.Within - clock.Now().Sub(began); {
		case a.Err == "":
			return fmt.Sprintf("status %d, %s", a.Status, tries), nil
		case left < attemptEvery:
			return "", &backend.Error{
				Op: "GET", Kind: backend.Other, Resource: a.URL, Err: fmt.Errorf("%s (%s in %s)", a.Err, tries, spell(clock.Now().Sub(began).Round(time.Second))),
				Remedy: "look at what its tasks log; the check's path, status and time are in the app file",
			}
		}
		select {
		case <-ctx.Done():
		case <-next:
		}
	}
}

// checker makes the requests of one check.
type checker struct {
	r       *run
	h       *Smoke
	td      backend.TaskDefinition
	address []backend.Address
	client  *http.Client
}

// attempt makes one request. Its Err says what is wrong with the answer.
func (c *checker) attempt(ctx context.Context, n int, left time.Duration) Attempt {
	a := Attempt{Number: n, At: c.r.opts.Clock.Now(), URL: c.h.URL}
	ctx, cancel := context.WithTimeout(ctx, min(max(left, time.Second), attemptTimeout))
	defer cancel()
	if a.URL == "" {
		to, err := c.where(ctx, n)
		if err != nil {
			a.URL, a.Err = c.h.Path, backend.Clean(err.Error())
			return a
		}
		a.URL = to.URL(c.h.Path)
	}
	status, body, err := c.get(ctx, a.URL)
	a.Took = c.r.opts.Clock.Now().Sub(a.At)
	if err != nil {
		c.address = nil // a task may have taken the place of another
		a.Err = c.r.veiled("no answer: " + unwrapURL(err))
		return a
	}
	a.Status, a.Body = status, c.r.veiled(shorten(body))
	switch {
	case !statusFits(c.h.Status, status):
		a.Err = fmt.Sprintf("gave %d instead of %s", status, c.h.wanted())
	case !strings.Contains(body, c.h.Body):
		a.Err = fmt.Sprintf("gave %d, and a body without %q", status, c.h.Body)
	}
	if a.Err != "" && a.Body != "" {
		a.Err += ": " + a.Body
	}
	return a
}

// where is an address of the service; of several, each in its turn.
func (c *checker) where(ctx context.Context, n int) (backend.Address, error) {
	if len(c.address) > 0 {
		return c.address[n%len(c.address)], nil
	}
	req := c.r.plan.Request
	container, port, problem := c.td.MappedPort(c.h.Container, c.h.Port)
	if problem != "" {
		return backend.Address{}, errors.New(problem)
	}
	tasks, err := runningTasks(ctx, c.r.b, req.Cluster, req.Service.Name, c.td.ARN)
	if err != nil {
		return backend.Address{}, err
	}
	c.address, err = c.r.b.ServiceAddresses(ctx, backend.AddressQuery{
		Cluster: req.Cluster, Service: c.r.plan.serviceDocument(), TaskDefinition: c.td, Container: container, Port: port, Tasks: tasks,
	})
	if err == nil && (len(c.address) == 0 || c.address[0].Host == "" || c.address[0].Port == 0) {
		c.address, err = nil, errors.New("no task runs that could be asked")
	}
	if err != nil {
		return backend.Address{}, err
	}
	return c.address[n%len(c.address)], nil
}

// runningTasks are the tasks of a service that run a revision.
func runningTasks(ctx context.Context, b backend.TaskReader, cluster, service, definition string) ([]backend.Task, error) {
	page, err := b.ListTasks(ctx, backend.TaskQuery{Cluster: cluster, Service: service}, backend.PageRequest{})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	all, err := b.DescribeTasks(ctx, cluster, page.Items[:min(len(page.Items), 100)])
	var out []backend.Task
	for _, t := range all {
		if t.LastStatus == backend.Running && t.DesiredStatus != backend.TaskStopped && t.TaskDefinition == definition {
			out = append(out, t)
		}
	}
	return out, err
}

// get makes a request, or lets a backend answer that is on no network. It
// follows no redirect: what is written in the app file is what is checked.
func (c *checker) get(ctx context.Context, to string) (status int, body string, err error) {
	if p, ok := c.r.b.(backend.Prober); ok {
		answer, err := p.Probe(ctx, backend.ProbeRequest{Cluster: c.r.plan.Request.Cluster, Service: c.r.plan.Request.Service.Name, URL: to})
		return answer.Status, answer.Body, err
	}
	if c.client == nil {
		c.client = &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, // each attempt is a new one
				DialContext: (&net.Dialer{Timeout: attemptTimeout}).DialContext,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", "ecs-tui")
	res, err := c.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, bodyRead))
	return res.StatusCode, string(text), err
}

func (c *checker) close() {
	if c.client != nil {
		c.client.CloseIdleConnections()
	}
}

// statusFits holds a status against "200", "2xx" or "".
func statusFits(want string, got int) bool {
	if want == "" {
		want = "2xx"
	}
	if class, ok := strings.CutSuffix(want, "xx"); ok {
		return strconv.Itoa(got/100) == class
	}
	return strconv.Itoa(got) == want
}

// shorten is the beginning of a body, in one line.
func shorten(body string) string {
	text := []rune(strings.Join(strings.Fields(backend.Clean(body)), " "))
	if len(text) > bodyShown {
		return string(text[:bodyShown]) + " …"
	}
	return string(text)
}

// unwrapURL is what went wrong with a request, without the address that it was for.
func unwrapURL(err error) string {
	var e *url.Error
	if errors.As(err, &e) {
		if e.Timeout() {
			return "timed out"
		}
		err = e.Err
	}
	return backend.Clean(err.Error())
}

// cause is an error without the operation and the resource in front of it, which
// the step names already.
func cause(err error) string {
	var e *backend.Error
	if errors.As(err, &e) && e.Op == "" {
		return e.Resource + " " + e.Err.Error()
	}
	if errors.As(err, &e) && e.Op == "GET" {
		return e.Op + " " + e.Resource + " " + e.Err.Error()
	}
	return err.Error()
}
