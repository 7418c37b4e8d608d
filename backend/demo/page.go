package demo

import (
	"iter"
	"slices"
	"strconv"

	"github.com/ecs-tui/ecs-tui/backend"
)

// pageSize is ECS's largest page, and the demo's own.
const pageSize = 100

// page cuts one page out of a list. A token is the index of its first item.
func page[T any](op string, items []T, p backend.PageRequest) (backend.Page[T], error) {
	return pageOf(op, slices.Values(items), p)
}

// pageOf is page for items that are found as they are asked for.
func pageOf[T any](op string, items iter.Seq[T], p backend.PageRequest) (backend.Page[T], error) {
	from := 0
	if p.Token != "" {
		n, err := strconv.Atoi(p.Token)
		if err != nil || n < 0 {
			return backend.Page[T]{}, backend.Errorf(op, backend.Invalid, "nextToken", "is no token of this list")
		}
		from = n
	}
	size := p.Size
	if size <= 0 || size > pageSize {
		size = pageSize
	}
	var out backend.Page[T]
	n := 0
	for item := range items {
		switch {
		case n < from:
		case n < from+size:
			out.Items = append(out.Items, item)
		default:
			out.Next = strconv.Itoa(n)
			return out, nil
		}
		n++
	}
	return out, nil
}
