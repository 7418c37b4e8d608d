package ecsapi

import (
	"context"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// sts says who the caller is: whoever signs, everybody has all rights here.
func (h *Handler) sts() map[string]operation {
	return map[string]operation{
		"GetCallerIdentity": func(ctx context.Context, c *call) (any, error) {
			p, err := h.place(ctx)
			if err != nil {
				return nil, err
			}
			return obj{
				"Account": p.account, "UserId": c.accessKey, "Arn": "arn:aws:iam::" + p.account + ":user/" + c.accessKey,
			}, nil
		},
	}
}

// place is where the backend's ARNs say that they are.
type place struct{ region, account string }

func (h *Handler) place(ctx context.Context) (place, error) {
	page, err := h.b.ListClusters(ctx, backend.PageRequest{Size: 1})
	if err != nil {
		return place{}, err
	}
	if len(page.Items) > 0 {
		if f := strings.SplitN(page.Items[0], ":", 6); len(f) == 6 {
			return place{f[3], f[4]}, nil
		}
	}
	return place{"local", "000000000000"}, nil
}

// arn is the ARN of what another service than ECS has.
func (p place) arn(service, resource string) string {
	return strings.Join([]string{"arn:aws", service, p.region, p.account, resource}, ":")
}
