package aws

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// parameterUse is a value from a parameter of Systems Manager, by a name that it
// may have.
type parameterUse struct {
	region string
	names  []string
	secretUse
}

const (
	// parametersACall is how many names a filter of DescribeParameters takes,
	// halved: a parameter may have two.
	parametersACall = 25
	// parameterPages bounds an answer: its pages may be empty and not the last.
	parameterPages = 20
)

var errNoEnd = errors.New("the list of parameters has no end")

// parameters asks for parameters, many with one call. GetParameters would give
// their values away; this describes them.
func (i *inspection) parameters(uses []parameterUse) {
	byRegion := map[string][]parameterUse{}
	var regions []string
	for _, u := range uses {
		if byRegion[u.region] == nil {
			regions = append(regions, u.region)
		}
		for n, name := range u.names { // a version or a label stands after a colon
			u.names[n], _, _ = strings.Cut(name, ":")
		}
		byRegion[u.region] = append(byRegion[u.region], u)
	}
	for _, region := range regions {
		for some := range slices.Chunk(byRegion[region], parametersACall) {
			i.ask(func(ctx context.Context) verdict { return i.someParameters(ctx, region, some) })
		}
	}
}

func (i *inspection) someParameters(ctx context.Context, region string, uses []parameterUse) (v verdict) {
	var names []string
	for _, u := range uses {
		for _, name := range u.names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	found, err := i.b.parametersOf(ctx, region, names)
	for _, u := range uses {
		switch {
		case err != nil:
			v.unknown(u.path, "the parameter "+u.names[0], "ssm:DescribeParameters", err)
		case !slices.ContainsFunc(u.names, func(name string) bool { return found[name] }):
			v.problem(u.path, "create it in "+region+", or correct the name", "Systems Manager has no parameter %s: %s gets no value", u.names[0], u.name)
		}
	}
	return v
}

// parametersOf finds which of some names are parameters of a region.
func (b *Backend) parametersOf(ctx context.Context, region string, names []string) (map[string]bool, error) {
	found := map[string]bool{}
	in := map[string]any{"ParameterFilters": []any{map[string]any{"Key": "Name", "Option": "Equals", "Values": names}}}
	for range parameterPages {
		var out struct {
			Parameters []struct {
				Name string `json:"Name"`
			} `json:"Parameters"`
			Next string `json:"NextToken"`
		}
		if err := smallJSON(ctx, b, systemsService(), region, "DescribeParameters", names[0], in, &out); err != nil {
			return nil, err
		}
		for _, p := range out.Parameters {
			found[p.Name] = true
		}
		if out.Next == "" {
			return found, nil
		}
		in["NextToken"] = out.Next
	}
	return nil, errNoEnd
}
