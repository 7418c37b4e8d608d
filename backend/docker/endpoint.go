package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/docker/cli/cli/connhelper"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// endpoint is where an engine listens, and why we think so.
type endpoint struct {
	host   string // "unix:///var/run/docker.sock"
	source string // "DOCKER_HOST", "context rancher", "the default socket"
	tls    tlsFiles
}

func (ep endpoint) ssh() bool { return strings.HasPrefix(ep.host, "ssh://") }

// findEndpoint follows the docker CLI's order: what was asked for, DOCKER_HOST,
// DOCKER_CONTEXT, the current context of config.json, the default socket.
func findEndpoint(o Options) (endpoint, error) {
	configDir := o.Getenv("DOCKER_CONFIG")
	if configDir == "" {
		configDir = filepath.Join(o.Home, ".docker")
	}
	switch {
	case o.Host != "":
		return fromHost(o.Host, "the host asked for", configDir, o.Getenv)
	case o.Context != "" && o.Context != "default":
		return fromContext(configDir, o.Context)
	case o.Getenv("DOCKER_HOST") != "":
		return fromHost(o.Getenv("DOCKER_HOST"), "DOCKER_HOST", configDir, o.Getenv)
	case o.Context == "default":
		return endpoint{host: defaultHost(o.Getenv), source: "the default socket"}, nil
	}
	name := o.Getenv("DOCKER_CONTEXT")
	if name == "" {
		var err error
		if name, err = currentContext(configDir); err != nil {
			return endpoint{}, err
		}
	}
	if name == "" || name == "default" {
		return endpoint{host: defaultHost(o.Getenv), source: "the default socket"}, nil
	}
	return fromContext(configDir, name)
}

// fromHost takes an address as DOCKER_HOST has it: the scheme may be missing,
// and so may the port of tcp.
func fromHost(host, source, configDir string, getenv func(string) string) (endpoint, error) {
	host = strings.TrimSpace(host)
	if !strings.Contains(host, "://") {
		host = "tcp://" + host
	}
	scheme, addr, _ := strings.Cut(host, "://")
	ep := endpoint{host: host, source: source}
	switch scheme {
	case "unix", "npipe":
		if addr == "" {
			ep.host = defaultHost(getenv)
		}
	case "ssh", "http", "https":
	case "tcp":
		ep.tls = tlsFromEnv(configDir, getenv)
		port := "2375"
		if ep.tls.on {
			port = "2376"
		}
		if _, _, err := net.SplitHostPort(addr); err != nil && !strings.Contains(addr, "/") {
			ep.host = "tcp://" + net.JoinHostPort(strings.Trim(strings.TrimSuffix(addr, ":"), "[]"), port)
		}
	default:
		return endpoint{}, fmt.Errorf("%s: %q is no address of a Docker engine: it starts with unix://, npipe://, tcp:// or ssh://", source, backend.Clean(host))
	}
	return ep, nil
}

