package aws

import (
	"time"
)

// kept is an answer that is the newest for a while.
type kept[T any] struct {
	value T
	at    time.Time
}

// keep gives the answer of before while it is younger than long, else reads
// another. A failure is not kept.
func keep[T any](b *Backend, c *cache[kept[T]], key string, long time.Duration, read func() (T, error)) (T, error) {
	now := b.clock.Now()
	if k, ok := c.get(key); ok && now.Sub(k.at) < long {
		return k.value, nil
	}
	v, err := read()
	if err == nil {
		c.put(key, kept[T]{v, now})
	}
	return v, err
}
