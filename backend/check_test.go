package backend

import (
	"strings"
	"testing"
)

// Each case breaks one rule of a sound task definition; the finding must name
// the field. A case with an empty path must give no problem.
func TestCheckTaskDefinition(t *testing.T) {
	for name, c := range map[string]struct{ doc, path string }{
		"sound":              {`"memory":"512","containerDefinitions":[{"name":"a","image":"i"}]`, ""},
		"twice":              {`"memory":"512","containerDefinitions":[{"name":"a","image":"i"},{"name":"a","image":"i"}]`, "containerDefinitions[1].name"},
		"none essential":     {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","essential":false}]`, "containerDefinitions"},
		"no memory":          {`"containerDefinitions":[{"name":"a","image":"i"}]`, "containerDefinitions[0].memory"},
		"too much":           {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","memory":600}]`, "memory"},
		"no image":           {`"memory":"512","containerDefinitions":[{"name":"a"}]`, "containerDefinitions[0].image"},
		"image of escapes":   {`"memory":"512","containerDefinitions":[{"name":"a","image":"i\u001b[2J"}]`, "containerDefinitions[0].image"},
		"unknown dependency": {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","dependsOn":[{"containerName":"b","condition":"START"}]}]`, "containerDefinitions[0].dependsOn[0].containerName"},
		"healthy, no check":  {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","dependsOn":[{"containerName":"b","condition":"HEALTHY"}]},{"name":"b","image":"i"}]`, "containerDefinitions[0].dependsOn[0].condition"},
		"cycle":              {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","dependsOn":[{"containerName":"b","condition":"START"}]},{"name":"b","image":"i","dependsOn":[{"containerName":"a","condition":"START"}]}]`, "containerDefinitions"},
		"cycle of links":     {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","links":["b:x"]},{"name":"b","image":"i","links":["a"]}]`, "containerDefinitions"},
		"link to itself":     {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","links":["a:me"]}]`, "containerDefinitions"},
		"cycle of volumes":   {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","volumesFrom":[{"sourceContainer":"b"}]},{"name":"b","image":"i","volumesFrom":[{"sourceContainer":"a"}]}]`, "containerDefinitions"},
		"volumes of itself":  {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","volumesFrom":[{"sourceContainer":"a"}]}]`, "containerDefinitions"},
		"mixed cycle":        {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","links":["b"]},{"name":"b","image":"i","volumesFrom":[{"sourceContainer":"c"}]},{"name":"c","image":"i","dependsOn":[{"containerName":"a","condition":"START"}]}]`, "containerDefinitions"},
		"two ways, no cycle": {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","links":["b"],"volumesFrom":[{"sourceContainer":"b"}],"dependsOn":[{"containerName":"b","condition":"START"}]},{"name":"b","image":"i"}]`, ""},
		"awsvpc host port":   {`"memory":"512","networkMode":"awsvpc","containerDefinitions":[{"name":"a","image":"i","portMappings":[{"containerPort":80,"hostPort":81}]}]`, "containerDefinitions[0].portMappings[0].hostPort"},
		"awsvpc same port":   {`"memory":"512","networkMode":"awsvpc","containerDefinitions":[{"name":"a","image":"i","portMappings":[{"containerPort":80}]},{"name":"b","image":"i","portMappings":[{"containerPort":80}]}]`, "containerDefinitions[1].portMappings[0].containerPort"},
		"bridge any port":    {`"memory":"512","networkMode":"bridge","containerDefinitions":[{"name":"a","image":"i","portMappings":[{"containerPort":80}]},{"name":"b","image":"i","portMappings":[{"containerPort":80}]}]`, ""},
		"bridge same port":   {`"memory":"512","networkMode":"bridge","containerDefinitions":[{"name":"a","image":"i","portMappings":[{"containerPort":80,"hostPort":8080}]},{"name":"b","image":"i","portMappings":[{"containerPort":81,"hostPort":8080}]}]`, "containerDefinitions[1].portMappings[0].hostPort"},
		"health range":       {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","healthCheck":{"command":["CMD","x"],"interval":1}}]`, "containerDefinitions[0].healthCheck.interval"},
		"fargate pair":       {`"cpu":"256","memory":"4096","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"containerDefinitions":[{"name":"a","image":"i"}]`, "memory"},
		"fargate sound":      {`"cpu":".5 vCPU","memory":"1 GB","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"containerDefinitions":[{"name":"a","image":"i"}]`, ""},
		"volume":             {`"memory":"512","containerDefinitions":[{"name":"a","image":"i","mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]}]`, "containerDefinitions[0].mountPoints[0].sourceVolume"},
	} {
		td, err := ParseTaskDefinition(Document(`{"family":"f",` + c.doc + `}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		problems(t, name, CheckTaskDefinition(td), c.path)
	}
}

func TestCheckService(t *testing.T) {
	for name, c := range map[string]struct{ doc, path string }{
		"sound":        {`"desiredCount":2`, ""},
		"never moves":  {`"desiredCount":2,"deploymentConfiguration":{"minimumHealthyPercent":100,"maximumPercent":100}`, "deploymentConfiguration"},
		"rounding":     {`"desiredCount":1,"deploymentConfiguration":{"minimumHealthyPercent":50,"maximumPercent":150}`, "deploymentConfiguration"},
		"moves":        {`"desiredCount":2,"deploymentConfiguration":{"minimumHealthyPercent":50,"maximumPercent":100}`, ""},
		"unknown":      {`"deploymentConfiguration":{"strategy":"OF_TOMORROW"}`, ""},
		"no bake":      {`"deploymentConfiguration":{"strategy":"BLUE_GREEN"}`, "deploymentConfiguration.bakeTimeInMinutes"},
		"blue green":   {`"deploymentConfiguration":{"strategy":"BLUE_GREEN","bakeTimeInMinutes":0}`, ""},
		"canary":       {`"deploymentConfiguration":{"strategy":"CANARY"}`, ""},
		"too much":     {`"deploymentConfiguration":{"strategy":"CANARY","canaryConfiguration":{"canaryPercent":101}}`, "deploymentConfiguration.canaryConfiguration.canaryPercent"},
		"too little":   {`"deploymentConfiguration":{"strategy":"LINEAR","linearConfiguration":{"stepPercent":2}}`, "deploymentConfiguration.linearConfiguration.stepPercent"},
		"too long":     {`"deploymentConfiguration":{"strategy":"LINEAR","bakeTimeInMinutes":1441}`, "deploymentConfiguration.bakeTimeInMinutes"},
		"pause":        {`"deploymentConfiguration":{"strategy":"CANARY","lifecycleHooks":[{"targetType":"PAUSE","lifecycleStages":["POST_SCALE_UP","PRODUCTION_TRAFFIC_SHIFT"]}]}`, "deploymentConfiguration.lifecycleHooks[0].lifecycleStages[1]"},
		"no function":  {`"deploymentConfiguration":{"strategy":"CANARY","lifecycleHooks":[{"lifecycleStages":["POST_SCALE_UP"]}]}`, "deploymentConfiguration.lifecycleHooks[0].hookTargetArn"},
		"no container": {`"loadBalancers":[{"containerName":"b","containerPort":80}]`, "loadBalancers[0].containerName"},
		"no port":      {`"loadBalancers":[{"containerName":"a","containerPort":81}]`, "loadBalancers[0].containerPort"},
		"balanced":     {`"loadBalancers":[{"containerName":"a","containerPort":80},{"containerName":"a","containerPort":9005}]`, ""},
		"fargate":      {`"launchType":"FARGATE"`, "networkMode cpu"},
		"fargate spot": {`"capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT"}]`, "networkMode cpu"},
		"both":         {`"launchType":"EC2","capacityProviderStrategy":[{"capacityProvider":"mine"}]`, "launchType"},
		"many subnets": {`"networkConfiguration":{"awsvpcConfiguration":{"subnets":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"],"securityGroups":["1"]}}`, "networkConfiguration.awsvpcConfiguration.subnets"},
	} {
		td, err := ParseTaskDefinition(Document(`{"family":"f","memory":"512","containerDefinitions":[{"name":"a","image":"i","portMappings":[{"containerPort":80},{"containerPortRange":"9000-9010"}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		spec, err := ParseServiceSpec(Document(`{"serviceName":"s",` + c.doc + `}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		problems(t, name, CheckService(spec, td), c.path)
	}
}

func problems(t *testing.T, name string, findings []Finding, path string) {
	t.Helper()
	var paths []string
	for _, f := range findings {
		if f.Severity == Problem {
			paths = append(paths, f.Path)
			if f.Message == "" || f.Remedy == "" {
				t.Errorf("%s: %+v says too little", name, f)
			}
		}
	}
	if got := strings.Join(paths, " "); got != path {
		t.Errorf("%s: problems at %q, want %q", name, got, path)
	}
}
