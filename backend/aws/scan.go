package aws

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/ecs-tui/ecs-tui/backend"
)

// wireFindings is an answer of DescribeImageScanFindings. Basic scanning and
// enhanced scanning (Amazon Inspector) have forms of their own.
type wireFindings struct {
	Status struct {
		Status text `json:"status"`
		Reason text `json:"description"`
	} `json:"imageScanStatus"`
	Findings struct {
		Basic    []basicFinding    `json:"findings"`
		Enhanced []enhancedFinding `json:"enhancedFindings"`
	} `json:"imageScanFindings"`
	Next string `json:"nextToken"`
}

type basicFinding struct {
	Name       text `json:"name"`
	Severity   text `json:"severity"`
	Text       text `json:"description"`
	URI        text `json:"uri"`
	Attributes []struct {
		Key   text `json:"key"`
		Value text `json:"value"`
	} `json:"attributes"`
}

type enhancedFinding struct {
	Title    text    `json:"title"`
	Severity text    `json:"severity"`
	Score    float64 `json:"score"`
	Text     text    `json:"description"`
	Details  struct {
		ID       text `json:"vulnerabilityId"`
		URL      text `json:"sourceUrl"`
		Packages []struct {
			Name    text `json:"name"`
			Version text `json:"version"`
			FixedIn text `json:"fixedInVersion"`
		} `json:"vulnerablePackages"`
	} `json:"packageVulnerabilityDetails"`
}

// ScanFindings gives what a scan found. Of a finding that several packages have,
// each package is one.
func (b *Backend) ScanFindings(ctx context.Context, ref string, p backend.PageRequest) (backend.Page[backend.ScanFinding], error) {
	const op = "DescribeImageScanFindings"
	var page backend.Page[backend.ScanFinding]
	r, err := b.ecrImage(op, ref)
	if err != nil {
		return page, err
	}
	token, size := ecrPaging(p)
	id := r.identifier()
	in := &ecr.DescribeImageScanFindingsInput{RepositoryName: &r.repository, ImageId: &id, NextToken: token, MaxResults: size}
	var out wireFindings
	if err := ecrRead(ctx, b, op, r.String(), in, &out, (*ecr.Client).DescribeImageScanFindings); err != nil {
		return page, err
	}
	if out.Status.Status == "FAILED" {
		return page, backend.Errorf(op, backend.Conflict, r.String(), "the scan failed: %s", cmp.Or(out.Status.Reason, "ECR gives no reason"))
	}
	for _, f := range out.Findings.Basic {
		page.Items = append(page.Items, f.view())
	}
	for _, f := range out.Findings.Enhanced {
		page.Items = append(page.Items, f.views()...)
	}
	page.Next = out.Next
	return page, nil
}

// view reads the attributes: package_name, package_version, and a score of the
// newest version of CVSS that there is.
func (f basicFinding) view() backend.ScanFinding {
	out := backend.ScanFinding{ID: string(f.Name), Severity: string(f.Severity), Text: string(f.Text), URI: string(f.URI)}
	best := ""
	for _, a := range f.Attributes {
		value := string(a.Value)
		switch key := string(a.Key); {
		case key == "package_name":
			out.Package = value
		case key == "package_version":
			out.Version = value
		case strings.HasPrefix(key, "CVSS") && strings.HasSuffix(key, "_SCORE") && key > best:
			if score, err := strconv.ParseFloat(value, 64); err == nil {
				out.Score, best = score, key
			}
		}
	}
	return out
}

func (f enhancedFinding) views() []backend.ScanFinding {
	one := backend.ScanFinding{
		ID: string(cmp.Or(f.Details.ID, f.Title)), Severity: string(f.Severity), Score: f.Score,
		Text: string(f.Text), URI: string(f.Details.URL),
	}
	if len(f.Details.Packages) == 0 {
		return []backend.ScanFinding{one}
	}
	out := make([]backend.ScanFinding, len(f.Details.Packages))
	for i, pkg := range f.Details.Packages {
		out[i] = one
		out[i].Package, out[i].Version, out[i].FixedIn = string(pkg.Name), string(pkg.Version), string(pkg.FixedIn)
		if out[i].FixedIn == "NotAvailable" {
			out[i].FixedIn = ""
		}
	}
	return out
}
