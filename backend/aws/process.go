package aws

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ecs-tui/ecs-tui/backend"
)

// detach keeps the program that a profile's credential_process names away from
// the terminal, where that belongs to a screen: the SDK would hand it both the
// keys and the picture. What it says on standard error is kept for the error.
func (b *Backend) detach(cfg *awssdk.Config) {
	if !b.opts.Detached {
		return
	}
	var shared config.SharedConfig
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(config.SharedConfig); ok {
			shared = s
		}
	}
	switch {
	case awssdk.IsCredentialsProvider(cfg.Credentials, (*processcreds.Provider)(nil)):
		cfg.Credentials = awssdk.NewCredentialsCache(newProcess(shared.CredentialProcess))
	case awssdk.IsCredentialsProvider(cfg.Credentials, (*stscreds.AssumeRoleProvider)(nil)) && shared.Source != nil && shared.Source.CredentialProcess != "":
		from := cfg.Copy()
		from.Credentials = awssdk.NewCredentialsCache(newProcess(shared.Source.CredentialProcess))
		cfg.Credentials = awssdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(from), shared.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = shared.RoleSessionName
			if shared.RoleDurationSeconds != nil {
				o.Duration = *shared.RoleDurationSeconds
			}
			if shared.ExternalID != "" {
				o.ExternalID = &shared.ExternalID
			}
			if shared.MFASerial != "" {
				o.SerialNumber = &shared.MFASerial
			}
			b.askForCode(o)
		}))
	}
}

// process runs a credential_process without a terminal.
type process struct {
	*processcreds.Provider
	mu   sync.Mutex // one at a time: said is of one run
	said *bytes.Buffer
}

func newProcess(command string) *process {
	p := &process{}
	p.Provider = processcreds.NewProviderCommand(processcreds.NewCommandBuilderFunc(func(ctx context.Context) (*exec.Cmd, error) {
		cmd, err := processcreds.DefaultNewCommandBuilder{Args: []string{command}}.NewCommand(ctx)
		if err == nil {
			p.said = &bytes.Buffer{}
			cmd.Stdin, cmd.Stderr = nil, p.said
		}
		return cmd, err
	}))
	return p
}

// processError is a failed credential_process with what it said.
type processError struct {
	err  error
	said string
}

func (e *processError) Error() string { return e.err.Error() }
func (e *processError) Unwrap() error { return e.err }

func (p *process) Retrieve(ctx context.Context) (awssdk.Credentials, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	creds, err := p.Provider.Retrieve(ctx)
	if err != nil && p.said != nil {
		lines := strings.Split(strings.TrimSpace(p.said.String()), "\n")
		err = &processError{err, backend.Clean(strings.TrimSpace(lines[len(lines)-1]))}
	}
	return creds, err
}

// processProblem words a failed credential_process. What the program printed is
// left out: it may be half a secret.
func processProblem(err error) error {
	var exit *exec.ExitError
	var said *processError
	text := err.Error()
	cause := "the profile's credential_process printed no credentials"
	switch {
	case errors.As(err, &exit):
		cause = "the profile's credential_process failed: " + exit.Error()
		if errors.As(err, &said) && said.said != "" {
			cause += ": " + said.said
		}
	case strings.Contains(text, "timed out"):
		cause = "the profile's credential_process did not end in time"
	case strings.Contains(text, "in process output"):
		_, what, _ := strings.Cut(text, "process provider error: ")
		if what != "" && !strings.Contains(text, "parse failed") {
			cause = "the profile's credential_process: " + backend.Clean(what)
		}
	}
	return errors.New(cause)
}
