package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testPaging reads lists one item at a time: a page is never longer than asked
// for, and everything comes once.
func testPaging(s *suite) {
	td := s.register(s.definition(s.name("app"), s.Image, nil))
	for n := range 3 {
		if n > 0 {
			s.register(s.definition(s.name("app"), s.Image, nil))
		}
		s.create(s.spec(s.name(fmt.Sprint("s", n)), td.ARN, 0))
	}
	for name, list := range map[string]func(context.Context, backend.PageRequest) (backend.Page[string], error){
		"services": func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return s.b.ListServices(ctx, s.Cluster, p)
		},
		"revisions": func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return s.b.ListTaskDefinitions(ctx, td.Family, backend.ActiveDefinition, p)
		},
	} {
		var got []string
		req := backend.PageRequest{Size: 1}
		for {
			page, err := list(s.Context(), req)
			s.must(err)
			if len(page.Items) > 1 {
				s.Fatalf("%s: a page of %d items, 1 was asked for", name, len(page.Items))
			}
			for _, item := range page.Items {
				if strings.Contains(item, s.Prefix) {
					got = append(got, item)
				}
			}
			if page.Next == "" {
				break
			}
			if page.Next == req.Token {
				s.Fatalf("%s: the token does not move", name)
			}
			req.Token = page.Next
		}
		mine := slices.DeleteFunc(slices.Clone(got), func(arn string) bool { return !strings.Contains(arn, s.name("")) })
		slices.Sort(mine)
		if unique := slices.Compact(slices.Clone(mine)); len(unique) != 3 || len(mine) != 3 {
			s.Errorf("%s: %d items, %d different, want 3: %v", name, len(mine), len(unique), mine)
		}
		if name == "revisions" && (len(got) != 3 || !strings.HasSuffix(got[0], ":3")) && td.Revision == 1 {
			s.Errorf("revisions are not newest first: %v", got)
		}
	}
	_, err := s.b.ListServices(s.Context(), s.Cluster, backend.PageRequest{Token: "no such token"})
	s.kind("a made-up token", err, backend.Invalid)
}
