package ecsapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxManifest is ECR's limit for a manifest.
const maxManifest = 4 << 20

// ServeHTTP is the registry's own protocol, for engines that push and pull.
func (r *Registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !r.authorized(w, req) {
		return
	}
	name, kind, ref := splitPath(req.URL.Path)
	if name != "" && !r.known(name) {
		registryError(w, http.StatusNotFound, "NAME_UNKNOWN", "The repository with name '"+name+"' does not exist in the registry")
		return
	}
	switch {
	case kind != "manifests":
		r.store.ServeHTTP(w, req)
	case req.Method == http.MethodPut:
		r.putManifest(w, req, name, ref)
	case req.Method == http.MethodDelete:
		registryError(w, http.StatusMethodNotAllowed, "UNSUPPORTED", "Images are deleted by BatchDeleteImage.")
	default:
		r.pulled(req.Method, name, ref)
		r.store.ServeHTTP(w, req)
	}
}

// authorized asks for the password of GetAuthorizationToken, or for the token
// of GetDownloadUrlForLayer.
func (r *Registry) authorized(w http.ResponseWriter, req *http.Request) bool {
	user, password, _ := req.BasicAuth()
	if token := req.URL.Query().Get("token"); token != "" && user == "" {
		user, password = "AWS", token
	}
	ours, good := r.admit(password)
	switch {
	case user != "AWS" || !ours:
		w.Header().Set("WWW-Authenticate", `Basic realm="ecr",service="ecr.amazonaws.com"`)
		registryError(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return false
	case !good:
		registryError(w, http.StatusForbidden, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
		return false
	default:
		return true
	}
}

func registryError(w http.ResponseWriter, status int, code, text string) {
	body, _ := json.Marshal(obj{"errors": []any{obj{"code": code, "message": text}}}) // plain values
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	writeBody(w, status, "application/json", body)
}

// splitPath takes "/v2/shop/web/manifests/v1" apart.
func splitPath(path string) (name, kind, ref string) {
	rest, ok := strings.CutPrefix(path, "/v2/")
	if !ok {
		return "", "", ""
	}
	for _, kind := range []string{"manifests", "blobs", "tags", "referrers"} {
		if i := strings.LastIndex(rest, "/"+kind+"/"); i > 0 {
			return rest[:i], kind, rest[i+len(kind)+2:]
		}
	}
	return "", "", ""
}

func (r *Registry) known(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.repos[name] != nil
}

// putManifest is the end of a push.
func (r *Registry) putManifest(w http.ResponseWriter, req *http.Request, name, ref string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxManifest))
	if err != nil {
		registryError(w, http.StatusBadRequest, "MANIFEST_INVALID", "the manifest is too long, or broke off")
		return
	}
	r.put.Lock()
	defer r.put.Unlock()
	if r.frozen(name, ref, digestOf(body)) {
		registryError(w, http.StatusBadRequest, "TAG_INVALID", fmt.Sprintf(
			"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.", ref, name))
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	seen := &watched{ResponseWriter: w}
	r.store.ServeHTTP(seen, req)
	if seen.status == http.StatusCreated {
		r.remember(name, ref, req.Header.Get("Content-Type"), body)
	}
}

// frozen says whether a tag must stay where it is: it has another image. To push
// the same one again changes nothing.
func (r *Registry) frozen(name, ref, digest string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	repo := r.repos[name]
	return repo != nil && repo.immutable && repo.tags[ref] != "" && repo.tags[ref] != digest
}

// remember notes a manifest that the store took.
func (r *Registry) remember(name, ref, mediaType string, manifest []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	repo := r.repos[name]
	if repo == nil {
		return // deleted meanwhile
	}
	digest := digestOf(manifest)
	img := repo.images[digest]
	if img == nil {
		img = &pushed{digest: digest, mediaType: mediaType, manifest: manifest}
		repo.images[digest] = img
		img.artifact, img.size = repo.weigh(manifest)
	}
	img.pushedAt = r.clock.Now()
	if repo.scanOnPush && r.scan != nil {
		img.scannedAt = img.pushedAt
	}
	if !strings.HasPrefix(ref, "sha256:") {
		repo.tags[ref] = digest
	}
}

func digestOf(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// weigh adds up what a manifest points to: the layers of an image, or the
// images of an index.
func (repo *repository) weigh(manifest []byte) (artifact string, size int64) {
	var m struct {
		Config struct {
			MediaType string `json:"mediaType"`
			Size      int64  `json:"size"`
		} `json:"config"`
		Layers []struct {
			Size int64 `json:"size"`
		} `json:"layers"`
		Manifests []struct {
			Digest string `json:"digest"`
		} `json:"manifests"`
	}
	if json.Unmarshal(manifest, &m) != nil {
		return "", 0
	}
	size = m.Config.Size
	for _, l := range m.Layers {
		size += l.Size
	}
	for _, part := range m.Manifests {
		if img := repo.images[part.Digest]; img != nil {
			size += img.size
		}
	}
	return m.Config.MediaType, size
}

// pulled notes the time of a pull.
func (r *Registry) pulled(method, name, ref string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	repo := r.repos[name]
	if repo == nil || method != http.MethodGet {
		return
	}
	if digest := repo.tags[ref]; digest != "" {
		ref = digest
	}
	if img := repo.images[ref]; img != nil {
		img.pulledAt = r.clock.Now()
	}
}

// watched remembers the status of an answer.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
