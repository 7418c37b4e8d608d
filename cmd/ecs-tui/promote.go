package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// promoteOptions are those of `ecs-tui promote FROM TO [DIR]`.
type promoteOptions struct {
	deployOptions
	From, To string
}

func newPromoteCmd(f *factory) *cobra.Command {
	o := &promoteOptions{deployOptions: deployOptions{factory: f, Pause: pauseWait, Busy: busyAsk}}
	cmd := &cobra.Command{
		Use:   "promote FROM TO [DIR]",
		Short: "Deploy to an environment what runs in another one, without a build",
		Long: "Deploys to environment TO exactly the images that the app's service runs in environment FROM, to the digest, with TO's own documents and values. " +
			"Nothing is built: images go from registry to registry where those differ, with all their platforms, and are pushed from the local engine where they come from there. " +
			"What has not been deployed to its end in FROM is not promoted. For the rest it is a deploy: it shows what would change, asks, and watches. Exit codes as those of deploy.",
		Example: "ecs-tui promote staging prod",
		Args:    cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.From, o.To, o.Dir = args[0], args[1], argOr(args, 2, "")
			return runPromote(cmd.Context(), o)
		},
	}
	o.register(cmd)
	return cmd
}

func runPromote(ctx context.Context, o *promoteOptions) error {
	switch g := o.flags; {
	case g.Env != "" || g.backend() != "" || g.Cluster != "" || g.Profile != "" || g.Region != "":
		return advise(usagef("promote names its places by their environments"), "leave --env, --backend, --cluster, --profile and --region away")
	case o.From == o.To:
		return usagef("%s can't be promoted to itself", o.From)
	}
	to, err := o.in(o.To, o.Dir)
	if err != nil {
		return err
	}
	from, err := o.in(o.From, o.Dir)
	if err != nil {
		return err
	}
	from.flags.ReadOnly = true // nothing is changed there
	l := &lender{factory: from, dir: o.Dir, environment: o.From}
	defer l.close()
	o.factory, o.Promotion = to, l.promotion
	return runDeploy(ctx, &o.deployOptions)
}

// in is the factory for an environment. Its cluster counts before the one that a
// variable names, which could be that of one place only.
func (f *factory) in(environment, dir string) (*factory, error) {
	in := *f
	in.flags.Env = environment
	cfg, _, err := in.load(dir)
	if err != nil {
		return nil, err
	}
	if _, err := (&session{factory: f, cfg: cfg, paths: f.paths(dir)}).needApp(); err != nil {
		return nil, err
	}
	in.flags.Cluster = cfg.Environment.Cluster
	return &in, nil
}

// lender is the environment that images are promoted from. It stays open for as
// long as they are copied.
type lender struct {
	factory     *factory
	dir         string
	environment string
	session     *session
}

func (l *lender) promotion(ctx context.Context, req deploy.Request) (*deploy.Promotion, error) {
	if l.session == nil {
		s, err := l.factory.open(ctx, l.dir)
		if err != nil {
			return nil, err
		}
		l.session = s
	}
	return l.session.promotion(ctx, req)
}

// promotion reads what this session's environment runs of the app.
func (s *session) promotion(ctx context.Context, req deploy.Request) (*deploy.Promotion, error) {
	cluster, err := s.cluster(ctx)
	if err != nil {
		return nil, err
	}
	service, err := s.service()
	if err != nil {
		return nil, err
	}
	return deploy.ReadPromotion(ctx, s.backend, s.environment, cluster, service, req.Images)
}

func (l *lender) close() {
	if l.session != nil {
		l.session.backend.Close()
	}
}
