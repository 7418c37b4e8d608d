package aws

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// bucket is ECS's own token bucket for a kind of call: so many at once, and so
// many more a second ("Request throttling" in the ECS API reference).
type bucket struct{ burst, rate float64 }

// share is the part of each bucket that this program takes.
const share = 0.45

// bucketOf gives the bucket of a call, and the name that calls which share it
// have in common.
func bucketOf(op string) (string, bucket) {
	service, name, _ := strings.Cut(op, ".")
	switch service {
	case "ecr":
		if name == "PutImage" {
			return op, bucket{10, 10}
		}
		return "ecr", bucket{100, 100}
	case "logs":
		if name == "FilterLogEvents" {
			return op, bucket{5, 5}
		}
		return op, bucket{10, 10}
	case "elb":
		// "Request throttling for the ELB API" in its user guide: what changes
		// nothing, 40 and 10 more a second. Nothing here changes anything.
		return service, bucket{40, 10}
	case "iam", "secrets", "systems", "ec2":
		// Assumed, below what each of them is known to bear from one account.
		return service, bucket{20, 10}
	case "scaling", "discovery":
		// Assumed: the quotas of Application Auto Scaling count resources only, and
		// those of Cloud Map give a rate for DiscoverInstances alone, which is not
		// called here.
		return service, bucket{20, 10}
	case "scheduler":
		// Assumed, below the rates that EventBridge Scheduler's quotas give.
		return service, bucket{50, 20}
	case "ecs":
	default:
		return "", bucket{}
	}
	switch name {
	case "ListServices", "DescribeServices":
		return "service read", bucket{100, 20}
	case "CreateService", "UpdateService", "DeleteService", "StopServiceDeployment", "ContinueServiceDeployment":
		return "service modify", bucket{50, 5}
	case "ListTasks", "DescribeTasks", "DescribeContainerInstances", "ListContainerInstances":
		return "task read", bucket{100, 20}
	case "RunTask", "StopTask", "ExecuteCommand", "StartTask":
		return "task modify", bucket{100, 40}
	case "ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions":
		return "deployment read", bucket{50, 20}
	case "ListTaskDefinitions", "ListTaskDefinitionFamilies", "DescribeTaskDefinition":
		return "definition read", bucket{50, 20}
	case "RegisterTaskDefinition", "DeregisterTaskDefinition":
		return "definition modify", bucket{20, 1}
	case "DeleteTaskDefinitions":
		return "definition delete", bucket{5, 1}
	case "CreateCluster", "DeleteCluster":
		return "cluster modify", bucket{20, 1}
	case "ListTagsForResource":
		return "tag read", bucket{50, 20}
	case "TagResource", "UntagResource":
		return "tag modify", bucket{20, 10}
	default:
		return "cluster", bucket{50, 20}
	}
}

// limiter keeps calls under a share of every bucket. A caller that may not yet
// call waits, in turn.
type limiter struct {
	clock backend.Clock

	mu     sync.Mutex
	levels map[string]*level
	quiet  time.Time // until when the last throttling counts
}

type level struct {
	tokens, burst, rate float64
	at                  time.Time
}

func newLimiter(clock backend.Clock) *limiter {
	return &limiter{clock: clock, levels: map[string]*level{}}
}

// reserve is the part of the share that calls in the background leave to those
// that somebody waits for.
const reserve = 0.5

// wait returns when the call may be made. Tokens are taken at once and may go
// below zero, so that callers are served in the order they came.
func (l *limiter) wait(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for backend.IsBackground(ctx) {
		pause := l.untilAbove(op, reserve)
		if pause <= 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.clock.After(pause):
		}
	}
	pause := l.take(op)
	if pause <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		l.giveBack(op)
		return ctx.Err()
	case <-l.clock.After(pause):
		return nil
	}
}

// background is how many calls a second may go to rows that nobody looks at:
// less than half of the smallest rate that is left, so that there is always
// room for what somebody waits for.
const background = 4

// level is the bucket of a call, filled up to now; nil for a call that has none.
func (l *limiter) level(op string) *level {
	key, b := bucketOf(op)
	if b.rate == 0 {
		return nil
	}
	now := l.clock.Now()
	lv := l.levels[key]
	if lv == nil {
		lv = &level{tokens: max(1, b.burst*share), burst: max(1, b.burst*share), rate: b.rate * share, at: now}
		l.levels[key] = lv
	}
	if gone := now.Sub(lv.at).Seconds(); gone > 0 {
		lv.tokens, lv.at = min(lv.burst, lv.tokens+gone*lv.rate), now
	}
	return lv
}

// untilAbove is how long until the bucket holds more than a part of its burst.
func (l *limiter) untilAbove(op string, part float64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	lv := l.level(op)
	if lv == nil {
		return 0
	}
	return time.Duration((lv.burst*part - lv.tokens) / lv.rate * float64(time.Second))
}

func (l *limiter) take(op string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	lv := l.level(op)
	if lv == nil {
		return 0
	}
	lv.tokens--
	if lv.tokens >= 0 {
		return 0
	}
	return time.Duration(-lv.tokens / lv.rate * float64(time.Second))
}

func (l *limiter) giveBack(op string) {
	key, _ := bucketOf(op)
	l.mu.Lock()
	defer l.mu.Unlock()
	if lv := l.levels[key]; lv != nil {
		lv.tokens++
	}
}

// throttledFor is how long the sign stays in the header.
const throttledFor = 30 * time.Second

// throttled notes that ECS refused a call although the limit was kept: others
// use the same bucket. It is emptied here too, so that it can fill again there.
func (l *limiter) throttled(op string) {
	key, _ := bucketOf(op)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.quiet = l.clock.Now().Add(throttledFor)
	if lv := l.levels[key]; lv != nil {
		lv.tokens = min(lv.tokens, 0)
	}
}

func (l *limiter) isThrottled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clock.Now().Before(l.quiet)
}
