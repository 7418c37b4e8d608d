package aws

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	sd "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// entryKept is how long an entry's own settings are kept, which hardly ever
	// change, and instancesKept how long who is registered is.
	entryKept     = 10 * time.Minute
	instancesKept = 8 * time.Second
)

func cloudMap(c *clients) *sd.Client { return c.discovery }

// DescribeDiscovery reads entries of Cloud Map: what each is, which is kept, and
// who is registered, in two calls.
func (b *Backend) DescribeDiscovery(ctx context.Context, q backend.DiscoveryQuery) ([]backend.Discovery, error) {
	return describe(ctx, q.ARNs, 1, func(ctx context.Context, arns []string) ([]backend.Discovery, error) {
		d, err := keep(b, &b.entries, arns[0], entryKept, func() (backend.Discovery, error) { return b.readEntry(ctx, arns[0]) })
		if err != nil {
			return nil, err
		}
		d.Instances, err = keep(b, &b.registrations, arns[0], instancesKept, func() ([]backend.Registration, error) { return b.readRegistrations(ctx, d) })
		return []backend.Discovery{d}, err
	})
}

func (b *Backend) readEntry(ctx context.Context, arn string) (backend.Discovery, error) {
	d := backend.Discovery{ARN: arn}
	id := backend.ShortName(arn)
	got, err := sdkCall(ctx, b, "GetService", id, cloudMap, &sd.GetServiceInput{Id: &id}, (*sd.Client).GetService)
	if err != nil {
		return d, err
	}
	s := got.Service
	if s == nil {
		return d, backend.Errorf("GetService", backend.NotFound, backend.Clean(id), "the entry does not exist in Cloud Map")
	}
	d.Name = cleanPtr(s.Name)
	namespace := s.NamespaceId
	if dns := s.DnsConfig; dns != nil {
		d.Routing = backend.Clean(string(dns.RoutingPolicy))
		for _, r := range dns.DnsRecords {
			d.Records = append(d.Records, fmt.Sprintf("%s, TTL %d s", backend.Clean(string(r.Type)), awssdk.ToInt64(r.TTL)))
		}
	}
	if awssdk.ToString(namespace) == "" {
		return d, nil
	}
	ns, err := sdkCall(ctx, b, "GetNamespace", *namespace, cloudMap, &sd.GetNamespaceInput{Id: namespace}, (*sd.Client).GetNamespace)
	if err != nil {
		return d, err
	}
	if n := ns.Namespace; n != nil {
		d.Namespace, d.Kind = cleanPtr(n.Name), backend.Clean(string(n.Type))
	}
	return d, nil
}

// readRegistrations lists the instances of an entry with their health. An entry
// without health checks has none to tell.
func (b *Backend) readRegistrations(ctx context.Context, d backend.Discovery) ([]backend.Registration, error) {
	id := backend.ShortName(d.ARN)
	var out []backend.Registration
	in := &sd.ListInstancesInput{ServiceId: &id}
	for {
		page, err := sdkCall(ctx, b, "ListInstances", id, cloudMap, in, (*sd.Client).ListInstances)
		if err != nil {
			return nil, err
		}
		for _, i := range page.Instances {
			out = append(out, registrationOf(i))
		}
		if in.NextToken = page.NextToken; awssdk.ToString(in.NextToken) == "" {
			break
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	health := map[string]string{}
	check := &sd.GetInstancesHealthStatusInput{ServiceId: &id}
	for {
		page, err := sdkCall(ctx, b, "GetInstancesHealthStatus", id, cloudMap, check, (*sd.Client).GetInstancesHealthStatus)
		if err != nil {
			if backend.KindOf(err) == backend.Denied { // who is registered is worth showing without it
				return out, nil
			}
			return nil, err
		}
		for instance, status := range page.Status {
			health[backend.Clean(instance)] = backend.Clean(string(status))
		}
		if check.NextToken = page.NextToken; awssdk.ToString(check.NextToken) == "" {
			break
		}
	}
	for i := range out {
		out[i].Health = health[out[i].ID]
	}
	return out, nil
}

func registrationOf(i types.InstanceSummary) backend.Registration {
	a := func(keys ...string) string {
		for _, k := range keys {
			if v := backend.Clean(strings.TrimSpace(i.Attributes[k])); v != "" {
				return v
			}
		}
		return ""
	}
	port, _ := strconv.Atoi(a("AWS_INSTANCE_PORT"))
	return backend.Registration{
		ID: cleanPtr(i.Id), Address: a("AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_CNAME", "AWS_ALIAS_DNS_NAME"),
		Port: port, Zone: a("AVAILABILITY_ZONE"),
	}
}
