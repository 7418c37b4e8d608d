package aws

import (
	"context"
	"net"
	"net/http"
	"os"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// callTimeout bounds a call with all its attempts, attemptTimeout one of
	// them, from the first byte sent to the last one read.
	callTimeout    = 45 * time.Second
	attemptTimeout = 10 * time.Second
	dialTimeout    = 4 * time.Second
	// attempts and maxBackoff shape the retries: with jitter, up to the time of
	// the call.
	attempts   = 4
	maxBackoff = 5 * time.Second
)

// clients are the SDK's clients of one configuration.
type clients struct {
	region, endpoint, profile string

	ecs  *ecs.Client
	ecr  *ecr.Client
	logs *cloudwatchlogs.Client
	cw   *cloudwatch.Client
	sts  *sts.Client
	cfg  awssdk.Config // for the services of which a call or two is made

	elb       *elasticloadbalancingv2.Client
	scaling   *applicationautoscaling.Client
	discovery *servicediscovery.Client
	scheduler *scheduler.Client

	credentials awssdk.CredentialsProvider
	// plain calls without limits and signatures: what a session's channel needs.
	plain     *http.Client
	closeIdle func()
}

// connect gives the clients, once there are credentials.
func (b *Backend) connect(ctx context.Context) (*clients, error) {
	c, err := b.load(ctx)
	if err != nil {
		return nil, err
	}
	return c, b.codeGiven(ctx, c)
}

// load loads the configuration, once. A failure is not kept: whoever logs in
// meanwhile only has to refresh.
func (b *Backend) load(ctx context.Context) (*clients, error) {
	if err := ctx.Err(); err != nil {
		return nil, b.wrap("Connect", "", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.clients != nil {
		return b.clients, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, b.loadOptions("")...)
	if err == nil && cfg.BaseEndpoint != nil {
		// The SDK makes the client that assumes roles before it looks at
		// AWS_ENDPOINT_URL and a profile's endpoint_url: it has to be told.
		cfg, err = config.LoadDefaultConfig(ctx, b.loadOptions(*cfg.BaseEndpoint)...)
	}
	if err != nil {
		return nil, b.wrap("Connect", b.opts.Profile, err)
	}
	if cfg.Region == "" {
		return nil, &backend.Error{
			Op: "Connect", Kind: backend.Invalid, Resource: b.opts.Profile, Err: errNoRegion,
			Remedy: "name one: --region eu-west-1, AWS_REGION, or region in the profile",
		}
	}
	b.detach(&cfg)
	base, idle := httpClient(cfg.HTTPClient)
	cfg.HTTPClient = &transport{next: base, limits: b.limits}
	cfg.Retryer = newRetryer
	cfg.AppID = "ecs-tui"
	b.asked.Store(&cfg.Region)
	b.clients = newClients(cfg)
	b.clients.profile, b.clients.closeIdle = b.opts.Profile, idle
	b.clients.credentials = cfg.Credentials
	b.clients.plain, _ = base.(*http.Client)
	return b.clients, nil
}

// httpClient is the configured client, which knows about certificates of one's
// own, with times that suit somebody who waits. idle closes its connections.
func httpClient(configured awssdk.HTTPClient) (client awssdk.HTTPClient, idle func()) {
	idle = func() {}
	if configured == nil {
		configured = awshttp.NewBuildableClient()
	}
	build, ok := configured.(*awshttp.BuildableClient)
	if !ok {
		return configured, idle
	}
	client = build.WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout, t.MaxIdleConnsPerHost = dialTimeout, 16
		}).Freeze()
	if c, ok := client.(*http.Client); ok {
		idle = c.CloseIdleConnections
	}
	return client, idle
}

// loadOptions configure the SDK; roles are assumed at endpoint, unless it is "".
func (b *Backend) loadOptions(endpoint string) []func(*config.LoadOptions) error {
	out := []func(*config.LoadOptions) error{}
	// A profile that the environment names is the SDK's own to find: keys in the
	// environment come before that one, and after any other.
	if b.opts.Profile != "" && b.opts.Profile != os.Getenv("AWS_PROFILE") {
		out = append(out, config.WithSharedConfigProfile(b.opts.Profile))
	}
	if b.opts.Region != "" {
		out = append(out, config.WithRegion(b.opts.Region))
	}
	out = append(out,
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			b.askForCode(o)
			o.Client = atEndpoint(o.Client, endpoint)
		}),
		config.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) { o.Client = atEndpoint(o.Client, endpoint) }))
	return append(out, b.opts.Load...)
}

// atEndpoint brings a client that assumes roles to an endpoint, unless it has one
// of its own.
func atEndpoint[C any](client C, endpoint string) C {
	c, ok := any(client).(*sts.Client)
	if !ok || endpoint == "" || c.Options().BaseEndpoint != nil {
		return client
	}
	opts := c.Options()
	opts.BaseEndpoint = &endpoint
	if told, ok := any(sts.New(opts)).(C); ok {
		return told
	}
	return client
}

func newClients(cfg awssdk.Config) *clients {
	c := &clients{
		region: cfg.Region,
		ecs:    ecs.NewFromConfig(cfg), ecr: ecr.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg),
		cw: cloudwatch.NewFromConfig(cfg), sts: sts.NewFromConfig(cfg),
		elb: elasticloadbalancingv2.NewFromConfig(cfg), scaling: applicationautoscaling.NewFromConfig(cfg),
		discovery: servicediscovery.NewFromConfig(cfg), scheduler: scheduler.NewFromConfig(cfg),
		cfg: cfg,
	}
	if base := c.ecs.Options().BaseEndpoint; base != nil {
		c.endpoint = backend.Clean(*base)
	} else {
		c.endpoint = "ecs." + cfg.Region + ".amazonaws.com"
	}
	return c
}

// newRetryer tries again with jitter what is worth it: throttling, 5xx, broken
// connections. A call's own time bounds it.
func newRetryer() awssdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(neverRetried)}, o.Retryables...)
	})
}

// identity is the account that the credentials belong to.
func (b *Backend) identity(ctx context.Context, c *clients) (string, error) {
	const op = "GetCallerIdentity"
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := c.sts.GetCallerIdentity(ctx, nil)
	if err != nil {
		return "", b.wrap(op, "", err)
	}
	return backend.Clean(awssdk.ToString(out.Account)), nil
}
