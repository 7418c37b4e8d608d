package backend

// Discovery is a service's entry in a service registry (AWS Cloud Map, or the
// engine's own DNS): the name that clients look up, and what it gives them.
type Discovery struct {
	ARN, Name string
	Namespace string   // its name: "shop.local"
	Kind      string   // DNS_PRIVATE, DNS_PUBLIC, HTTP
	Records   []string // "A, TTL 15 s"
	Routing   string   // MULTIVALUE, WEIGHTED
	Instances []Registration
}

// DiscoveryQuery asks for the entries of a service: by the ARNs in its document,
// see [DiscoveryARNs]. A backend that has an entry for every service goes by the
// name of cluster and service.
type DiscoveryQuery struct {
	Cluster, Service string
	ARNs             []string
}

// Host is the name that clients look up.
func (d Discovery) Host() string {
	if d.Namespace == "" {
		return d.Name
	}
	return d.Name + "." + d.Namespace
}

// Registration is one instance of an entry: one task.
type Registration struct {
	ID      string // the task's id
	Address string
	Port    int    // 0 where the entry has none
	Health  string // HEALTHY, UNHEALTHY, UNKNOWN; "" where nobody checks
	Zone    string
}

// DiscoveryARNs are the ARNs in a service's serviceRegistries.
func DiscoveryARNs(s Service) []string {
	var doc struct {
		Registries []struct {
			ARN string `json:"registryArn"`
		} `json:"serviceRegistries"`
	}
	if len(s.Document) == 0 || s.Document.Decode(&doc) != nil {
		return nil
	}
	var out []string
	for _, r := range doc.Registries {
		if r.ARN != "" {
			out = append(out, Clean(r.ARN))
		}
	}
	return out
}
