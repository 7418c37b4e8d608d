package docker

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"

	"github.com/ecs-tui/ecs-tui/backend"
)

// specs are what the containers of a document are made from, by name.
func specs(t testing.TB, tree object) map[string]spec {
	t.Helper()
	p := planned(t, tree).plan
	p.cores, p.origin.Dir = 4, "/app"
	out := map[string]spec{}
	for _, d := range p.td.Containers {
		env, err := p.environment(d, func(string) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		if out[d.Name], err = p.container(d, "sha256:1", env); err != nil {
			t.Fatal(err)
		}
	}
	if p.shared() {
		s, err := p.pause("pause", true)
		if err != nil {
			t.Fatal(err)
		}
		out[PauseContainer] = s
	}
	return out
}

// fieldCase sets fields of a container, and of its task where they hang on those, and
// reads what became of them out of one of the containers.
type fieldCase struct {
	field     string // below containerDefinitions[], several with spaces between
	mode      string // bridge unless set
	container object
	task      object
	in        string // "" is the container itself
	got       func(spec) any
	want      any
}

func fieldCases() []fieldCase {
	const pause = PauseContainer
	addrs := []netip.Addr{netip.MustParseAddr("10.0.0.2")}
	names := object{"hostname": "me", "dnsServers": []string{"10.0.0.2"}, "dnsSearchDomains": []string{"shop.test"}, "extraHosts": []object{{"hostname": "db", "ipAddress": "10.0.0.3"}}}
	const nameFields = "hostname dnsServers dnsSearchDomains extraHosts"
	named := func(s spec) any {
		return []any{s.config.Hostname, s.host.DNS, s.host.DNSSearch, s.host.ExtraHosts}
	}
	wantNamed := []any{"me", addrs, []string{"shop.test"}, []string{"db:10.0.0.3"}}
	controls := object{"systemControls": []object{{"namespace": "net.core.somaxconn", "value": "99"}, {"namespace": "kernel.msgmax", "value": "8"}}}
	sysctls := func(s spec) any { return s.host.Sysctls }
	linux := func(k string, v any) object { return object{"linuxParameters": object{k: v}} }
	return []fieldCase{
		{"image", "", nil, nil, "", func(s spec) any { return s.config.Image }, "sha256:1"},
		{"cpu", "", object{"cpu": 300}, nil, "", func(s spec) any { return s.host.CPUShares }, int64(300)},
		{"", "", nil, object{"cpu": "512"}, "", func(s spec) any { return []int64{s.host.NanoCPUs, s.host.CPUShares} }, []int64{5e8, 512}},
		{"", "", nil, object{"cpu": "8192"}, "", func(s spec) any { return s.host.NanoCPUs }, int64(4e9)},
		{
			"memory memoryReservation", "",
			object{"memory": 64, "memoryReservation": 32},
			nil, "",
			func(s spec) any { return []int64{s.host.Memory, s.host.MemoryReservation, s.host.MemorySwap} },
			[]int64{64 * mib, 32 * mib, 64 * mib},
		},
		{"", "", nil, object{"memory": "96"}, "", func(s spec) any { return s.host.Memory }, int64(96 * mib)},
		{
			"entryPoint command workingDirectory user", "",
			object{"entryPoint": []string{"/e"}, "command": []string{"c"}, "workingDirectory": "/w", "user": "1:2"},
			nil, "",
			func(s spec) any {
				return fmt.Sprint([]any{s.config.Entrypoint, s.config.Cmd, s.config.WorkingDir, s.config.User})
			}, "[[/e] [c] /w 1:2]",
		},
		{"environment", "", object{"environment": []object{{"name": "A", "value": "b"}}}, nil, "", func(s spec) any { return slices.Contains(s.config.Env, "A=b") }, true},
		{
			"privileged readonlyRootFilesystem interactive pseudoTerminal", "",
			object{"privileged": true, "readonlyRootFilesystem": true, "interactive": true, "pseudoTerminal": true},
			nil, "",
			func(s spec) any {
				return fmt.Sprint(s.host.Privileged, s.host.ReadonlyRootfs, s.config.OpenStdin, s.config.Tty)
			}, "true true true true",
		},
		{"stopTimeout", "", object{"stopTimeout": 7}, nil, "", func(s spec) any { return *s.config.StopTimeout }, 7},
		{
			"healthCheck", "",
			object{"healthCheck": object{"command": []string{"CMD", "x"}, "interval": 9, "startPeriod": 4}},
			nil, "",
			func(s spec) any { return *s.config.Healthcheck },
			container.HealthConfig{Test: []string{"CMD", "x"}, Interval: 9 * time.Second, Timeout: 5 * time.Second, Retries: 3, StartPeriod: 4 * time.Second},
		},
		{
			"ulimits", "",
			object{"ulimits": []object{{"name": "nofile", "softLimit": 5, "hardLimit": 6}}},
			nil, "",
			func(s spec) any { return *s.host.Ulimits[0] },
			container.Ulimit{Name: "nofile", Soft: 5, Hard: 6},
		},
		{
			"dockerLabels", "",
			object{"dockerLabels": object{"tier": "front", LabelFamily: "x", LabelApp: "x"}},
			nil, "",
			func(s spec) any {
				return s.config.Labels["tier"] + s.config.Labels[LabelFamily] + s.config.Labels[labelMemory][:1]
			}, "frontfH",
		},
		{
			"portMappings[].containerPort portMappings[].hostPort portMappings[].protocol", "",
			object{"portMappings": []object{{"containerPort": 80, "hostPort": 81, "protocol": "udp"}}},
			nil, "",
			func(s spec) any { return fmt.Sprint(s.host.PortBindings, s.config.ExposedPorts) }, "map[80/udp:[{invalid IP 81}]] map[80/udp:{}]",
		},
		{"portMappings", modeVPC, object{"portMappings": []object{{"containerPort": 80}, {"containerPortRange": "9000-9002"}}}, nil, pause, func(s spec) any { return fmt.Sprint(s.host.PortBindings) }, "map[80/tcp:[{invalid IP }]]"},
		{"links", "", object{"links": []string{"side:store"}}, nil, "", func(s spec) any { return strings.Contains(fmt.Sprint(s.net.EndpointsConfig["ecs-c"].Links), ":store]") }, true},
		{nameFields, "", names, nil, "", named, wantNamed},
		{nameFields, modeVPC, names, nil, pause, named, wantNamed},
		{nameFields, modeHost, names, nil, "", named, wantNamed},
		{
			"disableNetworking " + nameFields, "", with(names, object{"disableNetworking": true}), nil, "",
			func(s spec) any { return append(named(s).([]any), s.host.NetworkMode, s.config.NetworkDisabled) }, append(wantNamed, container.NetworkMode("none"), true),
		},
		{"systemControls", "", controls, nil, "", sysctls, map[string]string{"net.core.somaxconn": "99", "kernel.msgmax": "8"}},
		{"systemControls", "", controls, object{"pidMode": "task"}, "", sysctls, map[string]string{"net.core.somaxconn": "99", "kernel.msgmax": "8"}},
		{"systemControls", modeVPC, controls, nil, "", sysctls, map[string]string{"kernel.msgmax": "8"}},
		{"systemControls", modeVPC, controls, nil, pause, sysctls, map[string]string{"net.core.somaxconn": "99"}},
		{"linuxParameters linuxParameters.initProcessEnabled", "", linux("initProcessEnabled", true), nil, "", func(s spec) any { return *s.host.Init }, true},
		{"linuxParameters.sharedMemorySize", "", linux("sharedMemorySize", 8), nil, "", func(s spec) any { return s.host.ShmSize }, int64(8 * mib)},
		{"linuxParameters.sharedMemorySize", "", linux("sharedMemorySize", 8), object{"ipcMode": "task"}, pause, func(s spec) any { return s.host.ShmSize }, int64(8 * mib)},
		{"linuxParameters.maxSwap", "", with(linux("maxSwap", 3), object{"memory": 64}), nil, "", func(s spec) any { return s.host.MemorySwap }, int64(67 * mib)},
		{"linuxParameters.swappiness", "", linux("swappiness", 3), nil, "", func(s spec) any { return *s.host.MemorySwappiness }, int64(3)},
		{
			"linuxParameters.tmpfs", "", linux("tmpfs", []object{{"containerPath": "/t", "size": 2, "mountOptions": []string{"noexec"}}}), nil, "",
			func(s spec) any { return s.host.Tmpfs },
			map[string]string{"/t": "noexec,size=2m"},
		},
		{
			"linuxParameters.capabilities", "", linux("capabilities", object{"add": []string{"SYS_PTRACE"}, "drop": []string{"ALL"}}), nil, "",
			func(s spec) any { return [][]string{s.host.CapAdd, s.host.CapDrop} },
			[][]string{{"SYS_PTRACE"}, {"ALL"}},
		},
		{
			"linuxParameters.devices", "", linux("devices", []object{{"hostPath": "/dev/fuse", "permissions": []string{"read"}}}), nil, "",
			func(s spec) any { return s.host.Devices },
			[]container.DeviceMapping{{PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "r"}},
		},
		{
			"mountPoints mountPoints[].sourceVolume mountPoints[].containerPath mountPoints[].readOnly", "",
			object{"mountPoints": []object{{"sourceVolume": "v", "containerPath": "/v", "readOnly": true}}},
			object{"volumes": []object{{"name": "v"}}},
			"",
			func(s spec) any { m := s.host.Mounts[0]; return []any{m.Type, m.Target, m.ReadOnly} },
			[]any{mount.TypeVolume, "/v", true},
		},
		{
			"mountPoints", "",
			object{"mountPoints": []object{{"sourceVolume": "in", "containerPath": "/in", "readOnly": true}, {"sourceVolume": "at", "containerPath": "/at"}}},
			object{"volumes": []object{{"name": "in", "host": object{"sourcePath": "data"}}, {"name": "at", "host": object{"sourcePath": "/data"}}}},
			"",
			func(s spec) any { return s.host.Binds },
			[]string{"/app/data:/in:ro", "/data:/at:rw"},
		},
		{
			"volumesFrom volumesFrom[].sourceContainer volumesFrom[].readOnly", "",
			object{"volumesFrom": []object{{"sourceContainer": "side", "readOnly": true}}},
			nil, "",
			func(s spec) any {
				return strings.HasSuffix(s.host.VolumesFrom[0], ":ro") && strings.Contains(s.host.VolumesFrom[0], "-side-")
			}, true,
		},
		{"", "", nil, object{"pidMode": "host", "ipcMode": "host"}, "", func(s spec) any { return fmt.Sprint([]any{s.host.PidMode, s.host.IpcMode}) }, "[host host]"},
		{"", "", nil, object{"ipcMode": "none"}, "", func(s spec) any { return s.host.IpcMode }, container.IpcMode("none")},
		{"", "", nil, object{"pidMode": "task", "ipcMode": "task"}, "", func(s spec) any {
			return strings.HasPrefix(string(s.host.PidMode), "container:") && strings.HasPrefix(string(s.host.IpcMode), "container:")
		}, true},
		{"", "", nil, object{"ipcMode": "task"}, pause, func(s spec) any { return s.host.IpcMode }, container.IpcMode("shareable")},
	}
}

func with(all ...object) object {
	out := object{}
	for _, o := range all {
		maps.Copy(out, o)
	}
	return out
}

// TestFieldsAreApplied: what is said to be honoured reaches the engine, in the
// container itself or in the one whose namespaces it shares.
func TestFieldsAreApplied(t *testing.T) {
	for n, c := range fieldCases() {
		t.Run(fmt.Sprint(n, " ", c.field, c.task), func(t *testing.T) {
			app := with(object{"name": "app", "image": "i"}, c.container)
			tree := with(object{"family": "f", "networkMode": c.mode}, c.task)
			tree["containerDefinitions"] = []object{app}
			if strings.Contains(fmt.Sprint(app), "side") {
				tree["containerDefinitions"] = []object{app, {"name": "side", "image": "i"}}
			}
			in := c.in
			if in == "" {
				in = "app"
			}
			if got := c.got(specs(t, tree)[in]); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s has %v, want %v", in, got, c.want)
			}
		})
	}
}

