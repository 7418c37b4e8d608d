package docker

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/moby/moby/api/types/system"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// shape walks a type of the SDK, which holds every field that ECS has, and
// calls each with its path in a document; it goes on into a field where each
// says so.
func shape(t reflect.Type, path string, each func(path string) (into bool)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			path += "[]"
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
		return
	}
	for f := range t.Fields() {
		if !f.IsExported() {
			continue
		}
		p := join(path, strings.ToLower(f.Name[:1])+f.Name[1:])
		if each(p) {
			shape(f.Type, p, each)
		}
	}
}

// TestEveryFieldIsDecided: a field of ECS is honoured, or something is told
// about it; none is left to chance, nor has a rule that matches no field.
func TestEveryFieldIsDecided(t *testing.T) {
	// What a revision that ECS has described carries besides.
	described := strings.Fields("taskDefinitionArn revision status requiresAttributes compatibilities registeredAt registeredBy deregisteredAt")
	for name, c := range map[string]struct {
		fields fieldNotes
		shape  reflect.Type
	}{
		"RegisterTaskDefinition": {taskDefinitionFields(), reflect.TypeFor[ecs.RegisterTaskDefinitionInput]()},
		"CreateService":          {serviceFields(), reflect.TypeFor[ecs.CreateServiceInput]()},
	} {
		t.Run(name, func(t *testing.T) {
			met := map[string]bool{}
			shape(c.shape, "", func(path string) bool {
				note, known := c.fields[path]
				if !known {
					t.Errorf("nothing is said about %s", path)
				}
				met[path] = true
				return known && note.message == "" && !note.whole
			})
			for path := range c.fields {
				if !met[path] && !slices.Contains(described, path) {
					t.Errorf("there is no field %s", path)
				}
			}
		})
	}
}

// TestHonouredFieldsAreRead: what is said to be honoured is at least read.
func TestHonouredFieldsAreRead(t *testing.T) {
	read := map[string]bool{}
	var walk func(t reflect.Type, path string)
	walk = func(t reflect.Type, path string) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			if t.Kind() == reflect.Slice {
				path += "[]"
			}
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return
		}
		for f := range t.Fields() {
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" && tag != "-" {
				read[join(path, tag)] = true
				walk(f.Type, join(path, tag))
			}
		}
	}
	walk(reflect.TypeFor[backend.TaskDefinition](), "")
	asksForNothing := strings.Fields("tags requiresAttributes compatibilities registeredAt registeredBy deregisteredAt " +
		"containerDefinitions[].portMappings[].name containerDefinitions[].logConfiguration.secretOptions")
	for path, note := range taskDefinitionFields() {
		if note.message == "" && !read[path] && !slices.Contains(asksForNothing, path) {
			t.Errorf("%s is said to be honoured, and nobody reads it", path)
		}
	}
}

