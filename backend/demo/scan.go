package demo

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// scanTime is how long a scan takes.
const scanTime = 4 * time.Second

// flaw is a vulnerability that the demo's images may have: real ones, of the
// packages that a small image has.
type flaw struct {
	id, severity, pkg, version, fixed string
	score                             float64
	text                              string
}

func flaws() []flaw {
	return []flaw{
		{"CVE-2022-37434", "CRITICAL", "zlib", "1.2.11-r3", "1.2.12-r2", 9.8, "A heap-based buffer over-read or buffer overflow in inflate via a large gzip header extra field."},
		{"CVE-2022-48174", "CRITICAL", "busybox", "1.35.0-r17", "1.35.0-r31", 9.8, "A stack overflow in ash.c:6030 can be used to execute arbitrary code from an interactive shell."},
		{"CVE-2024-24790", "CRITICAL", "stdlib", "1.21.4", "1.21.11, 1.22.4", 9.8, "The Is methods of net/netip (IsPrivate, IsLoopback and others) returned false for IPv4-mapped IPv6 addresses."},
		{"CVE-2023-38545", "CRITICAL", "curl", "8.1.2-r0", "8.4.0-r0", 9.8, "A heap-based buffer overflow in the SOCKS5 proxy handshake."},
		{"CVE-2023-44487", "HIGH", "nghttp2", "1.51.0-r0", "1.57.0-r0", 7.5, "HTTP/2 rapid reset: cancelling many streams quickly exhausts the server's resources."},
		{"CVE-2023-5363", "HIGH", "openssl", "3.0.8-r3", "3.0.12-r0", 7.5, "Incorrect processing of key and initialisation vector lengths can lead to truncation."},
		{"CVE-2024-6119", "HIGH", "openssl", "3.0.8-r3", "3.0.15-r0", 7.5, "Applications performing certificate name checks may read an invalid memory address."},
		{"CVE-2023-45288", "HIGH", "golang.org/x/net", "0.17.0", "0.23.0", 7.5, "An endless flood of HTTP/2 CONTINUATION frames makes a server read headers without bound."},
		{"CVE-2023-0464", "HIGH", "openssl", "3.0.8-r3", "3.0.8-r4", 7.5, "Verification of X.509 chains with policy constraints can use exponential computation."},
		{"CVE-2023-42366", "MEDIUM", "busybox", "1.35.0-r17", "1.36.1-r6", 5.5, "A heap buffer overflow in next_token of awk.c."},
		{"CVE-2024-4741", "MEDIUM", "openssl", "3.0.8-r3", "3.0.14-r0", 5.6, "Calling SSL_free_buffers may access memory that was freed before."},
		{"CVE-2023-6129", "MEDIUM", "openssl", "3.0.8-r3", "3.0.12-r2", 6.5, "The POLY1305 MAC on PowerPC can corrupt the state of the application."},
		{"CVE-2025-26519", "MEDIUM", "musl", "1.2.3-r4", "1.2.3-r6", 6.1, "iconv of EUC-KR to UTF-8 writes beyond the end of its buffer."},
		{"CVE-2023-39326", "MEDIUM", "stdlib", "1.21.4", "1.21.5", 5.3, "A malicious HTTP sender can use chunk extensions to make a receiver read many more bytes."},
		{"CVE-2024-2511", "LOW", "openssl", "3.0.8-r3", "3.0.13-r0", 3.7, "Some non-default TLS server configurations let memory grow without bound with TLSv1.3 sessions."},
		{"CVE-2023-29409", "LOW", "stdlib", "1.21.4", "1.21.7", 3.1, "Very large RSA keys in certificate chains make a client or server use much CPU time."},
		{"CVE-2021-30139", "INFORMATIONAL", "apk-tools", "2.12.9-r3", "", 0, "Parsing a malformed APKv2 archive reads out of bounds."},
	}
}

// findings are those of an image, always the same ones: an image that was built
// long ago has more.
func (b *Backend) findings(i *image) []backend.ScanFinding {
	print := fingerprint("flaws of " + i.view.ID)
	age := b.sim.now.Sub(i.view.CreatedAt)
	var out []backend.ScanFinding
	for n, f := range flaws() {
		digit, err := strconv.ParseUint(print[n:n+1], 16, 8)
		limit := uint64(2) // of sixteen
		if age > 48*time.Hour {
			limit = 8
		}
		if err != nil || digit >= limit {
			continue
		}
		out = append(out, backend.ScanFinding{
			ID: f.id, Severity: f.severity, Package: f.pkg, Version: f.version, FixedIn: f.fixed, Score: f.score,
			Text: f.text, URI: "https://nvd.nist.gov/vuln/detail/" + f.id,
		})
	}
	return out
}

// scanOf is the scan of an image; nil where it was never scanned.
func (b *Backend) scanOf(i *image) *backend.Scan {
	began := i.scanned
	if began.IsZero() {
		return nil
	}
	done := began.Add(b.scaled(scanTime))
	if b.sim.now.Before(done) {
		return &backend.Scan{Status: "IN_PROGRESS"}
	}
	s := &backend.Scan{Status: "COMPLETE", At: done, Counts: map[string]int{}}
	for _, f := range b.findings(i) {
		s.Counts[f.Severity]++
	}
	return s
}

// pushedTo notes that an image is in a repository now.
func (b *Backend) pushedTo(i *image, name string) {
	r := b.ensureRepository(name)
	i.repository = name
	if i.view.Digest == "" {
		i.view.Digest = "sha256:" + fingerprint("pushed "+i.view.ID)
	}
	if r.scanOnPush {
		i.scanned = b.sim.now
	}
}

// pushed finds an image of a repository.
func (b *Backend) pushed(op, ref string) (*image, error) {
	i := b.findImage(ref)
	if i == nil || i.view.Digest == "" {
		return nil, unknownImage(op, ref)
	}
	return i, nil
}

// ScanFindings gives what a scan found.
func (b *Backend) ScanFindings(ctx context.Context, ref string, p backend.PageRequest) (backend.Page[backend.ScanFinding], error) {
	const op = "DescribeImageScanFindings"
	none := backend.Page[backend.ScanFinding]{}
	if err := ended(ctx, op); err != nil {
		return none, err
	}
	b.lock()
	defer b.unlock()
	i, err := b.pushed(op, ref)
	if err != nil {
		return none, err
	}
	switch s := b.scanOf(i); {
	case s == nil:
		return none, backend.NeverScanned(op, backend.Clean(ref))
	case !s.Ended():
		return none, nil
	}
	return page(op, b.findings(i), p)
}

// StartScan begins a scan; a new version of it replaces the old one.
func (b *Backend) StartScan(ctx context.Context, ref string) error {
	const op = "StartImageScan"
	if err := ended(ctx, op); err != nil {
		return err
	}
	b.lock()
	defer b.unlock()
	i, err := b.pushed(op, ref)
	if err != nil {
		return err
	}
	i.scanned = b.sim.now
	b.sim.after(b.scaled(scanTime), func() { b.changed = true })
	b.changed = true
	return nil
}

// removePushed takes an image out of one repository: with all its tags there,
// and for good where it has none elsewhere.
func (b *Backend) removePushed(i *image, repository string) {
	i.view.Tags = slices.DeleteFunc(i.view.Tags, func(tag string) bool { return strings.HasPrefix(tag, repository+":") })
	if len(i.view.Tags) == 0 {
		delete(b.images, i.view.ID)
	}
}
