package backend

import (
	"slices"
	"testing"
)

func TestServiceTargets(t *testing.T) {
	s := Service{Document: Document(`{"loadBalancers":[
		{"targetGroupArn":"arn:blue","containerName":"web","containerPort":80,"advancedConfiguration":{"alternateTargetGroupArn":"arn:green","productionListenerRule":"x"}},
		{"targetGroupArn":"arn:blue","containerName":"web","containerPort":81},
		{"loadBalancerName":"classic","containerName":"web","containerPort":80}]}`)}
	if got := ServiceTargets(s); len(got) != 2 || got[0] != (ServiceTarget{"arn:blue", "arn:green", "web", 80}) {
		t.Errorf("%+v", got)
	}
	if got := TargetGroupARNs(s); !slices.Equal(got, []string{"arn:blue", "arn:green"}) {
		t.Errorf("%v", got)
	}
	for _, doc := range []string{"", "{}", `{"loadBalancers":"none"}`} {
		if got := TargetGroupARNs(Service{Document: Document(doc)}); len(got) != 0 {
			t.Errorf("%s: %v", doc, got)
		}
	}
}

func TestTargetTasks(t *testing.T) {
	tasks := []Task{
		{ARN: "eni", Document: Document(`{"attachments":[{"type":"ElasticNetworkInterface","details":[{"name":"subnetId","value":"s"},{"name":"privateIPv4Address","value":"10.0.0.1"}]}]}`)},
		{ARN: "interface", Document: Document(`{"containers":[{"networkInterfaces":[{"privateIpv4Address":"10.0.0.2","ipv6Address":"fd00::2"}]}]}`)},
		{ARN: "port", Containers: []Container{{Ports: []PortBinding{{HostPort: 32768}, {HostPort: 40000}}}}},
		{ARN: "twin", Containers: []Container{{Ports: []PortBinding{{HostPort: 40000}}}}},
	}
	targets := []Target{
		{ID: "10.0.0.1", Port: 80},
		{ID: "10.0.0.2", Port: 80},
		{ID: "fd00::2", Port: 80},
		{ID: "i-0123", Port: 32768},
		{ID: "i-0123", Port: 40000},   // on two machines: which one is not known
		{ID: "10.0.0.9", Port: 32768}, // an address of nobody
	}
	if got := TargetTasks(targets, tasks); !slices.Equal(got, []string{"eni", "interface", "interface", "port", "", ""}) {
		t.Errorf("%q", got)
	}
}

func TestCheckScaling(t *testing.T) {
	one, two, minus := 1, 2, -1
	now := Scaling{Registered: true, Min: 1, Max: 4}
	for _, test := range []struct {
		now  Scaling
		c    ScalingChange
		fine bool
	}{
		{now, ScalingChange{Min: &two}, true},
		{now, ScalingChange{Suspended: &Suspension{In: true}}, true},
		{now, ScalingChange{Min: &two, Max: &one}, false},
		{now, ScalingChange{Min: &minus}, false},
		{Scaling{}, ScalingChange{Min: &one}, false},
		{Scaling{}, ScalingChange{Min: &one, Max: &one}, true},
	} {
		if why := CheckScaling(test.now, test.c); (why == "") != test.fine {
			t.Errorf("%+v: %q", test.c, why)
		}
	}
}

// What ECS says of a machine is read with what is hostile in it made safe.
func TestParseInstance(t *testing.T) {
	i, err := ParseInstance(Document(`{
		"containerInstanceArn":"arn:aws:ecs:eu-west-1:1:container-instance/prod/abc","ec2InstanceId":"mi-0\u001b]0;x\u00071","status":"DRAINING","agentConnected":true,
		"versionInfo":{"agentVersion":"1.86.3","dockerVersion":"DockerVersion: 25.0.6"},"registeredAt":"2026-01-02T03:04:05.000Z",
		"registeredResources":[{"name":"CPU","integerValue":2048},{"name":"MEMORY","integerValue":3900},{"name":"GPU","stringSetValue":["GPU-1","GPU-2"]},{"name":"PORTS","stringSetValue":["22"]}],
		"remainingResources":[{"name":"CPU","integerValue":1024},{"name":"MEMORY","integerValue":900},{"name":"PORTS","stringSetValue":["22","8080"]},{"name":"PORTS_UDP","stringSetValue":["53"]}],
		"attributes":[{"name":"ecs.instance-type","value":"m6i.large"},{"name":"ecs.availability-zone","value":"eu-west-1a"}]}`))
	if err != nil || !i.External || i.Instance != "mi-01" || i.Cluster != "prod" || i.Engine != "25.0.6" || i.Total.GPUs != 2 ||
		i.Free.CPU != 1024 || !slices.Equal(i.Free.Ports, []string{"22", "8080", "53/udp"}) || i.RegisteredAt.Year() != 2026 || i.Type != "m6i.large" {
		t.Errorf("%+v, %v", i, err)
	}
	if _, err := ParseInstance(Document(`{"status":7}`)); err == nil {
		t.Error("a status of 7 is read")
	}
	p := CapacityProvider{ARN: "arn:1", Name: "spot", Status: "ACTIVE", Group: "arn:2", Scaling: true, TargetLoad: 90, Draining: true}
	p.Document = ProviderDocument(p)
	if got, err := ParseProvider(p.Document); err != nil || got.Name != p.Name || !got.Scaling || got.TargetLoad != 90 || got.Protected || !got.Draining {
		t.Errorf("%+v, %v", got, err)
	}
}
