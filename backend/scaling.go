package backend

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scaling is how Application Auto Scaling looks after a service's desired count.
type Scaling struct {
	// Registered says whether it does at all; nothing else is set where not.
	Registered bool
	Min, Max   int
	Suspended  Suspension
	Policies   []ScalingPolicy
	CreatedAt  time.Time
}

// Suspension is what scaling does not do for now (SuspendedState).
type Suspension struct {
	In, Out   bool // dynamic scaling in, out
	Scheduled bool
}

// Any says whether anything is suspended.
func (s Suspension) Any() bool { return s.In || s.Out || s.Scheduled }

// String names what is suspended: "in out scheduled"; "none" for nothing. It is
// fit for the value of a tag, see [ParseSuspension].
func (s Suspension) String() string {
	var parts []string
	for _, p := range []struct {
		name string
		is   bool
	}{{"in", s.In}, {"out", s.Out}, {"scheduled", s.Scheduled}} {
		if p.is {
			parts = append(parts, p.name)
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, " ")
}

// ParseSuspension reads what [Suspension.String] wrote; what it does not know is
// not suspended.
func ParseSuspension(text string) Suspension {
	words := strings.Fields(text)
	return Suspension{In: slices.Contains(words, "in"), Out: slices.Contains(words, "out"), Scheduled: slices.Contains(words, "scheduled")}
}

// ScalingPolicy is one scaling policy of a service.
type ScalingPolicy struct {
	ARN, Name string
	Type      string // TargetTrackingScaling, StepScaling, PredictiveScaling
	// Metric and Target are what target tracking holds where:
	// ECSServiceAverageCPUUtilization at 60. Steps have an alarm's metric
	// elsewhere, and neither.
	Metric    string
	Target    float64
	ScaleIn   bool // it also scales in
	CoolIn    time.Duration
	CoolOut   time.Duration
	Steps     []ScalingStep
	Alarms    []string // names
	CreatedAt time.Time
}

// ScalingStep is one adjustment of a step policy: by how much from how far over
// (or under) the alarm's threshold on.
type ScalingStep struct {
	Lower, Upper *float64 // nil is without an end
	Change       int
	Kind         string // ChangeInCapacity, PercentChangeInCapacity, ExactCapacity
}

// ScalingChange is what RegisterScalableTarget changes; nil fields stay as they
// are. A service that is not registered needs Min and Max.
type ScalingChange struct {
	Min, Max  *int
	Suspended *Suspension
}

// CheckScaling says what is wrong with a change of scaling, or "". now is what
// there is; the rules are those of RegisterScalableTarget.
func CheckScaling(now Scaling, c ScalingChange) string {
	low, high := now.Min, now.Max
	if c.Min != nil {
		low = *c.Min
	}
	if c.Max != nil {
		high = *c.Max
	}
	switch {
	case !now.Registered && (c.Min == nil || c.Max == nil):
		return "a service that is not registered for autoscaling needs both a least and a most number of tasks"
	case low < 0:
		return fmt.Sprintf("the least number of tasks is %d, should be 0 or more", low)
	case high < low:
		return fmt.Sprintf("the most number of tasks, %d, is below the least, %d", high, low)
	}
	return ""
}
