package docker

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tlsFiles is where the certificates for an engine behind tcp:// lie.
type tlsFiles struct {
	on     bool
	dir    string
	verify bool
}

// tlsFromEnv is the docker CLI's rule: DOCKER_TLS_VERIFY checks the engine's
// certificate, DOCKER_TLS alone only encrypts.
func tlsFromEnv(configDir string, getenv func(string) string) tlsFiles {
	f := tlsFiles{
		on:     getenv("DOCKER_TLS_VERIFY") != "" || getenv("DOCKER_TLS") != "",
		dir:    getenv("DOCKER_CERT_PATH"),
		verify: getenv("DOCKER_TLS_VERIFY") != "",
	}
	if f.dir == "" {
		f.dir = configDir
	}
	return f
}

// tlsFromFolder is the rule of docker contexts: a folder of certificates
// switches TLS on.
func tlsFromFolder(dir string, skipVerify bool) tlsFiles {
	_, err := os.Stat(dir)
	return tlsFiles{on: err == nil || skipVerify, dir: dir, verify: !skipVerify}
}

// config reads ca.pem, cert.pem and key.pem. Each of the authority and the
// pair may be missing; half a pair may not.
func (f tlsFiles) config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: !f.verify}
	ca, err := os.ReadFile(filepath.Join(f.dir, "ca.pem"))
	switch {
	case err == nil:
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(ca) {
			return nil, fmt.Errorf("%s holds no certificate", filepath.Join(f.dir, "ca.pem"))
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(f.dir, "cert.pem"), filepath.Join(f.dir, "key.pem"))
	switch {
	case err == nil:
		config.Certificates = []tls.Certificate{pair}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the client certificate in %s: %w", f.dir, err)
	}
	return config, nil
}
