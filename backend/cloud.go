package backend

import "context"

// Throttler is implemented by backends whose calls are rationed by somebody
// else. Throttled says whether a call was refused for its rate just now; it
// never does I/O, and is drawn as a quiet sign.
type Throttler interface {
	Throttled() bool
}

// Metered is implemented by backends whose calls are counted by somebody else,
// against a bound that is shared by all who use the account.
type Metered interface {
	// Background is how many calls a second may go to what nobody looks at; 0
	// is no bound.
	Background() float64
}

type backgroundKey struct{}

// Background marks a call that nobody waits for, such as the details of rows
// that are not on screen. A backend with rationed calls lets others go first.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// IsBackground says whether nobody waits for this call.
func IsBackground(ctx context.Context) bool {
	is, _ := ctx.Value(backgroundKey{}).(bool)
	return is
}

// ServiceMeter is implemented by backends that measure whole services, so that
// nobody has to ask for each task.
type ServiceMeter interface {
	// ServiceUsage is what services use, by ARN, summed over their tasks. It may
	// be asked often: what was measured is kept for as long as it is the newest.
	ServiceUsage(ctx context.Context, services []Service) (map[string]Usage, error)
}

// ServiceMeterOf gives b's measurements of services, also through [ReadOnly],
// or nil.
func ServiceMeterOf(b any) ServiceMeter {
	if r, ok := b.(readOnly); ok {
		b = r.Backend
	}
	m, _ := b.(ServiceMeter)
	return m
}

// Pinner is implemented by backends whose registry can be asked for an image
// before it is built.
type Pinner interface {
	// Pinned gives the image of a tag by its digest, as a task definition names
	// it; "" where the registry has no such tag.
	Pinned(ctx context.Context, repository, tag string) (string, error)
}

// RegistryAuth is who pushes, where a registry asks. It is held in memory only:
// it has no text form, so that no log and no error can carry it.
type RegistryAuth struct {
	Username string
	Password string
}

// String hides both.
func (RegistryAuth) String() string { return "(credentials)" }

// GoString hides both from %#v.
func (RegistryAuth) GoString() string { return "(credentials)" }
