package ecsapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// world is a demo behind a real server on the loopback.
type world struct {
	*endpoint
	b *demo.Backend
}

// endpoint is a server, and how clients of the AWS SDK reach it.
type endpoint struct {
	url string
	cfg aws.Config
}

// serve opens a world. wrap, if not nil, stands between the clients and the
// handler.
func serve(t *testing.T, opts demo.Options, wrap func(http.Handler) http.Handler) *world {
	t.Helper()
	return serveWith(t, opts, ecsapi.Options{}, wrap)
}

func serveWith(t *testing.T, opts demo.Options, options ecsapi.Options, wrap func(http.Handler) http.Handler) *world {
	t.Helper()
	opts.Speed, opts.Quiet = 50, true
	b := demo.New(opts)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	var h http.Handler = ecsapi.New(b, options)
	if wrap != nil {
		h = wrap(h)
	}
	return &world{b: b, endpoint: listen(t, h)}
}

// listen serves a handler until the test ends.
func listen(t *testing.T, h http.Handler) *endpoint {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	// A config made by hand: no file and no metadata service is asked.
	return &endpoint{url: srv.URL, cfg: aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: &srv.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		// One try, so that a test sees what the server said first.
		RetryMaxAttempts: 1,
	}}
}

func (e *endpoint) ecs() *ecs.Client { return ecs.NewFromConfig(e.cfg) }

// eventually looks again and again until ok.
func eventually(t *testing.T, what string, look func() (ok bool, state string)) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute) // generous: the machine may be busy
	for {
		ok, state := look()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not %s in time: %s", what, state)
		}
	}
}
