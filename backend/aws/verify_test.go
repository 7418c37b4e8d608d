package aws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

const (
	roleARN   = "arn:aws:iam::123456789012:role/"
	secretARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
	groupARN  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/"
	ecrHost   = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/"
)

// grounds is an account in which everything is there that soundTask and
// soundService name.
func grounds() *ecsapi.Account {
	balanced := []string{"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"}
	group := func(name, kind, protocol, vpc string, check backend.TargetCheck) backend.TargetGroup {
		return backend.TargetGroup{
			ARN: groupARN + name + "/0123456789abcdef", Name: name, TargetType: kind, Protocol: protocol, Port: 80, VPC: vpc, LoadBalancers: balanced, Check: check,
		}
	}
	http := backend.TargetCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/"}
	unused := group("unused", "ip", "HTTP", "vpc-1", http)
	unused.LoadBalancers = nil
	return &ecsapi.Account{
		Roles: []ecsapi.Role{
			{Name: "exec", Trust: ecsapi.Trusting("ecs-tasks.amazonaws.com")},
			{Name: "infra", Trust: ecsapi.Trusting("ecs.amazonaws.com")},
			{Name: "lambda", Trust: ecsapi.Trusting("lambda.amazonaws.com")},
		},
		Secrets: []ecsapi.Secret{
			{ARN: secretARN + "shop/db-AbCdEf", Name: "shop/db", Stages: map[string][]string{"v-1": {"AWSCURRENT"}, "v-0": {"AWSPREVIOUS"}}},
			{ARN: secretARN + "old-AbCdEf", Name: "old", Deleted: true},
		},
		Parameters: []string{"/shop/key", "plain"},
		LogGroups:  []string{"/ecs/app"},
		Subnets:    []ecsapi.Subnet{{ID: "subnet-1", VPC: "vpc-1", Free: 50}, {ID: "subnet-2", VPC: "vpc-1", Public: true, Free: 0}, {ID: "subnet-9", VPC: "vpc-9", Free: 9}},
		SecurityGroups: []ecsapi.SecurityGroup{
			{ID: "sg-1", VPC: "vpc-1"}, {ID: "sg-9", VPC: "vpc-9"},
		},
		TargetGroups: []backend.TargetGroup{
			group("web", "ip", "HTTP", "vpc-1", http), group("green", "ip", "HTTP", "vpc-1", http), unused,
			group("machines", "instance", "HTTP", "vpc-1", http), group("far", "ip", "HTTP", "vpc-9", http), group("udp", "ip", "UDP", "vpc-1", http),
			group("lost", "ip", "HTTP", "vpc-1", backend.TargetCheck{Protocol: "HTTP", Port: "9000"}),
			group("secure", "ip", "HTTP", "vpc-1", backend.TargetCheck{Protocol: "HTTPS", Port: "traffic-port"}),
		},
	}
}

type tree = map[string]any

