package ecsapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/ecs-tui/ecs-tui/backend"
)

// tokenLife is how long ECR's passwords are good for.
const tokenLife = 12 * time.Hour

// RegistryOptions say how to keep images.
type RegistryOptions struct {
	Clock backend.Clock // nil is the system's
	// Host is where clients reach the registry, "127.0.0.1:5000"; "" is where
	// they reached ECR's own calls.
	Host string
	// Dir is where layers are kept; "" keeps them in memory. Manifests and
	// repositories are in memory always.
	Dir string
	// Scan looks for known vulnerabilities in an image, which it does when an
	// image is pushed to a repository that wants it, and when asked to. nil
	// scans nothing.
	Scan func(repository, digest string) []backend.ScanFinding
}

// Registry is a private registry as ECR has it: an OCI registry behind basic
// auth (the user AWS, a password that lasts 12 hours), where a repository must
// exist before anything is pushed to it and can forbid that tags move. It is
// the handler of /v2/; ECR's own calls are the [Handler]'s.
type Registry struct {
	clock backend.Clock
	host  string
	key   []byte // passwords are signed with it
	scan  func(repository, digest string) []backend.ScanFinding
	store http.Handler

	put   sync.Mutex // held from the look at a tag until it is set
	mu    sync.Mutex
	repos map[string]*repository
}

var _ http.Handler = (*Registry)(nil)

// repository is what ECR knows of a repository besides its blobs.
type repository struct {
	name       string
	createdAt  time.Time
	immutable  bool
	scanOnPush bool
	images     map[string]*pushed // by digest
	tags       map[string]string  // digest by tag
	made       map[string]string  // the tags of the repository itself
}

// pushed is one manifest in a repository.
type pushed struct {
	digest, mediaType, artifact string
	manifest                    []byte
	size                        int64
	pushedAt, pulledAt          time.Time
	scannedAt                   time.Time // zero: never
}

// NewRegistry makes an empty registry.
func NewRegistry(opts RegistryOptions) *Registry {
	if opts.Clock == nil {
		opts.Clock = backend.SystemClock{}
	}
	options := []registry.Option{registry.Logger(log.New(io.Discard, "", 0))}
	if opts.Dir != "" {
		options = append(options, registry.WithBlobHandler(registry.NewDiskBlobHandler(opts.Dir)))
	}
	r := &Registry{
		clock: opts.Clock, host: opts.Host, key: make([]byte, 32), scan: opts.Scan,
		store: registry.New(options...), repos: map[string]*repository{},
	}
	_, _ = rand.Read(r.key) // never fails
	return r
}

// password makes a password that is good until a time, and needs no memory.
func (r *Registry) password(until time.Time) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(until.Unix())) //nolint:gosec // after 1970
	return base64.RawURLEncoding.EncodeToString(r.sign(raw))
}

func (r *Registry) sign(raw []byte) []byte {
	mac := hmac.New(sha256.New, r.key)
	mac.Write(raw)
	return mac.Sum(raw)
}

// admit says whether a password is one of ours, and whether it is still good.
func (r *Registry) admit(password string) (ours, good bool) {
	raw, err := base64.RawURLEncoding.DecodeString(password)
	if err != nil || len(raw) < 8 || !hmac.Equal(raw, r.sign(raw[:8:8])) {
		return false, false
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(raw)), 0) //nolint:gosec // we wrote it
	return true, r.clock.Now().Before(until)
}