// currentContext reads the context that `docker context use` has chosen. A
// config.json that is not there chooses none.
func currentContext(configDir string) (string, error) {
	path := filepath.Join(configDir, "config.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var config struct {
		CurrentContext string `json:"currentContext"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return "", fmt.Errorf("%s is not valid JSON: %w", path, err)
	}
	return config.CurrentContext, nil
}

// fromContext reads a context from the docker CLI's store, whose folders are
// named by the SHA-256 of the context's name.
func fromContext(configDir, name string) (endpoint, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	path := filepath.Join(configDir, "contexts", "meta", id, "meta.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return endpoint{}, fmt.Errorf("there is no docker context %q", backend.Clean(name))
	}
	if err != nil {
		return endpoint{}, err
	}
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return endpoint{}, fmt.Errorf("%s is not valid JSON: %w", path, err)
	}
	docker, ok := meta.Endpoints["docker"]
	if !ok || docker.Host == "" {
		return endpoint{}, fmt.Errorf("the docker context %q names no engine", backend.Clean(name))
	}
	return endpoint{
		host:   docker.Host,
		source: "context " + backend.Clean(name),
		tls:    tlsFromFolder(filepath.Join(configDir, "contexts", "tls", id, "docker"), docker.SkipTLSVerify),
	}, nil
}

// client makes the API's client for this endpoint. Nothing is dialled yet.
// Options of the environment are left out on purpose: DOCKER_API_VERSION would
// switch the negotiation of the version off.
func (ep endpoint) client() (*client.Client, error) {
	if ep.ssh() {
		return ep.sshClient()
	}
	opts := []client.Opt{}
	if ep.tls.on && strings.HasPrefix(ep.host, "tcp://") {
		config, err := ep.tls.config()
		if err != nil {
			return nil, err
		}
		opts = append(opts, client.WithHTTPClient(&http.Client{
			Transport: &http.Transport{
				TLSClientConfig: config,
				DialContext:     (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
				IdleConnTimeout: 30 * time.Second,
			},
			CheckRedirect: client.CheckRedirect,
		}))
	}
	return client.New(append(opts, client.WithHost(ep.host))...)
}

// sshClient talks to `docker system dial-stdio` on the other machine. ssh may
// ask nothing: it would write over the screen.
func (ep endpoint) sshClient() (*client.Client, error) {
	helper, err := connhelper.GetConnectionHelperWithSSHOpts(ep.host, []string{"-o", "BatchMode=yes", "-o", "ConnectTimeout=15"})
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DialContext: helper.Dialer, MaxIdleConns: 6, IdleConnTimeout: 30 * time.Second}
	return client.New(
		client.WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: client.CheckRedirect}),
		client.WithHost(helper.Host),
		client.WithDialContext(helper.Dialer),
	)
}

// explain says why nobody answers at the endpoint, and what to do.
func (ep endpoint) explain(err error) error {
	text := err.Error()
	out := &backend.Error{Op: "Open", Kind: backend.Unreachable, Resource: ep.host, Remedy: startAdvice(ep)}
	switch {
	case ep.ssh():
		out.Err = sshError(text)
	case errors.Is(err, fs.ErrPermission), strings.Contains(text, "permission denied"):
		out.Kind = backend.Denied
		out.Err = errors.New("this user may not use the Docker engine's socket")
		out.Remedy = "add yourself to the docker group and log in again: sudo usermod -aG docker $USER"
	case errors.Is(err, fs.ErrNotExist), strings.Contains(text, "no such file"), strings.Contains(text, "check if the path is correct"):
		out.Err = errors.New("no Docker engine listens there (" + ep.source + ")")
	case strings.Contains(text, "Cannot connect to the Docker daemon"), strings.Contains(text, "connection refused"):
		out.Err = errors.New("no Docker engine answers there (" + ep.source + ")")
	default:
		kind, _ := classify(err)
		if kind != backend.Other {
			out.Kind = kind
		}
		out.Err = cleanError(err)
	}
	return out
}

// sshError is what ssh wrote before it gave up, where that could still be read.
func sshError(text string) error {
	_, said, ok := strings.Cut(text, "stderr=")
	if said = strings.TrimSpace(backend.Clean(said)); ok && said != "" {
		return errors.New("ssh ended: " + said)
	}
	return errors.New("ssh ended before a Docker engine answered")
}

// startAdvice tells how an engine is started where this program runs.
func startAdvice(ep endpoint) string {
	switch {
	case ep.ssh():
		return "check that ssh logs in without asking, and that docker runs there: ssh " + strings.TrimPrefix(ep.host, "ssh://") + " docker version"
	case !strings.HasPrefix(ep.host, "unix://") && !strings.HasPrefix(ep.host, "npipe://"):
		return "check that the engine runs on that host and listens there (from " + ep.source + ")"
	case strings.Contains(ep.host, "podman"):
		return "start Podman's service: systemctl --user start podman.socket"
	case runtime.GOOS == "linux" && !strings.Contains(ep.host, "/run/user/"):
		return "start the engine: sudo systemctl start docker (or sudo dockerd), or point DOCKER_HOST at another one"
	case runtime.GOOS == "linux":
		return "start the engine: systemctl --user start docker, or point DOCKER_HOST at another one"
	default:
		return "start Docker Desktop (or colima start), or point DOCKER_HOST at another engine"
	}
}