// TestVerify looks at documents with one thing each that is not as on ECS.
func TestVerify(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *Settings) { s.Getenv = func(string) string { return "" } })
	image := dockertest.StaticImage(t)
	sound := func() object {
		return object{"name": "app", "image": image, "memory": 64, "command": []string{"-http", ":8080"}, "portMappings": []object{{"containerPort": 8080}}}
	}
	for name, c := range map[string]struct {
		container, task, service, config object // added to what is sound
		severity                         backend.Severity
		path                             string // "" wants no finding
		text, remedy                     string
	}{
		"sound":                      {severity: backend.Note},
		"logs":                       {container: object{"logConfiguration": object{"logDriver": "awslogs", "options": object{"awslogs-group": "g"}}}, path: "containerDefinitions[0].logConfiguration.logDriver", text: "kept by the engine"},
		"log driver of the engine":   {container: object{"logConfiguration": object{"logDriver": "json-file"}}},
		"roles":                      {task: object{"taskRoleArn": "arn:x"}, path: "taskRoleArn", text: "no roles here"},
		"execution role":             {task: object{"executionRoleArn": "arn:x"}, path: "executionRoleArn", text: "no roles here"},
		"placement":                  {task: object{"placementConstraints": []object{{"type": "memberOf"}}}, path: "placementConstraints", text: "one engine only"},
		"what ECS adds":              {task: object{"revision": 4, "status": "ACTIVE", "registeredBy": "me", "requiresAttributes": []object{{"name": "x"}}}},
		"unknown":                    {container: object{"fieldOfTomorrow": object{"deep": 1}}, severity: backend.Warning, path: "containerDefinitions[0].fieldOfTomorrow", text: "does not know this field"},
		"unknown, deep":              {container: object{"portMappings": []object{{"containerPort": 8080, "portOfTomorrow": 1}}}, severity: backend.Warning, path: "containerDefinitions[0].portMappings[0].portOfTomorrow", text: "does not know this field"},
		"unknown, of the service":    {service: object{"serviceOfTomorrow": true}, severity: backend.Warning, path: "serviceOfTomorrow", text: "does not know this field"},
		"unknown, but asks nothing":  {container: object{"fieldOfTomorrow": false}},
		"a GPU":                      {container: object{"resourceRequirements": []object{{"type": "GPU", "value": "1"}}}, severity: backend.Warning, path: "containerDefinitions[0].resourceRequirements", text: "no GPU"},
		"EFS":                        {task: object{"volumes": []object{{"name": "v", "efsVolumeConfiguration": object{"fileSystemId": "fs-1"}}}}, severity: backend.Warning, path: "volumes[0].efsVolumeConfiguration", text: "no such file system", remedy: "scope"},
		"a load balancer":            {service: object{"loadBalancers": []object{{"containerName": "app"}}}, severity: backend.Warning, path: "loadBalancers", text: "no load balancer"},
		"launch type":                {service: object{"launchType": "EC2"}, path: "launchType", text: "one engine only"},
		"blue and green":             {config: object{"strategy": "BLUE_GREEN"}, severity: backend.Warning, path: "deploymentConfiguration.strategy", text: "ROLLING"},
		"a pause":                    {config: object{"lifecycleHooks": []object{{"targetType": "PAUSE", "lifecycleStages": []string{"POST_SCALE_UP"}}}}, severity: backend.Warning, path: "deploymentConfiguration.lifecycleHooks", text: "does not pause"},
		"another controller":         {service: object{"deploymentController": object{"type": "CODE_DEPLOY"}}, severity: backend.Warning, path: "deploymentController.type", text: "by itself (ECS)"},
		"a secret without a value":   {container: object{"secrets": []object{{"name": "NO_SUCH", "valueFrom": "arn:x"}}}, severity: backend.Problem, path: "containerDefinitions[0].secrets[0]", text: "NO_SUCH has no value", remedy: "NO_SUCH=…"},
		"no environment file":        {container: object{"environmentFiles": []object{{"type": "s3", "value": "arn:aws:s3:::b/none.env"}}}, severity: backend.Problem, path: "containerDefinitions[0].environmentFiles[0]", text: "cannot be read", remedy: "none.env"},
		"no image":                   {container: object{"image": "ecs-tui-test/never:built"}, severity: backend.Warning, path: "containerDefinitions[0].image", text: "does not have the image", remedy: "build it"},
		"more cores than there are":  {task: object{"cpu": "262144"}, severity: backend.Warning, path: "cpu", text: "asks for 256 cores"},
		"another system":             {task: object{"runtimePlatform": object{"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}, severity: backend.Warning, path: "runtimePlatform.operatingSystemFamily", text: "containers of linux"},
		"a port of the machine":      {container: object{"portMappings": []object{{"containerPort": 8080, "hostPort": 8080}}}, path: "containerDefinitions[0].portMappings[0].hostPort", text: "port 8080 of this machine", remedy: "minimumHealthyPercent 0"},
		"its own in bridge mode":     {task: object{"networkMode": "bridge"}, container: object{"portMappings": []object{{"containerPort": 8080, "hostPort": 8080}}}},
		"a folder to be made":        {task: object{"volumes": []object{{"name": "v", "host": object{"sourcePath": "none"}}}}, path: "volumes[0].host.sourcePath", text: "does not exist"},
		"a folder that is there":     {task: object{"volumes": []object{{"name": "v", "host": object{"sourcePath": "."}}}}},
		"this system":                {task: object{"cpu": "256", "memory": "64", "runtimePlatform": object{"operatingSystemFamily": "LINUX"}}},
		"what ECS refuses":           {container: object{"memory": 2}, severity: backend.Problem, path: "containerDefinitions[0].memory", text: "less than", remedy: "6 MiB"},
		"a service that cannot move": {config: object{"minimumHealthyPercent": 100, "maximumPercent": 100}, severity: backend.Problem, path: "deploymentConfiguration", text: "can never move", remedy: "maximumPercent"},
	} {
		t.Run(name, func(t *testing.T) {
			container := sound()
			for k, v := range c.container {
				container[k] = v
			}
			tree := object{"family": "app", "networkMode": "awsvpc", "containerDefinitions": []object{container}}
			for k, v := range c.task {
				tree[k] = v
			}
			config := object{"deploymentCircuitBreaker": object{"enable": true, "rollback": true}}
			for k, v := range c.config {
				config[k] = v
			}
			service := object{"serviceName": "app", "desiredCount": 1, "deploymentConfiguration": config}
			for k, v := range c.service {
				service[k] = v
			}
			td, err := backend.ParseTaskDefinition(document(t, tree))
			if err != nil {
				t.Fatal(err)
			}
			spec, err := backend.ParseServiceSpec(document(t, service))
			if err != nil {
				t.Fatal(err)
			}
			findings, err := b.Verify(t.Context(), backend.VerifyRequest{TaskDefinition: td, Service: &spec})
			if err != nil {
				t.Fatal(err)
			}
			// What only an account can tell is one note for the whole, see [backend.Unchecked].
			findings = slices.DeleteFunc(findings, func(f backend.Finding) bool { return f.Path == "" && strings.HasPrefix(f.Message, "not checked here") })
			if c.path == "" {
				if len(findings) > 0 {
					t.Errorf("%+v", findings)
				}
				return
			}
			if len(findings) != 1 || findings[0].Severity != c.severity || !strings.HasPrefix(findings[0].Path, c.path) ||
				!strings.Contains(findings[0].Message, c.text) || !strings.Contains(findings[0].Remedy, c.remedy) {
				t.Errorf("found %+v, want one %v at %s: …%s…", findings, c.severity, c.path, c.text)
			}
		})
	}
}

// TestVerifyPlatform: an image for another machine is told before it fails with
// an exec format error.
func TestVerifyPlatform(t *testing.T) {
	b := newBed(t, nil)
	td, err := backend.ParseTaskDefinition(taskDefinition(t, "app", modeBridge, object{"name": "app", "image": dockertest.OtherPlatform(t)}))
	if err != nil {
		t.Fatal(err)
	}
	findings, err := b.Verify(t.Context(), backend.VerifyRequest{TaskDefinition: td})
	if err != nil || len(findings) != 1 || findings[0].Path != "containerDefinitions[0].image" || !strings.Contains(findings[0].Message, "s390x") ||
		!strings.Contains(findings[0].Remedy, "rebuild it for linux/") {
		t.Errorf("%+v, %v", findings, err)
	}
}

// TestVerifyMachine: what the kernel of the engine's machine cannot limit.
func TestVerifyMachine(t *testing.T) {
	able := system.Info{MemoryLimit: true, SwapLimit: true, CPUCfsQuota: true, NCPU: 2, CgroupVersion: "1", OSType: "linux", Architecture: "x86_64"}
	for name, c := range map[string]struct {
		task, container object
		edit            func(*system.Info)
		path            string
	}{
		"all of it":         {object{"cpu": "2048", "memory": "64"}, object{"linuxParameters": object{"maxSwap": 8, "swappiness": 10}}, nil, ""},
		"cpu":               {object{"cpu": "256"}, nil, func(i *system.Info) { i.CPUCfsQuota = false }, "cpu"},
		"memory":            {object{"memory": "64"}, nil, func(i *system.Info) { i.MemoryLimit = false }, "memory"},
		"container memory":  {nil, object{"memory": 64}, func(i *system.Info) { i.MemoryLimit = false }, "containerDefinitions[0].memory"},
		"swap":              {nil, object{"linuxParameters": object{"maxSwap": 8}}, func(i *system.Info) { i.SwapLimit = false }, "containerDefinitions[0].linuxParameters.maxSwap"},
		"no swap asked for": {nil, object{"linuxParameters": object{"maxSwap": 0}}, func(i *system.Info) { i.SwapLimit = false }, ""},
		"swappiness":        {nil, object{"linuxParameters": object{"swappiness": 10}}, func(i *system.Info) { i.CgroupVersion = "2" }, "containerDefinitions[0].linuxParameters.swappiness"},
		"architecture":      {object{"runtimePlatform": object{"cpuArchitecture": "ARM64"}}, nil, nil, "runtimePlatform.cpuArchitecture"},
	} {
		t.Run(name, func(t *testing.T) {
			info := able
			if c.edit != nil {
				c.edit(&info)
			}
			container := object{"name": "app", "image": "i"}
			maps.Copy(container, c.container)
			tree := object{"family": "f", "containerDefinitions": []object{container}}
			maps.Copy(tree, c.task)
			found := verifyMachine(planned(t, tree).plan.td, info)
			if c.path == "" && len(found) > 0 || c.path != "" && (len(found) != 1 || found[0].Path != c.path || found[0].Severity != backend.Warning) {
				t.Errorf("%+v, want one at %q", found, c.path)
			}
		})
	}
}

// TestSharedSize: what several containers may take of a task's size is told.
func TestSharedSize(t *testing.T) {
	both := func(memory int) []object {
		return []object{{"name": "a", "image": "i", "memory": memory}, {"name": "b", "image": "i", "memory": 16}}
	}
	for name, c := range map[string]struct {
		tree       object
		path, text string
	}{
		"one container":         {object{"cpu": "256", "memory": "64", "containerDefinitions": both(0)[:1]}, "", ""},
		"nothing shared":        {object{"memory": "64", "containerDefinitions": both(16)}, "", ""},
		"no size":               {object{"containerDefinitions": both(16)}, "", ""},
		"memory":                {object{"memory": "64", "containerDefinitions": both(0)}, "memory", "each of the 2 containers may use the task's memory"},
		"cpu, memory of itself": {object{"cpu": "256", "memory": "64", "containerDefinitions": both(16)}, "cpu", "the task's cpu up to"},
		"both":                  {object{"cpu": "256", "memory": "64", "containerDefinitions": both(0)}, "memory", "the task's cpu and memory"},
	} {
		t.Run(name, func(t *testing.T) {
			c.tree["family"] = "f"
			found := together(planned(t, c.tree).plan.td)
			if c.path == "" && len(found) > 0 || c.path != "" && (len(found) != 1 || found[0].Path != c.path || found[0].Severity != backend.Note || !strings.Contains(found[0].Message, c.text)) {
				t.Errorf("%+v, want one at %q", found, c.path)
			}
		})
	}
}