// sound are documents of which everything exists.
func sound() (container, task, service tree) {
	container = tree{
		"name": "app", "image": ecrHost + "shop/app:amd64", "portMappings": []tree{{"containerPort": 8080}},
		"secrets": []tree{
			{"name": "DB", "valueFrom": secretARN + "shop/db-AbCdEf:password:AWSPREVIOUS:"},
			{"name": "KEY", "valueFrom": "/shop/key"},
			{"name": "PLAIN", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/plain"},
			{"name": "USER", "valueFrom": secretARN + "shop/db-AbCdEf:user::"},
			{"name": "BY_WAY", "valueFrom": "/aws/reference/secretsmanager/shop/db"},
		},
		"logConfiguration": tree{"logDriver": "awslogs", "options": tree{"awslogs-group": "/ecs/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs"}},
	}
	task = tree{
		"family": "app", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": []string{"FARGATE"},
		"executionRoleArn": roleARN + "exec", "taskRoleArn": roleARN + "exec", "containerDefinitions": []tree{container},
	}
	service = tree{
		"serviceName": "app", "desiredCount": 2, "launchType": "FARGATE",
		"deploymentConfiguration": tree{"deploymentCircuitBreaker": tree{"enable": true, "rollback": true}},
		"networkConfiguration":    tree{"awsvpcConfiguration": tree{"subnets": []string{"subnet-1"}, "securityGroups": []string{"sg-1"}}},
		"loadBalancers":           []tree{{"targetGroupArn": groupARN + "web/0123456789abcdef", "containerName": "app", "containerPort": 8080}},
	}
	return container, task, service
}

func request(t *testing.T, task, service tree) backend.VerifyRequest {
	t.Helper()
	doc := func(v tree) backend.Document {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return backend.Document(raw)
	}
	td, err := backend.ParseTaskDefinition(doc(task))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := backend.ParseServiceSpec(doc(service))
	if err != nil {
		t.Fatal(err)
	}
	return backend.VerifyRequest{Cluster: "demo", TaskDefinition: td, Service: &spec}
}

// serveGrounds serves an account with some of its images: "amd64", "arm64", and
// "both".
func serveGrounds(t *testing.T, tags ...string) *world {
	t.Helper()
	w := serve(t, demo.Options{Quiet: true}, ecsapi.Options{Account: grounds()})
	amd, arm := platformImage(t, "amd64"), platformImage(t, "arm64")
	both := mutate.AppendManifests(mutate.IndexMediaType(random1(t), "application/vnd.oci.image.index.v1+json"),
		mutate.IndexAddendum{Add: amd, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: arm, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}},
		mutate.IndexAddendum{Add: platformImage(t, "unknown"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}}})
	for tag, image := range map[string]any{"amd64": amd, "arm64": arm, "both": both} {
		if !slices.Contains(tags, tag) {
			continue
		}
		b := connect(t, w.url, func(o *aws.Options) {
			o.Engine = func(context.Context) (aws.Engine, error) { return &imagePusher{image: image}, nil }
		})
		if _, _, err := push(t, b, "shop/app", tag); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func random1(t *testing.T) v1.ImageIndex {
	t.Helper()
	index, err := random.Index(16, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func platformImage(t *testing.T, arch string) v1.Image {
	t.Helper()
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", arch
	if image, err = mutate.ConfigFile(image, file); err != nil {
		t.Fatal(err)
	}
	return image
}

// imagePusher pushes one image or index.
type imagePusher struct {
	pusher
	image any
}

func (p *imagePusher) Push(ctx context.Context, req backend.PushRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		index, ok := p.image.(v1.ImageIndex)
		if !ok {
			done, err := p.send(ctx, req, p.image.(v1.Image)) //nolint:errcheck // these are the two there are
			yield(done, err)
			return
		}
		for _, tag := range req.Tags {
			ref, err := name.ParseReference(req.Repository+":"+tag, name.Insecure)
			if err == nil {
				err = remote.WriteIndex(ref, index, remote.WithAuth(&authn.Basic{Username: req.Auth.Username, Password: req.Auth.Password}), remote.WithContext(ctx))
			}
			digest, _ := index.Digest() // it is in memory
			if !yield(backend.PushDone{Reference: req.Repository + ":" + tag, Digest: digest.String()}, err) {
				return
			}
		}
	}
}

// said are findings as "severity path", with the text behind it.
func said(findings []backend.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s: %s → %s", f.Severity, f.Path, f.Message, f.Remedy))
	}
	return out
}

// TestVerifyAccount breaks one thing at a time, in the documents or in the
// account, over the wire and with the SDK's own clients.
func TestVerifyAccount(t *testing.T) {
	t.Parallel()
	w := serveGrounds(t, "amd64", "arm64", "both")
	secret := func(from string) func(c, _, _ tree) {
		return func(c, _, _ tree) { c["secrets"] = []tree{{"name": "DB", "valueFrom": from}} }
	}
	option := func(key string, value any) func(c, _, _ tree) {
		return func(c, _, _ tree) {
			o := c["logConfiguration"].(tree)["options"].(tree) //nolint:errcheck // see sound
			o[key] = value
			if value == nil {
				delete(o, key)
			}
		}
	}
	vpc := func(key string, ids ...string) func(_, _, s tree) {
		return func(_, _, s tree) {
			s["networkConfiguration"].(tree)["awsvpcConfiguration"].(tree)[key] = ids //nolint:errcheck // see sound
		}
	}
	balancer := func(key string, value any) func(_, _, s tree) {
		return func(_, _, s tree) { s["loadBalancers"].([]tree)[0][key] = value } //nolint:errcheck // see sound
	}
	const (
		image   = "containerDefinitions[0].image"
		value   = "containerDefinitions[0].secrets[0].valueFrom"
		logs    = "containerDefinitions[0].logConfiguration.options"
		network = "networkConfiguration.awsvpcConfiguration."
		group   = "loadBalancers[0].targetGroupArn"
	)
	for name, c := range map[string]struct {
		change func(container, task, service tree)
		want   []string // "severity path" and words of each finding
	}{
		"sound": {func(_, _, _ tree) {}, nil},

		"no role":              {func(_, td, _ tree) { td["executionRoleArn"] = roleARN + "nobody" }, []string{"problem executionRoleArn: the role nobody does not exist"}},
		"another's role":       {func(_, td, _ tree) { td["taskRoleArn"] = roleARN + "lambda" }, []string{"problem taskRoleArn: the role lambda does not let ecs-tasks.amazonaws.com assume it"}},
		"ECS's role for tasks": {func(_, td, _ tree) { td["executionRoleArn"] = roleARN + "infra" }, []string{"problem executionRoleArn: the role infra does not let ecs-tasks"}},
		"a user":               {func(_, td, _ tree) { td["taskRoleArn"] = "arn:aws:iam::123456789012:user/me" }, []string{"problem taskRoleArn: arn:aws:iam::123456789012:user/me is no ARN of a role"}},
		"another path":         {func(_, td, _ tree) { td["taskRoleArn"] = roleARN + "path/exec" }, []string{"problem taskRoleArn: the role exec is " + roleARN + "exec"}},
		"a role elsewhere":     {func(_, td, _ tree) { td["taskRoleArn"] = "arn:aws:iam::210987654321:role/x" }, []string{"note taskRoleArn: not checked: the role x of account 210987654321"}},
		"no execution role":    {func(_, td, _ tree) { delete(td, "executionRoleArn") }, []string{"problem executionRoleArn: containerDefinitions[0] needs an execution role to read its secrets"}},
		"volumes": {func(_, _, s tree) {
			s["volumeConfigurations"] = []tree{{"name": "a", "managedEBSVolume": tree{"roleArn": roleARN + "exec"}}, {"name": "b", "managedEBSVolume": tree{}}, {"name": "c", "managedEBSVolume": tree{"roleArn": roleARN + "infra"}}}
		}, []string{"problem volumeConfigurations[0].managedEBSVolume.roleArn: the role exec does not let ecs.amazonaws.com", "problem volumeConfigurations[1].managedEBSVolume.roleArn: ECS needs a role"}},

		"what ECS does": {func(_, _, s tree) {
			s["role"], s["vpcLatticeConfigurations"] = "infra", []tree{{"roleArn": roleARN + "nobody"}}
			s["serviceConnectConfiguration"] = tree{"services": []tree{{"tls": tree{"roleArn": roleARN + "exec"}}}}
			s["deploymentConfiguration"].(tree)["lifecycleHooks"] = []tree{{ //nolint:errcheck // see sound
				"hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "roleArn": roleARN + "lambda", "lifecycleStages": []string{"POST_SCALE_UP"},
			}}
		}, []string{
			"problem serviceConnectConfiguration.services[0].tls.roleArn: the role exec does not let ecs.amazonaws.com", "problem vpcLatticeConfigurations[0].roleArn: the role nobody does not exist",
			"problem deploymentConfiguration.lifecycleHooks[0].roleArn: the role lambda does not let ecs.amazonaws.com",
		}},
		"no image":       {func(c, _, _ tree) { c["image"] = ecrHost + "shop/app:none" }, []string{"problem " + image + ": ECR has no image shop/app:none"}},
		"no repository":  {func(c, _, _ tree) { c["image"] = ecrHost + "shop/none:1" }, []string{"problem " + image + ": ECR has no image shop/none:1"}},
		"wrong platform": {func(c, _, _ tree) { c["image"] = ecrHost + "shop/app:arm64" }, []string{"problem " + image + ": the image is for linux/arm64, the tasks run on linux/amd64"}},
		"both platforms": {func(c, _, _ tree) { c["image"] = ecrHost + "shop/app:both" }, nil},
		"not of Windows": {func(c, td, _ tree) {
			c["image"] = ecrHost + "shop/app:both"
			td["runtimePlatform"] = tree{"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}
		}, []string{"problem " + image + ": the image is for linux/amd64, linux/arm64, the tasks run on windows/amd64"}},
		"on ARM": {func(c, td, _ tree) {
			c["image"] = ecrHost + "shop/app:arm64"
			td["runtimePlatform"] = tree{"cpuArchitecture": "ARM64"}
		}, nil},
		"elsewhere":      {func(c, _, _ tree) { c["image"] = "nginx:1.27" }, []string{"note : not checked: the image nginx:1.27: only images in ECR"}},
		"no name of ECR": {func(c, _, _ tree) { c["image"] = ecrHost + "Shop:1" }, []string{"problem " + image + ": " + ecrHost + "Shop:1 is no image of ECR"}},
		"on any machine": {func(c, td, s tree) {
			c["image"] = ecrHost + "shop/app:arm64"
			delete(td, "requiresCompatibilities")
			delete(s, "launchType")
		}, nil},
		"no secret":       {secret(secretARN + "none-AbCdEf"), []string{"problem " + value + ": Secrets Manager has no secret none-AbCdEf: the variable DB gets no value"}},
		"a deleted one":   {secret(secretARN + "old-AbCdEf"), []string{"problem " + value + ": the secret old-AbCdEf is about to be deleted"}},
		"no stage":        {secret(secretARN + "shop/db-AbCdEf::BLUE:"), []string{"problem " + value + ": the secret shop/db-AbCdEf has no version of stage BLUE"}},
		"no version":      {secret(secretARN + "shop/db-AbCdEf:::v-7"), []string{"problem " + value + ": the secret shop/db-AbCdEf has no version v-7"}},
		"a version":       {secret(secretARN + "shop/db-AbCdEf:::v-0"), nil},
		"no parameter":    {secret("/shop/none"), []string{"problem " + value + ": Systems Manager has no parameter /shop/none: the variable DB"}},
		"a parameter":     {secret("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"), nil},
		"no such thing":   {secret("arn:aws:s3:::bucket/key"), []string{"problem " + value + ": arn:aws:s3:::bucket/key is no ARN of a secret or a parameter"}},
		"another account": {secret("arn:aws:ssm:eu-west-1:210987654321:parameter/x"), []string{"note " + value + ": not checked: the value of the variable DB (account 210987654321)"}},

		"no log group": {option("awslogs-group", "/ecs/none"), []string{"problem " + logs + ".awslogs-group: region eu-west-1 has no log group /ecs/none: tasks can't start → create it: aws logs create-log-group"}},
		"a made log group": {func(c, td, s tree) {
			option("awslogs-group", "/ecs/none")(c, td, s)
			option("awslogs-create-group", "true")(c, td, s)
		}, []string{"note " + logs + ".awslogs-group: the log group /ecs/none does not exist yet"}},
		"no log prefix": {option("awslogs-stream-prefix", nil), []string{"problem " + logs + ": the log driver awslogs needs the option awslogs-stream-prefix"}},

		"no target group":    {balancer("targetGroupArn", groupARN+"none/0123456789abcdef"), []string{"problem " + group + ": the target group none does not exist"}},
		"of machines":        {balancer("targetGroupArn", groupARN+"machines/0123456789abcdef"), []string{"problem " + group + ": the target group machines has targets of type instance, and tasks in awsvpc mode need ip"}},
		"without a balancer": {balancer("targetGroupArn", groupARN+"unused/0123456789abcdef"), []string{"problem " + group + ": no load balancer sends anything to the target group unused"}},
		"in another VPC":     {balancer("targetGroupArn", groupARN+"far/0123456789abcdef"), []string{"problem " + group + ": the target group far is in vpc-9, and the subnet subnet-1 in vpc-1"}},
		"of UDP":             {balancer("targetGroupArn", groupARN+"udp/0123456789abcdef"), []string{"problem " + group + ": the target group udp sends UDP, and port 8080 of app is TCP"}},
		"a lost check":       {balancer("targetGroupArn", groupARN+"lost/0123456789abcdef"), []string{"warning " + group + ": health checks of lost go to port 9000, which no container has"}},
		"a check by TLS":     {balancer("targetGroupArn", groupARN+"secure/0123456789abcdef"), []string{"warning " + group + ": requests come to secure by HTTP, and health checks by HTTPS"}},
		"another port":       {balancer("containerPort", 81), []string{"problem loadBalancers[0].containerPort: the load balancer sends to port 81, which app has not"}},
		"blue and green": {balancer("advancedConfiguration", tree{"alternateTargetGroupArn": groupARN + "unused/0123456789abcdef", "roleArn": roleARN + "exec"}), []string{
			"problem loadBalancers[0].advancedConfiguration.roleArn: the role exec does not let ecs.amazonaws.com", "warning loadBalancers[0].advancedConfiguration.alternateTargetGroupArn: no load balancer",
		}},

		"no subnet":         {vpc("subnets", "subnet-1", "subnet-7"), []string{"problem " + network + "subnets[1]: region eu-west-1 has no subnet subnet-7"}},
		"two VPCs":          {vpc("subnets", "subnet-1", "subnet-9"), []string{"problem " + network + "subnets[1]: the subnet subnet-9 is in vpc-9"}},
		"public and full":   {vpc("subnets", "subnet-2"), []string{"warning " + network + "subnets: 2 tasks need an address each, and the subnets have 0 free", "note " + network + "assignPublicIp: subnet-2 is a public subnet"}},
		"no security group": {vpc("securityGroups", "sg-7"), []string{"problem " + network + "securityGroups[0]: region eu-west-1 has no security group sg-7"}},
		"a group elsewhere": {vpc("securityGroups", "sg-1", "sg-9"), []string{"problem " + network + "securityGroups[1]: the security group sg-9 is in vpc-9"}},
		"no network of its": {func(_, td, _ tree) { td["networkMode"] = "bridge"; td["requiresCompatibilities"] = []string{"EC2"} }, []string{
			"problem launchType: the task definition is for EC2", "problem networkConfiguration: ", "problem " + group + ": the target group web has targets of type ip, and tasks in bridge mode need instance",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			container, task, service := sound()
			c.change(container, task, service)
			b := connect(t, w.url, nil) // each with token buckets of its own
			found, err := b.Verify(t.Context(), request(t, task, service))
			if err != nil {
				t.Fatal(err)
			}
			got := said(found)
			for _, want := range c.want {
				i := slices.IndexFunc(got, func(s string) bool { return strings.HasPrefix(s, want) })
				if i < 0 {
					t.Errorf("nothing says %q", want)
					continue
				}
				got = slices.Delete(got, i, i+1)
			}
			if len(got) > 0 {
				t.Errorf("also: %s", strings.Join(got, "\n"))
			}
			for _, f := range found {
				if f.Severity == backend.Problem && f.Remedy == "" {
					t.Errorf("%+v says not what to do", f)
				}
			}
		})
	}
}

// What may not be looked at, or does not answer, is one note that names the
// permission; a plan comes all the same, and in time.
func TestVerifyUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault ecsapi.Fault
		want  string
	}{
		"roles":           {ecsapi.Denied("iam:GetRole", roleARN+"exec"), "the role exec: this needs the permission iam:GetRole"},
		"secrets":         {ecsapi.Denied("secretsmanager:DescribeSecret", "*"), "the secret shop/db-AbCdEf, the secret shop/db: this needs the permission secretsmanager:DescribeSecret"},
		"parameters":      {ecsapi.Denied("ssm:DescribeParameters", "*"), "the parameter /shop/key, the parameter plain: this needs the permission ssm:DescribeParameters"},
		"log groups":      {ecsapi.Denied("logs:DescribeLogGroups", "*"), "the log group /ecs/app: this needs the permission logs:DescribeLogGroups"},
		"target groups":   {ecsapi.Denied("elasticloadbalancing:DescribeTargetGroups", "*"), "the target group web: this needs the permission elasticloadbalancing:DescribeTargetGroups"},
		"subnets":         {ecsapi.Fault{Action: "ec2:DescribeSubnets", Status: 403, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."}, "the subnets: this needs the permission ec2:DescribeSubnets"},
		"security groups": {ecsapi.Denied("ec2:DescribeSecurityGroups", "*"), "the security groups: this needs the permission ec2:DescribeSecurityGroups"},
		"images":          {ecsapi.Denied("ecr:BatchGetImage", "*"), "the image shop/app:amd64: this needs the permission ecr:BatchGetImage"},
		"platforms":       {ecsapi.Denied("ecr:GetDownloadUrlForLayer", "*"), "the platform of shop/app:amd64: this needs the permission ecr:GetDownloadUrlForLayer"},
		"a hanging one":   {ecsapi.Fault{Action: "ec2:*", Hang: true}, "the subnets, the security groups: AWS did not answer in time"},
		"a proxy":         {ecsapi.Fault{Action: "elasticloadbalancing:*", Status: 403}, "the target group web: the endpoint answers 403"},
		"a broken one":    {ecsapi.Fault{Action: "iam:GetRole", Status: 403}, "the role exec: the endpoint answers 403"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serveGrounds(t, "amd64")
			clear := w.faults.Inject(c.fault)
			b := connect(t, w.url, nil)
			if c.fault.Hang {
				b.InspectFor(time.Second)
			}
			_, task, service := sound()
			found, err := b.Verify(t.Context(), request(t, task, service))
			if err != nil {
				t.Fatal(err)
			}
			noted := slices.ContainsFunc(found, func(f backend.Finding) bool {
				return f.Severity == backend.Note && strings.HasPrefix(f.Message, "not checked: "+c.want)
			})
			if !noted {
				t.Errorf("nothing says %q:\n%s", c.want, strings.Join(said(found), "\n"))
			}
			for _, f := range found {
				if f.Severity != backend.Note {
					t.Errorf("%+v", f)
				}
			}
			clear()
			b.InspectFor(time.Minute)
			if found, err := b.Verify(t.Context(), request(t, task, service)); err != nil || len(found) > 0 {
				t.Errorf("allowed again: %v, %v", said(found), err)
			}
		})
	}
}

// EC2's calls are tried again like all others, are counted in a token bucket,
// and end with whoever waits for them.
func TestEC2Calls(t *testing.T) {
	t.Parallel()
	w := serveGrounds(t, "amd64")
	b := connect(t, w.url, nil)
	_, task, service := sound()
	w.faults.Inject(ecsapi.Fault{Action: "ec2:DescribeSubnets", Status: 503, Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Times: 2})
	if found, err := b.Verify(t.Context(), request(t, task, service)); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", said(found), err)
	}
	calls := w.faults.Calls()
	if calls["ec2:DescribeSubnets"] != 3 || calls["ec2:DescribeSecurityGroups"] != 1 || calls["iam:GetRole"] != 1 || calls["secretsmanager:DescribeSecret"] != 2 || calls["ssm:DescribeParameters"] != 1 {
		t.Errorf("%v", calls)
	}
	w.faults.Inject(ecsapi.Fault{Action: "ec2:*", Hang: true})
	ctx, giveUp := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, giveUp)
	_, err := b.Verify(ctx, request(t, task, service))
	says(t, err, backend.Cancelled)
}
