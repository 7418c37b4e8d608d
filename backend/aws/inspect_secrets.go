package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// secretUse is a value that the documents take from elsewhere: the path of its
// place, for whom it is, and which version of it, "" for the current one.
type secretUse struct{ path, name, stage, version string }

// inRegion is a secret or a parameter of a region.
type inRegion struct{ region, id string }

// sources are what the documents take values from, each once.
type sources struct {
	order      []inRegion // of the secrets
	secrets    map[inRegion][]secretUse
	parameters []parameterUse
}

// secrets asks for the secrets and parameters that containers get. Only what
// describes them is asked for: no value comes here.
func (i *inspection) secrets() {
	from := sources{secrets: map[inRegion][]secretUse{}}
	for n, c := range i.req.TaskDefinition.Containers {
		on := i.container(n)
		for j, s := range c.Secrets {
			i.source(&from, s.ValueFrom, secretUse{path: field(n, "secrets[%d].valueFrom", j), name: "the variable " + s.Name})
		}
		for j, s := range on.Log.Secrets {
			i.source(&from, s.ValueFrom, secretUse{path: field(n, "logConfiguration.secretOptions[%d].valueFrom", j), name: "the log option " + s.Name})
		}
		i.source(&from, on.Repository.Parameter, secretUse{path: field(n, "repositoryCredentials.credentialsParameter"), name: "the registry's login"})
	}
	for _, key := range from.order {
		i.ask(func(ctx context.Context) verdict { return i.managed(ctx, key, from.secrets[key]) })
	}
	i.parameters(from.parameters)
}

// fromSecrets is how a parameter names a secret of Secrets Manager.
const fromSecrets = "/aws/reference/secretsmanager/"

// source notes what a value is taken from, in the forms that ECS takes ("Pass
// sensitive data to an Amazon ECS container" in its developer guide).
func (i *inspection) source(to *sources, from string, use secretUse) {
	secret := func(key inRegion) {
		if to.secrets[key] == nil {
			to.order = append(to.order, key)
		}
		to.secrets[key] = append(to.secrets[key], use)
	}
	parameter := func(region string, names ...string) {
		to.parameters = append(to.parameters, parameterUse{region, names, use})
	}
	service, region, account, resource, ok := splitARN(from)
	name, isParameter := strings.CutPrefix(resource, "parameter/")
	isParameter = isParameter && service == "ssm"
	switch {
	case from == "":
	case !ok && strings.HasPrefix(from, fromSecrets):
		secret(inRegion{i.region, strings.TrimPrefix(from, fromSecrets)})
	case !ok:
		parameter(i.region, from)
	case (service == "ssm" || service == "secretsmanager") && i.elsewhere(account):
		i.ask(func(context.Context) (v verdict) {
			v.unknown(use.path, "the value of "+use.name+" (account "+account+")", "", errOtherAccount)
			return v
		})
	case isParameter && strings.Contains(name, "/"):
		parameter(region, "/"+name)
	case isParameter: // an ARN does not tell whether the name begins with a slash
		parameter(region, name, "/"+name)
	default:
		id, stage, version, ok := parseSecret(from)
		if ok && service == "secretsmanager" {
			use.stage, use.version = stage, version
			secret(inRegion{region, id})
			return
		}
		i.ask(func(context.Context) (v verdict) {
			v.problem(use.path, "use arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:KEY:STAGE:VERSION], or the name or ARN of a parameter",
				"%s is no ARN of a secret or a parameter: %s gets no value", from, use.name)
			return v
		})
	}
}

// parseSecret takes "arn:…:secret:name-AbCdEf[:json-key[:stage[:version]]]" apart.
func parseSecret(arn string) (id, stage, version string, ok bool) {
	f := strings.Split(arn, ":")
	if len(f) < 7 || len(f) > 10 || f[5] != "secret" || f[6] == "" {
		return "", "", "", false
	}
	f = append(f, "", "", "")
	return strings.Join(f[:7], ":"), f[8], f[9], true
}

// managed looks for a secret of Secrets Manager, and for the versions of it that
// are named.
func (i *inspection) managed(ctx context.Context, key inRegion, uses []secretUse) (v verdict) {
	var out struct {
		Deleted  json.RawMessage     `json:"DeletedDate"` // seconds since 1970
		Versions map[string][]string `json:"VersionIdsToStages"`
	}
	err := smallJSON(ctx, i.b, secretsService(), key.region, "DescribeSecret", key.id, map[string]string{"SecretId": key.id}, &out)
	name := key.id[strings.LastIndexByte(key.id, ':')+1:]
	if err != nil && backend.KindOf(err) != backend.NotFound {
		v.unknown(uses[0].path, "the secret "+name, "secretsmanager:DescribeSecret", err)
		return v
	}
	for _, u := range uses {
		switch {
		case err != nil:
			v.problem(u.path, "create it in "+key.region+", or correct the ARN", "Secrets Manager has no secret %s: %s gets no value", name, u.name)
		case len(out.Deleted) > 0 && string(out.Deleted) != "null":
			v.problem(u.path, "restore it: aws secretsmanager restore-secret --secret-id "+key.id, "the secret %s is about to be deleted: %s gets no value", name, u.name)
		case u.version != "" && out.Versions != nil && out.Versions[u.version] == nil:
			v.problem(u.path, "correct the version, or leave it out for the current one", "the secret %s has no version %s: %s gets no value", name, u.version, u.name)
		case u.stage != "" && !staged(out.Versions, u.stage):
			v.problem(u.path, "correct the stage, or leave it out for AWSCURRENT", "the secret %s has no version of stage %s: %s gets no value", name, u.stage, u.name)
		}
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
