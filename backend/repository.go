package backend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Repository is one repository of the registry that tasks pull from.
type Repository struct {
	Name, ARN  string
	URI        string // what an image's reference begins with
	CreatedAt  time.Time
	Mutability string // MUTABLE, IMMUTABLE, or either with exclusions
	ScanOnPush bool
	Document   Document // the whole of it, in DescribeRepositories' shape
}

// Immutable says whether a tag that exists can't be moved to another image.
// Tags that are excluded from it are not looked at.
func (r Repository) Immutable() bool { return strings.HasPrefix(r.Mutability, "IMMUTABLE") }

// RepositorySpec is what a repository is made from.
type RepositorySpec struct {
	Name       string
	Immutable  bool // tags can't be moved
	ScanOnPush bool
	Tags       map[string]string
}

// TagApp is the tag of what an app has made: revisions, repositories.
const TagApp = TagPrefix + "app"

// RepositoryContents is what a repository holds, as far as one call tells.
type RepositoryContents struct {
	Images, Untagged int
	Size             int64 // bytes; layers that images share count in each
	PushedAt         time.Time
	Partial          bool // there are more images than these
}

// Scan is how the search for known vulnerabilities in an image went.
type Scan struct {
	Status string         // COMPLETE, IN_PROGRESS, FAILED, ACTIVE, …
	Reason string         // why it failed
	At     time.Time      // when it was completed
	Counts map[string]int // findings by severity
}

// Ended says whether there are findings to read, or none to come.
func (s Scan) Ended() bool { return s.Status != "IN_PROGRESS" && s.Status != "PENDING" }

// ScanFinding is one known vulnerability of an image.
type ScanFinding struct {
	ID       string // CVE-2024-2511
	Severity string // one of Severities, or newer than this program
	Package  string
	Version  string  // of the package in the image
	FixedIn  string  // "" where no fix is known
	Score    float64 // CVSS, 0 where unknown
	Text     string
	URI      string
}

// Severities are those of scan findings, the worst first ("FindingSeverity" in
// ECR's API reference).
func Severities() []string {
	return []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"}
}

// SeverityRank is the place of a severity, 0 the worst; unknown ones are last.
func SeverityRank(s string) int {
	if i := slices.Index(Severities(), s); i >= 0 {
		return i
	}
	return len(Severities())
}

// Repositories manages the registry that a backend's tasks pull from. A ref of
// an image is "repository@digest" or "repository:tag".
type Repositories interface {
	ListRepositories(ctx context.Context, p PageRequest) (Page[Repository], error)
	// DescribeRepositories gives repositories by name; one that does not exist is
	// left out.
	DescribeRepositories(ctx context.Context, names []string) ([]Repository, error)
	// CreateRepository is of Kind Conflict where there is one of that name.
	CreateRepository(ctx context.Context, spec RepositorySpec) (Repository, error)
	// DeleteRepository removes a repository with all images in it, used or not.
	DeleteRepository(ctx context.Context, name string) error
	// RepositoryTags are the tags that a repository was made with, or got since.
	RepositoryTags(ctx context.Context, name string) (map[string]string, error)
	RepositoryContents(ctx context.Context, name string) (RepositoryContents, error)
	// ListRepositoryImages gives the images of a repository, in no order. Their
	// tags are those of this repository.
	ListRepositoryImages(ctx context.Context, repository string, p PageRequest) (Page[Image], error)
	// ScanFindings gives what a scan found, in no order. Kind NotFound for an
	// image that was never scanned.
	ScanFindings(ctx context.Context, ref string, p PageRequest) (Page[ScanFinding], error)
	// StartScan begins a scan, where the registry scans by hand.
	StartScan(ctx context.Context, ref string) error
	// PlanRepositoryPrune says which images of a repository could go, see
	// [PlanRepository], and what that frees. [Images.PruneImages] does it.
	PlanRepositoryPrune(ctx context.Context, repository string, keep int) (Prune, error)
}

// KeptImage is an image that stays, and why.
type KeptImage struct {
	Image
	Why string
}

// PlanRepository decides which images of a repository go: those without a tag,
// and those older than the newest keep; but none that is used, and none that
// belongs to one that stays: the images of an index, by parts, and what is
// attached to an image by a tag made of its digest (signatures, attestations).
// What it frees is the sum of their sizes.
func PlanRepository(images []Image, keep int, parts map[string][]string) Prune {
	images = slices.Clone(images)
	slices.SortStableFunc(images, func(a, b Image) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	isPart := map[string]bool{} // these count with their index, also where they have tags
	for _, of := range parts {
		for _, digest := range of {
			isPart[digest] = true
		}
	}
	why := map[string]string{} // by digest
	newest := keep
	for _, img := range images {
		counts := len(img.Tags) > 0 && attachedTo(img) == "" && !isPart[img.Digest]
		switch {
		case len(img.UsedBy) > 0:
			why[img.Digest] = "used by " + img.UsedBy[0].String()
		case newest > 0 && counts:
			why[img.Digest] = fmt.Sprintf("one of the newest %d", keep)
		}
		if counts {
			newest--
		}
	}
	for _, img := range images {
		if why[img.Digest] == "" {
			continue
		}
		for _, part := range parts[img.Digest] {
			if why[part] == "" {
				why[part] = "part of " + img.Name()
			}
		}
	}
	var p Prune
	for _, img := range images {
		if subject := attachedTo(img); subject != "" && why[img.Digest] == "" && why[subject] != "" {
			why[img.Digest] = "belongs to an image that stays"
		}
		if w := why[img.Digest]; w != "" {
			p.Kept = append(p.Kept, KeptImage{img, w})
			continue
		}
		p.Images = append(p.Images, img)
		p.Frees += img.Size
	}
	return p
}

// attachedTo is the digest of the image that this one was attached to by a tag
// such as sha256-4f….sig, or "".
func attachedTo(img Image) string {
	for _, tag := range img.Tags {
		_, tag = splitTag(tag)
		rest, ok := strings.CutPrefix(tag, "sha256-")
		if !ok {
			continue
		}
		hex, _, _ := strings.Cut(rest, ".")
		if len(hex) == 64 {
			return "sha256:" + hex
		}
	}
	return ""
}

func splitTag(ref string) (repository, tag string) {
	i := strings.LastIndexByte(ref, ':')
	if i < 0 {
		return ref, ""
	}
	return ref[:i], ref[i+1:]
}

// NeverScanned is the error of asking for the findings of such an image.
func NeverScanned(op, ref string) *Error {
	e := Errorf(op, NotFound, ref, "the image was never scanned")
	e.Remedy = "start a scan of it, or let its repository scan on push"
	return e
}

// ValidRepository is ECR's rule for names of repositories: 2 to 256 lower-case
// letters and digits, with single separators between them ("CreateRepository"
// in its API reference).
func ValidRepository(s string) bool {
	if len(s) < 2 || len(s) > 256 {
		return false
	}
	const separators = "._-/"
	for i, r := range s {
		sep := strings.ContainsRune(separators, r)
		if !sep && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
		if sep && (i == 0 || i == len(s)-1 || strings.IndexByte(separators, s[i-1]) >= 0) {
			return false
		}
	}
	return true
}
