package ecsapi

import (
	"context"
	"encoding/base32"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// discovery are the operations of Cloud Map, for the entries that services name.
func (h *Handler) discovery() map[string]operation {
	return map[string]operation{
		"ListNamespaces":           typed(h.listNamespaces),
		"ListServices":             typed(h.listEntries),
		"GetNamespace":             typed(h.getNamespace),
		"GetService":               typed(h.getEntry),
		"ListInstances":            typed(h.listInstances),
		"GetInstancesHealthStatus": typed(h.instancesHealth),
	}
}

// entry gives the entry of an id, or of an ARN.
func (h *Handler) entry(ctx context.Context, ref string) (d backend.Discovery, p place, err error) {
	if p, err = h.place(ctx); err != nil {
		return d, p, err
	}
	arn := ref
	if !strings.HasPrefix(ref, "arn:") {
		arn = p.arn("servicediscovery", "service/"+ref)
	}
	found, err := h.b.DescribeDiscovery(ctx, backend.DiscoveryQuery{ARNs: []string{arn}})
	switch kind := backend.KindOf(err); {
	case kind == backend.NotFound, err == nil && len(found) == 0:
		return d, p, failf(http.StatusBadRequest, "ServiceNotFound", "Service not found: %s", backend.Clean(ref))
	case err != nil:
		return d, p, err
	}
	return found[0], p, nil
}

// entries are all that services name.
func (h *Handler) entries(ctx context.Context) ([]backend.Discovery, error) {
	var arns []string
	err := h.everyService(ctx, func(s backend.Service) bool {
		for _, arn := range backend.DiscoveryARNs(s) {
			if !slices.Contains(arns, arn) {
				arns = append(arns, arn)
			}
		}
		return true
	})
	if err != nil || len(arns) == 0 {
		return nil, err
	}
	return h.b.DescribeDiscovery(ctx, backend.DiscoveryQuery{ARNs: arns})
}

// namespaceID makes an id of a namespace's name and kind, from which both can be
// read again: nothing needs to be remembered.
func namespaceID(d backend.Discovery) string {
	if d.Namespace == "" {
		return ""
	}
	return "ns-" + strings.ToLower(idCoding().EncodeToString([]byte(d.Kind+" "+d.Namespace)))
}

func idCoding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

// namespace reads the id again.
func namespace(id string) (kind, name string, ok bool) {
	rest, ok := strings.CutPrefix(id, "ns-")
	raw, err := idCoding().DecodeString(strings.ToUpper(rest))
	if !ok || err != nil {
		return "", "", false
	}
	return strings.Cut(string(raw), " ")
}

func entryID(d backend.Discovery) string { return backend.ShortName(d.ARN) }

func entryShape(d backend.Discovery) obj {
	o := obj{"Arn": d.ARN, "Id": entryID(d), "Name": d.Name, "InstanceCount": len(d.Instances)}.put("NamespaceId", namespaceID(d))
	if len(d.Records) > 0 {
		o["DnsConfig"] = obj{"DnsRecords": each(d.Records, func(text string) obj {
			kind, rest, _ := strings.Cut(text, ", TTL ")
			seconds, _ := strconv.Atoi(strings.TrimSuffix(rest, " s"))
			return obj{"Type": kind, "TTL": seconds}
		})}.put("RoutingPolicy", d.Routing)
		o["Type"] = "DNS_HTTP"
	}
	return o
}

func (h *Handler) getEntry(ctx context.Context, in *struct {
	ID string `json:"Id"`
},
) (any, error) {
	d, _, err := h.entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return obj{"Service": entryShape(d)}, nil
}

func (h *Handler) getNamespace(ctx context.Context, in *struct {
	ID string `json:"Id"`
},
) (any, error) {
	kind, name, ok := namespace(in.ID)
	if !ok {
		return nil, failf(http.StatusBadRequest, "NamespaceNotFound", "Namespace not found: %s", backend.Clean(in.ID))
	}
	p, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	return obj{"Namespace": obj{
		"Arn": p.arn("servicediscovery", "namespace/"+in.ID), "Id": in.ID, "Name": backend.Clean(name),
	}.put("Type", backend.Clean(kind))}, nil
}

func (h *Handler) listEntries(ctx context.Context, in *paging) (any, error) {
	all, err := h.entries(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := cutSD("ListServices", in, all)
	return obj{"Services": each(page, entryShape)}.put("NextToken", next), err
}

func (h *Handler) listNamespaces(ctx context.Context, in *paging) (any, error) {
	all, err := h.entries(ctx)
	if err != nil {
		return nil, err
	}
	p, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{"": true}
	all = slices.DeleteFunc(all, func(d backend.Discovery) bool {
		known := seen[namespaceID(d)]
		seen[namespaceID(d)] = true
		return known
	})
	page, next, err := cutSD("ListNamespaces", in, all)
	return obj{"Namespaces": each(page, func(d backend.Discovery) obj {
		id := namespaceID(d)
		return obj{"Arn": p.arn("servicediscovery", "namespace/"+id), "Id": id, "Name": d.Namespace}.put("Type", d.Kind)
	})}.put("NextToken", next), err
}

// cutSD gives one page of Cloud Map, whose pages hold up to 100.
func cutSD[T any](scope string, in *paging, all []T) ([]T, string, error) {
	limit := 0
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	return cut(scope, in.NextToken, all, limit, mostPage)
}

func (h *Handler) listInstances(ctx context.Context, in *struct {
	paging
	ID string `json:"ServiceId"`
},
) (any, error) {
	d, _, err := h.entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, next, err := cutSD("ListInstances "+in.ID, &in.paging, d.Instances)
	return obj{"Instances": each(page, func(r backend.Registration) obj {
		a := obj{}.put("AWS_INSTANCE_IPV4", r.Address).put("AVAILABILITY_ZONE", r.Zone)
		if r.Port > 0 {
			a["AWS_INSTANCE_PORT"] = strconv.Itoa(r.Port)
		}
		if r.Health != "" {
			a["AWS_INIT_HEALTH_STATUS"] = r.Health
		}
		return obj{"Id": r.ID, "Attributes": a}
	})}.put("NextToken", next), err
}

func (h *Handler) instancesHealth(ctx context.Context, in *struct {
	paging
	ID        string   `json:"ServiceId"`
	Instances []string `json:"Instances"`
},
) (any, error) {
	d, _, err := h.entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, next, err := cutSD("GetInstancesHealthStatus "+in.ID, &in.paging, d.Instances)
	status := obj{}
	for _, r := range page {
		if len(in.Instances) == 0 || slices.Contains(in.Instances, r.ID) {
			status.put(r.ID, r.Health)
		}
	}
	return obj{"Status": status}.put("NextToken", next), err
}
