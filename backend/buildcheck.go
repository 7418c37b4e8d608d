package backend

import "context"

// BuildCache is one place that a build takes steps from, or keeps them in.
// Type and Attrs are BuildKit's: "registry" with ref, "local" with src or dest,
// "inline" for a cache that goes into the image itself. A ref without a host is
// one of the registry that the backend's tasks pull from, where it has one.
type BuildCache struct {
	Type  string
	Attrs map[string]string
}

// BuildChecker is implemented by builders that can say before a build whether
// they can do it.
type BuildChecker interface {
	// CheckBuild says what of a request this builder can't do, for each of the
	// platforms. Findings have the field of the app file in Path: "cacheTo[0]". It
	// builds nothing; an error means that the builder can't be asked.
	CheckBuild(ctx context.Context, req BuildRequest, platforms []string) ([]Finding, error)
}

// BuildCheckerOf gives b's checks, also through [ReadOnly], or nil.
func BuildCheckerOf(b any) BuildChecker {
	c, _ := insideReadOnly(b).(BuildChecker)
	return c
}

// insideReadOnly is what [ReadOnly] wraps, or b itself, for abilities that only read.
func insideReadOnly(b any) any {
	if n, ok := b.(readOnlyNotifier); ok {
		b = n.readOnly
	}
	if r, ok := b.(readOnly); ok {
		b = r.Backend
	}
	return b
}
