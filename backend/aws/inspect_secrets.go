package aws

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// secretUse is a value that the documents take from elsewhere: for whom, and the
// path of its place.
type secretUse struct{ path, name string }

// secrets asks for the secrets and parameters that containers get. Only what
// describes them is asked for: no value comes here.
func (i *inspection) secrets() {
	uses := map[string][]secretUse{}
	var order []string
	add := func(from, path, name string) {
		if from == "" {
			return
		}
		if uses[from] == nil {
			order = append(order, from)
		}
		uses[from] = append(uses[from], secretUse{path, name})
	}
	for n, c := range i.req.TaskDefinition.Containers {
		on := i.container(n)
		for j, s := range c.Secrets {
			add(s.ValueFrom, field(n, "secrets[%d].valueFrom", j), "the variable "+s.Name)
		}
		for j, s := range on.Log.Secrets {
			add(s.ValueFrom, field(n, "logConfiguration.secretOptions[%d].valueFrom", j), "the log option "+s.Name)
		}
		add(on.Repository.Parameter, field(n, "repositoryCredentials.credentialsParameter"), "the registry's credentials")
	}
	for _, from := range order {
		i.ask(func(ctx context.Context) verdict { return i.secret(ctx, from, uses[from]) })
	}
}

// fromSecrets is how a parameter names a secret of Secrets Manager.
const fromSecrets = "/aws/reference/secretsmanager/"

// secret looks whether what a value is taken from exists, in the forms that ECS
// takes ("Pass sensitive data to an Amazon ECS container" in its developer
// guide).
func (i *inspection) secret(ctx context.Context, from string, uses []secretUse) verdict {
	service, region, account, resource, ok := splitARN(from)
	if !ok {
		if id, is := strings.CutPrefix(from, fromSecrets); is {
			return i.managed(ctx, i.region, secretRef{id: id}, uses)
		}
		return i.parameter(ctx, i.region, []string{from}, uses)
	}
	var v verdict
	parameter, isParameter := strings.CutPrefix(resource, "parameter/")
	switch {
	case (service == "ssm" || service == "secretsmanager") && i.elsewhere(account):
		v.unknown(uses[0].path, "the value of "+uses[0].name+" (account "+account+")", "", errOtherAccount)
		return v
	case service == "ssm" && isParameter && strings.Contains(parameter, "/"):
		return i.parameter(ctx, region, []string{"/" + parameter}, uses)
	case service == "ssm" && isParameter:
		return i.parameter(ctx, region, []string{parameter, "/" + parameter}, uses)
	case service == "secretsmanager" && strings.HasPrefix(resource, "secret:"):
		if ref, ok := parseSecret(from); ok {
			return i.managed(ctx, region, ref, uses)
		}
	}
	for _, u := range uses {
		v.problem(u.path, "use arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:KEY:STAGE:VERSION], or the name or ARN of a parameter",
			"%s is no ARN of a secret or a parameter: %s gets no value", from, u.name)
	}
	return v
}

// secretRef is a secret, and which of its versions; "" is the current one.
type secretRef struct{ id, stage, version string }

// parseSecret takes "arn:…:secret:name-AbCdEf[:json-key[:stage[:version]]]" apart.
func parseSecret(arn string) (secretRef, bool) {
	f := strings.Split(arn, ":")
	if len(f) < 7 || len(f) > 10 || f[6] == "" {
		return secretRef{}, false
	}
	f = append(f, "", "", "")
	return secretRef{id: strings.Join(f[:7], ":"), stage: f[8], version: f[9]}, true
}

// managed looks for a secret of Secrets Manager, and the version of it.
func (i *inspection) managed(ctx context.Context, region string, ref secretRef, uses []secretUse) (v verdict) {
	const action = "secretsmanager:DescribeSecret"
	var out struct {
		Deleted  json.RawMessage     `json:"DeletedDate"` // seconds since 1970
		Versions map[string][]string `json:"VersionIdsToStages"`
	}
	err := smallJSON(ctx, i.b, secretsService(), region, "DescribeSecret", ref.id, map[string]string{"SecretId": ref.id}, &out)
	name := strings.TrimPrefix(ref.id[strings.LastIndexByte(ref.id, ':')+1:], "secret:")
	each := func(remedy, format string, args ...any) {
		for _, u := range uses {
			v.problem(u.path, remedy, format+": "+"%s gets no value", append(args, u.name)...)
		}
	}
	switch {
	case backend.KindOf(err) == backend.NotFound:
		each("create it in "+region+", or correct the ARN", "Secrets Manager has no secret %s", name)
	case err != nil:
		v.unknown(uses[0].path, "the secret "+name, action, err)
	case len(out.Deleted) > 0 && string(out.Deleted) != "null":
		each("restore it: aws secretsmanager restore-secret --secret-id "+name, "the secret %s is about to be deleted", name)
	case ref.version != "" && out.Versions != nil && out.Versions[ref.version] == nil:
		each("correct the version, or leave it out for the current one", "the secret %s has no version %s", name, ref.version)
	case ref.stage != "" && !staged(out.Versions, ref.stage):
		each("correct the stage, or leave it out for AWSCURRENT", "the secret %s has no version of stage %s", name, ref.stage)
	}
	return v
}

// staged says whether a version has a stage; where nothing is told of versions,
// it is not doubted.
func staged(versions map[string][]string, stage string) bool {
	for _, stages := range versions {
		if slices.Contains(stages, stage) {
			return true
		}
	}
	return len(versions) == 0
}

// parameter looks for a parameter of Systems Manager. An ARN does not tell
// whether the name begins with a slash: either name will do.
func (i *inspection) parameter(ctx context.Context, region string, names []string, uses []secretUse) (v verdict) {
	const action = "ssm:DescribeParameters"
	// GetParameters would give values away; a version or label stands after a colon.
	var bare []string
	for _, n := range names {
		n, _, _ = strings.Cut(n, ":")
		bare = append(bare, n)
	}
	in := map[string]any{"ParameterFilters": []any{map[string]any{"Key": "Name", "Option": "Equals", "Values": bare}}}
	// Pages may be empty and not the last.
	for page := 0; ; page++ {
		var out struct {
			Parameters []struct{} `json:"Parameters"`
			Next       string     `json:"NextToken"`
		}
		err := smallJSON(ctx, i.b, systemsService(), region, "DescribeParameters", bare[0], in, &out)
		switch {
		case err != nil:
			v.unknown(uses[0].path, "the parameter "+bare[0], action, err)
			return v
		case len(out.Parameters) > 0:
			return v
		case out.Next == "":
			for _, u := range uses {
				v.problem(u.path, "create it in "+region+", or correct the name", "Systems Manager has no parameter %s: %s gets no value", bare[0], u.name)
			}
			return v
		case page >= 10:
			v.unknown(uses[0].path, "the parameter "+bare[0], action, errors.New("the list of parameters has no end"))
			return v
		}
		in["NextToken"] = out.Next
	}
}
