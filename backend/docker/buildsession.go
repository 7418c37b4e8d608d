package docker

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/moby/buildkit/session/auth"
	"github.com/moby/buildkit/session/secrets"
	"google.golang.org/grpc"

	"github.com/ecs-tui/ecs-tui/backend"
)

// credentials answers BuildKit's question for registry credentials: with those
// that came with the request, or with none. It is ours so that nothing is read
// from Docker's own credential store and nothing is written there.
type credentials struct {
	auth.UnimplementedAuthServer
	give func(ctx context.Context, host string) (backend.RegistryAuth, bool)
}

func (c credentials) Register(server *grpc.Server) { auth.RegisterAuthServer(server, c) }

func (c credentials) Credentials(ctx context.Context, req *auth.CredentialsRequest) (*auth.CredentialsResponse, error) {
	if c.give != nil {
		if a, ok := c.give(ctx, req.Host); ok {
			return &auth.CredentialsResponse{Username: a.Username, Secret: a.Password}, nil
		}
	}
	return &auth.CredentialsResponse{}, nil
}

// secretStore reads a secret at the moment that a RUN asks for it.
type secretStore struct {
	sources map[string]backend.BuildSecret
	getenv  func(string) string
}

func newSecretStore(p buildPlan) secretStore {
	s := secretStore{sources: map[string]backend.BuildSecret{}, getenv: p.getenv}
	for _, secret := range p.Secrets {
		s.sources[secret.ID] = secret
	}
	return s
}

func (s secretStore) GetSecret(_ context.Context, id string) ([]byte, error) {
	secret, ok := s.sources[id]
	switch {
	case !ok:
		return nil, secrets.ErrNotFound
	case secret.File != "":
		data, err := os.ReadFile(secret.File)
		if err != nil {
			return nil, errors.New("secret " + id + ": " + reason(err))
		}
		return data, nil
	default:
		return []byte(s.getenv(secret.Env)), nil
	}
}

// checkSecrets makes sure that each secret has a source with something in it.
func checkSecrets(p buildPlan) error {
	for _, s := range p.Secrets {
		var err error
		switch {
		case s.ID == "":
			err = errors.New("the secret has no id")
		case (s.File == "") == (s.Env == ""):
			err = errors.New("name either a file or an environment variable as its source")
		case s.File != "":
			if _, statErr := os.Stat(s.File); statErr != nil {
				err = fmt.Errorf("its file %s: %s", backend.Clean(s.File), reason(statErr))
			}
		case p.getenv(s.Env) == "":
			err = fmt.Errorf("its environment variable %s is not set", backend.Clean(s.Env))
		}
		if err != nil {
			return &backend.Error{
				Op: opBuild, Kind: backend.Invalid, Resource: "secret " + backend.Clean(s.ID), Err: err,
				Remedy: "correct the secret's source before building",
			}
		}
	}
	return nil
}