// TestHonouredFieldsAreApplied: each honoured field of a container has a case
// above, or is one that the agent acts on itself, with a test of its own.
func TestHonouredFieldsAreApplied(t *testing.T) {
	// TestFieldsInside, TestTaskEnds and TestRestartPolicy.
	covered := strings.Fields(`name essential dependsOn dependsOn[].containerName dependsOn[].condition startTimeout restartPolicy environmentFiles secrets
		portMappings[].name logConfiguration logConfiguration.options logConfiguration.secretOptions`)
	for _, c := range fieldCases() {
		covered = append(covered, strings.Fields(c.field)...)
	}
	for path, note := range taskDefinitionFields() {
		field, inside := strings.CutPrefix(path, inContainer)
		if inside && note.message == "" && !slices.Contains(covered, field) {
			t.Errorf("no case shows that %s is honoured", field)
		}
	}
}

// TestSharedNetwork: what containers cannot have for themselves is told.
func TestSharedNetwork(t *testing.T) {
	one := func(more object) []object { return []object{with(object{"name": "a", "image": "i"}, more)} }
	for name, c := range map[string]struct {
		mode       string
		containers []object
		path       string
	}{
		"two hostnames":             {modeVPC, []object{{"name": "a", "image": "i", "hostname": "x"}, {"name": "b", "image": "i", "hostname": "y"}}, "containerDefinitions[1].hostname"},
		"two hostnames of bridge":   {modeBridge, []object{{"name": "a", "image": "i", "hostname": "x"}, {"name": "b", "image": "i", "hostname": "y"}}, ""},
		"no network":                {modeVPC, one(object{"disableNetworking": true}), "containerDefinitions[0].disableNetworking"},
		"no network of bridge":      {modeBridge, one(object{"disableNetworking": true}), ""},
		"a DNS server without a IP": {modeBridge, one(object{"dnsServers": []string{"10.0.0.2", "dns.test"}}), "containerDefinitions[0].dnsServers[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			found := together(planned(t, object{"family": "f", "networkMode": c.mode, "containerDefinitions": c.containers}).plan.td)
			if c.path == "" && len(found) > 0 || c.path != "" && (len(found) != 1 || found[0].Path != c.path || found[0].Severity != backend.Warning) {
				t.Errorf("%+v, want one at %q", found, c.path)
			}
		})
	}
}

