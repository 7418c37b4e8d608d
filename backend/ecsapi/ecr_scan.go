package ecsapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/ecs-tui/ecs-tui/backend"
)

// scanned adds what is known of an image's scan to its shape.
func (o obj) scanned(s *backend.Scan) obj {
	if s == nil {
		return o
	}
	o["imageScanStatus"] = scanStatus(s)
	if len(s.Counts) > 0 || !s.At.IsZero() {
		o["imageScanFindingsSummary"] = obj{"findingSeverityCounts": s.Counts}.put("imageScanCompletedAt", s.At)
	}
	return o
}

func scanStatus(s *backend.Scan) obj {
	return obj{"status": s.Status}.put("description", s.Reason)
}

// findingShape is a finding as basic scanning has it.
func findingShape(f backend.ScanFinding) obj {
	attributes := []any{}
	add := func(key, value string) {
		if value != "" {
			attributes = append(attributes, obj{"key": key, "value": value})
		}
	}
	add("package_name", f.Package)
	add("package_version", f.Version)
	if f.Score > 0 {
		add("CVSS3_SCORE", strconv.FormatFloat(f.Score, 'f', -1, 64))
	}
	return obj{"name": f.ID, "severity": f.Severity, "attributes": attributes}.put("description", f.Text).put("uri", f.URI)
}

// findingsAnswer is an answer of DescribeImageScanFindings.
func findingsAnswer(account, repository string, id imageID, s *backend.Scan, findings []backend.ScanFinding, next string) obj {
	return obj{
		"registryId": account, "repositoryName": repository, "imageId": id.shape(), "imageScanStatus": scanStatus(s),
		"imageScanFindings": obj{"findings": each(findings, findingShape), "findingSeverityCounts": s.Counts}.put("imageScanCompletedAt", s.At),
	}.put("nextToken", next)
}

func neverScanned(repository string, id imageID) error {
	return failf(http.StatusBadRequest, "ScanNotFoundException", "Image scan does not exist for the image with '{imageDigest:'%s'}' in the repository with name '%s'",
		backend.Clean(id.Digest), backend.Clean(repository))
}

// scanOf is the scan of an image, which takes no time; nil where it was never
// scanned. The caller holds the lock.
func (r *Registry) scanOf(repo *repository, img *pushed) *backend.Scan {
	if img.scannedAt.IsZero() || r.scan == nil {
		return nil
	}
	s := &backend.Scan{Status: "COMPLETE", At: img.scannedAt, Counts: map[string]int{}}
	for _, f := range r.scan(repo.name, img.digest) {
		s.Counts[f.Severity]++
	}
	return s
}

type findingsInput struct {
	paging
	Repository string  `json:"repositoryName"`
	ID         imageID `json:"imageId"`
}

// scope names the list that a token is good for.
func (in *findingsInput) scope() string {
	return "DescribeImageScanFindings " + in.Repository + " " + in.ID.Digest + " " + in.ID.Tag
}

func (e *ecr) scanFindings(ctx context.Context, in *findingsInput) (any, error) {
	p, err := e.h.place(ctx)
	if err != nil {
		return nil, err
	}
	repo, done, err := e.open(in.Repository, 0)
	if err != nil {
		return nil, err
	}
	defer done()
	img := repo.find(in.ID)
	if img == nil {
		return nil, noImage(in.Repository, in.ID)
	}
	scan := e.r.scanOf(repo, img)
	if scan == nil {
		return nil, neverScanned(repo.name, imageID{Digest: img.digest})
	}
	findings, next, err := cutECR(in.scope(), in.paging, e.r.scan(repo.name, img.digest))
	if err != nil {
		return nil, err
	}
	return findingsAnswer(p.account, repo.name, imageID{img.digest, in.ID.Tag}, scan, findings, next), nil
}

// startScan scans at once.
func (e *ecr) startScan(_ context.Context, in *findingsInput) (any, error) {
	repo, done, err := e.open(in.Repository, 0)
	if err != nil {
		return nil, err
	}
	defer done()
	img := repo.find(in.ID)
	switch {
	case img == nil:
		return nil, noImage(in.Repository, in.ID)
	case e.r.scan == nil:
		return nil, failf(http.StatusBadRequest, "ValidationException", "This feature is disabled: this endpoint scans nothing")
	}
	img.scannedAt = e.r.clock.Now()
	return obj{"repositoryName": repo.name, "imageId": imageID{img.digest, in.ID.Tag}.shape(), "imageScanStatus": obj{"status": "IN_PROGRESS"}}, nil
}
