package aws

import (
	"slices"
	"sync"
)

// cacheSize is how many values a cache keeps.
const cacheSize = 2000

// cache keeps what never changes once it is complete: a revision, what a
// service revision resolved to. The oldest goes when it is full.
type cache[T any] struct {
	mu    sync.Mutex
	m     map[string]T
	order []string
}

func (c *cache[T]) get(key string) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.m[key]
	return v, ok
}

func (c *cache[T]) put(key string, v T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[string]T{}
	}
	if _, ok := c.m[key]; !ok {
		if len(c.order) >= cacheSize {
			delete(c.m, c.order[0])
			c.order = c.order[1:]
		}
		c.order = append(c.order, key)
	}
	c.m[key] = v
}

// drop forgets a value that is not true any more.
func (c *cache[T]) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.m[key]; ok {
		delete(c.m, key)
		c.order = slices.DeleteFunc(c.order, func(k string) bool { return k == key })
	}
}