// TestFieldsBesideOthers: a field that another one leaves nothing of is told.
func TestFieldsBesideOthers(t *testing.T) {
	logs := func(driver string) object {
		return object{"logConfiguration": object{"logDriver": driver, "options": object{"max-size": "1m"}}}
	}
	for name, c := range map[string]struct {
		container object
		path      string
	}{
		"options of the engine's driver": {logs("json-file"), "containerDefinitions[0].logConfiguration.options"},
		"options of another driver":      {logs("awslogs"), ""}, // the driver itself is told
		"swap beside no limit":           {object{"memoryReservation": 64, "linuxParameters": object{"maxSwap": 8}}, "containerDefinitions[0].linuxParameters.maxSwap"},
		"swap beside a limit":            {object{"memory": 64, "linuxParameters": object{"maxSwap": 8}}, ""},
		"a label of ours":                {object{"dockerLabels": object{"tier": "front", LabelCluster: "x"}}, "containerDefinitions[0].dockerLabels"},
		"labels":                         {object{"dockerLabels": object{"tier": "front"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tree := object{"family": "f", "containerDefinitions": []object{with(object{"name": "a", "image": "i"}, c.container)}}
			found := together(planned(t, tree).plan.td)
			if c.path == "" && len(found) > 0 || c.path != "" && (len(found) != 1 || found[0].Path != c.path) {
				t.Errorf("%+v, want one at %q", found, c.path)
			}
		})
	}
}
