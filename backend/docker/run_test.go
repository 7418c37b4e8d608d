package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// sh is a container of busybox that runs a script.
func sh(t testing.TB, name, script string, more ...object) object {
	c := object{"name": name, "image": dockertest.BusyboxImage(t), "command": []string{"sh", "-ec", script}}
	for _, m := range more {
		maps.Copy(c, m)
	}
	return c
}

// after is a dependsOn.
func after(pairs ...string) object {
	var out []object
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, object{"containerName": pairs[i], "condition": pairs[i+1]})
	}
	return object{"dependsOn": out}
}

// healthy is a check that is quicker than ECS allows.
func healthy(script string) object {
	return object{"healthCheck": object{"command": []string{"CMD-SHELL", script}, "interval": 1, "timeout": 2, "retries": 2}}
}

// TestFieldsInside runs tasks that look at themselves: a script fails, and with
// it the task, where a field was not honoured.
func TestFieldsInside(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	secret := dockertest.Unique(t, "s3cret")
	sum := sha256.Sum256([]byte(secret)) // a definition that holds the value itself would prove nothing
	for name, text := range map[string]string{
		"vars.env":  "# of the file\nFROM_FILE=file\nBOTH=file\nQUOTED='a b'\n",
		".env":      "DB_PASSWORD=" + secret + "\n",
		"mine/file": "from the host",
	} {
		path := filepath.Join(b.set.Dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	volume := func(name string) object { return object{"sourceVolume": name, "containerPath": "/v"} }
	for name, c := range map[string]struct {
		mode       string
		containers []object
		task       object
	}{
		"one network namespace": {modeVPC, []object{
			{"name": "web", "image": dockertest.StaticImage(t), "command": []string{"-http", ":8080", "-version", "77"}},
			sh(t, "app", `until out=$(wget -qO- http://127.0.0.1:8080/); do sleep 0.1; done; [ "$out" = 77 ]`),
		}, nil},
		"all four conditions": {modeBridge, []object{
			sh(t, "app", `cat /v/complete /v/success /v/healthy; wget -qO- http://started:8080/ >/dev/null`, object{"mountPoints": []object{volume("v")}},
				after("complete", "COMPLETE", "success", "SUCCESS", "healthy", "HEALTHY", "started", "START"), object{"links": []string{"web:started"}}),
			sh(t, "complete", `sleep 0.5; echo >/v/complete; exit 3`, object{"essential": false, "mountPoints": []object{volume("v")}}),
			sh(t, "success", `sleep 0.5; echo >/v/success`, object{"essential": false, "mountPoints": []object{volume("v")}}),
			sh(t, "healthy", `sleep 1; echo >/v/healthy; sleep 1000`, healthy("cat /v/healthy"), object{"mountPoints": []object{volume("v")}}),
			{"name": "web", "image": dockertest.StaticImage(t), "command": []string{"-http", ":8080"}},
			{"name": "started", "image": dockertest.StaticImage(t), "essential": false, "command": []string{"-exit-after", "1ms"}},
		}, object{"volumes": []object{{"name": "v"}}}},
		"environment": {modeBridge, []object{
			sh(t, "app", `[ "$FROM_FILE $BOTH $QUOTED" = "file own a b" ]; for v in "$DB_PASSWORD" "$TOKEN"; do printf %s "$v" | sha256sum | grep `+hex.EncodeToString(sum[:])+`; done`, object{
				"environmentFiles": []object{{"type": "s3", "value": "arn:aws:s3:::bucket/vars.env"}},
				"environment":      []object{{"name": "BOTH", "value": "own"}},
				"secrets": []object{
					{"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/x"},
					{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/shop/DB_PASSWORD"},
				},
			}),
		}, nil},
		"process": {modeBridge, []object{
			sh(t, "app", `[ "$(id -u):$(id -g)" = 7:8 ]; [ "$PWD" = /bin ]; [ "$(ulimit -n)" = 123 ]; [ "$(hostname)" = me ]; grep -q '10.9.8.7.*friend' /etc/hosts; [ $$ != 1 ]`, object{
				"user": "7:8", "workingDirectory": "/bin", "hostname": "me", "extraHosts": []object{{"hostname": "friend", "ipAddress": "10.9.8.7"}},
				"ulimits":         []object{{"name": "nofile", "softLimit": 123, "hardLimit": 123}},
				"linuxParameters": object{"initProcessEnabled": true},
			}),
		}, nil},
		"entry point": {modeNone, []object{
			{"name": "app", "image": dockertest.StaticImage(t), "entryPoint": []string{"/app", "-exit-after", "10ms"}, "command": []string{"-exit-code", "0"}},
		}, nil},
		"files": {modeBridge, []object{
			sh(t, "app", `! touch /x; touch /t/x; grep -q ' /t tmpfs .*size=2048k' /proc/mounts; df -m /dev/shm | grep -q ' 8 '; grep -q 'from the host' /mine/file; ! touch /mine/new`, object{
				"readonlyRootFilesystem": true,
				"linuxParameters":        object{"tmpfs": []object{{"containerPath": "/t", "size": 2, "mountOptions": []string{"noexec"}}}, "sharedMemorySize": 8},
				"mountPoints":            []object{{"sourceVolume": "mine", "containerPath": "/mine", "readOnly": true}},
			}),
		}, object{"volumes": []object{{"name": "mine", "host": object{"sourcePath": "mine"}}}}},
		"folder that was missing": {modeBridge, []object{
			sh(t, "app", `[ -d /made ]; ! touch /made/x`, object{"mountPoints": []object{{"sourceVolume": "made", "containerPath": "/made", "readOnly": true}}}),
		}, object{"volumes": []object{{"name": "made", "host": object{"sourcePath": "mine/made"}}}}},
		"volumesFrom": {modeBridge, []object{
			sh(t, "app", `until cat /v/x; do sleep 0.1; done; ! touch /v/y`, object{"volumesFrom": []object{{"sourceContainer": "data", "readOnly": true}}}),
			sh(t, "data", `echo x >/v/x; sleep 1000`, object{"mountPoints": []object{volume("v")}}),
		}, object{"volumes": []object{{"name": "v"}}}},
		"size of the task": {modeBridge, []object{
			sh(t, "app", `[ "$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max)" = 100663296 ]`, object{"memory": 0}),
		}, object{"cpu": "256", "memory": "96"}},
		"names of a shared network": {modeVPC, []object{
			sh(t, "app", `[ "$(hostname)" = me ]; grep -q '10.9.8.7.*friend' /etc/hosts; grep -q '^search shop.test' /etc/resolv.conf`, object{
				"hostname": "me", "extraHosts": []object{{"hostname": "friend", "ipAddress": "10.9.8.7"}}, "dnsServers": []string{"10.9.8.6"}, "dnsSearchDomains": []string{"shop.test"},
			}),
		}, nil},
		"kernel": {modeVPC, []object{
			sh(t, "app", `[ "$(cat /proc/sys/net/core/somaxconn)" = 99 ]; grep 'CapEff:.*00040000$' /proc/self/status; [ -c /dev/mine ]; [ "$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 /sys/fs/cgroup/cpu.max)" = 25000 ]`, object{
				"systemControls": []object{{"namespace": "net.core.somaxconn", "value": "99"}},
				"linuxParameters": object{
					"capabilities": object{"drop": []string{"ALL"}, "add": []string{"SYS_CHROOT"}},
					"devices":      []object{{"hostPath": "/dev/zero", "containerPath": "/dev/mine"}},
				},
			}),
		}, object{"cpu": "256"}},
		"one process and one IPC namespace": {modeBridge, []object{
			sh(t, "app", `until ps | grep 'sleep 98765'; do sleep 0.1; done; until [ -e /dev/shm/x ]; do sleep 0.1; done; [ "$(cat /proc/sys/net/core/somaxconn)" = 99 ]`, object{
				"systemControls": []object{{"namespace": "net.core.somaxconn", "value": "99"}},
			}),
			sh(t, "side", `echo >/dev/shm/x; sleep 98765`),
		}, object{"pidMode": "task", "ipcMode": "task"}},
		"more cores than there are": {modeBridge, []object{sh(t, "app", "exit 0")}, object{"cpu": "262144"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := object{"family": dockertest.Unique(t, "f"), "networkMode": c.mode}
			maps.Copy(tree, c.task)
			for _, d := range c.containers {
				if _, ok := d["memory"]; !ok {
					d["memory"] = 32
				}
				d["stopTimeout"] = 1
			}
			tree["containerDefinitions"] = c.containers
			b := b.in(t)
			task := b.until(b.run(b.registerAnyway(document(t, tree)).ARN), backend.TaskStopped)
			i := slices.IndexFunc(task.Containers, func(c backend.Container) bool { return c.Name == "app" })
			if code := task.Containers[i].ExitCode; code == nil || *code != 0 {
				t.Errorf("%s\n%s\nthe log:\n%s", task.StoppedReason, task.Document, b.logs(task, "app"))
			}
		})
	}
	t.Cleanup(func() { b.holdsNoSecret(secret) })
}

// in is the bed for a test inside the test.
func (b *bed) in(t *testing.T) *bed {
	inner := *b
	inner.T = t
	return &inner
}

// holdsNoSecret looks for a secret's value in all that is kept.
func (b *bed) holdsNoSecret(secret string) {
	files, err := filepath.Glob(filepath.Join(b.dir, "*"))
	if err != nil || len(files) < 2 {
		b.Errorf("the state's files are %v, %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Error(err)
		}
		if strings.Contains(string(text), secret) {
			b.Errorf("%s holds a secret", f)
		}
	}
	for _, c := range b.containers() {
		text := fmt.Sprint(c)
		if m := c.Labels[labelMemory]; m != "" {
			kept, err := unpackMemory(m)
			if err != nil {
				b.Error(err)
			}
			text += fmt.Sprint(kept, string(kept.Definition))
		}
		if strings.Contains(text, secret) {
			b.Errorf("the labels of %s hold a secret", c.ID)
		}
	}
}

// TestPorts reaches tasks from outside: on ports that the engine chose, and on
// a fixed one; and says why where that is taken.
func TestPorts(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	web := func(port object) object {
		return object{"name": "web", "image": dockertest.StaticImage(t), "command": []string{"-http", ":8080", "-version", "55"}, "portMappings": []object{port}}
	}
	fixed := freePort(t)
	for name, c := range map[string]struct {
		mode string
		port object
		want int
	}{
		"awsvpc":         {modeVPC, object{"containerPort": 8080}, 0},
		"bridge dynamic": {modeBridge, object{"containerPort": 8080, "hostPort": 0}, 0},
		"bridge fixed":   {modeBridge, object{"containerPort": 8080, "hostPort": fixed}, fixed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			task := b.until(b.run(b.register(taskDefinition(t, dockertest.Unique(t, "f"), c.mode, web(c.port))).ARN), backend.Running)
			if len(task.Containers[0].Ports) != 1 {
				t.Fatalf("%s", task.Document)
			}
			p := task.Containers[0].Ports[0]
			if p.ContainerPort != 8080 || p.HostPort == 0 || p.HostIP != "127.0.0.1" || p.Protocol != "tcp" || c.want != 0 && p.HostPort != c.want {
				t.Errorf("listens at %+v", p)
			}
			b.eventually("it answers", func() (bool, string) {
				text, err := fetch(fmt.Sprintf("http://127.0.0.1:%d/", p.HostPort))
				return strings.TrimSpace(text) == "55", fmt.Sprint(text, err)
			})
		})
	}
	t.Run("taken", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		taken := l.Addr().(*net.TCPAddr).Port
		td := b.register(taskDefinition(t, dockertest.Unique(t, "f"), modeBridge, web(object{"containerPort": 8080, "hostPort": taken})))
		task := b.until(b.run(td.ARN), backend.TaskStopped)
		if task.StopCode != codeFailed || !strings.Contains(task.StoppedReason, codeCannotStart) || !strings.Contains(task.StoppedReason, fmt.Sprint(taken)) {
			t.Errorf("%s: %s", task.StopCode, task.StoppedReason)
		}
		td = b.register(taskDefinition(t, dockertest.Unique(t, "f"), modeVPC, web(object{"containerPort": taken, "hostPort": taken})))
		task = b.until(b.run(td.ARN), backend.Running)
		if c := task.Containers[0]; len(c.Ports) != 1 || c.Ports[0].HostPort == taken || !strings.Contains(c.Reason, fmt.Sprintf("port %d of this machine was taken", taken)) {
			t.Errorf("%s", task.Document)
		}
	})
}

// TestPortOverRollout: the port of an awsvpc task that names one stays with its
// service where the old task ends first, as verify advises; else it is told that
// it went.
func TestPortOverRollout(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	for name, percents := range map[string]object{
		"kept": {"minimumHealthyPercent": 0, "maximumPercent": 100},
		"lost": {"minimumHealthyPercent": 100, "maximumPercent": 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			port := freePort(t)
			version := func(n string) string {
				return b.register(taskDefinition(t, name, modeVPC, object{
					"name": "web", "image": dockertest.StaticImage(t), "command": []string{"-http", fmt.Sprintf(":%d", port), "-version", n},
					"portMappings": []object{{"containerPort": port, "hostPort": port}},
				})).ARN
			}
			spec, err := backend.ParseServiceSpec(document(t, object{"serviceName": name, "taskDefinition": version("1"), "desiredCount": 1, "deploymentConfiguration": percents}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.CreateService(t.Context(), b.cluster, spec); err != nil {
				t.Fatal(err)
			}
			b.steady(name)
			next := version("2")
			b.deployed(b.update(name, backend.ServiceChange{TaskDefinition: &next}))
			b.steady(name)
			c := b.tasks(backend.TaskQuery{Service: name})[0].Containers[0]
			kept := len(c.Ports) == 1 && c.Ports[0].HostPort == port
			if kept != (name == "kept") || kept != (c.Reason == "") {
				t.Errorf("port %d: it listens at %+v: %q", port, c.Ports, c.Reason)
			}
		})
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func fetch(url string) (string, error) {
	res, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// TestVolumes: one of scope task goes with its task, a shared one stays.
func TestVolumes(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	shared := dockertest.Unique(t, "shared")
	t.Cleanup(func() {
		b.stopAgent()
		sweep(t, b.client, b.state, b.cluster) // a volume in use stays
		if _, err := b.client.VolumeRemove(context.Background(), shared, client.VolumeRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
	td := b.register(document(t, object{
		"family": "keep", "networkMode": "none",
		"volumes": []object{{"name": "own"}, {"name": shared, "dockerVolumeConfiguration": object{"scope": "shared", "autoprovision": true}}},
		"containerDefinitions": []object{sh(t, "app", `cat /own/x && exit 9; echo >/own/x; cat /shared/x && exit 0; echo >/shared/x; exit 4`, object{
			"memory": 32, "mountPoints": []object{{"sourceVolume": "own", "containerPath": "/own"}, {"sourceVolume": shared, "containerPath": "/shared"}},
		})},
	}))
	for n, want := range []int{4, 0} {
		task := b.until(b.run(td.ARN), backend.TaskStopped)
		if code := task.Containers[0].ExitCode; code == nil || *code != want {
			t.Errorf("run %d: %s\n%s", n, task.Document, b.logs(task, "app"))
		}
	}
	// What a stopped task leaves is kept for its logs; with a service's end it goes.
	b.create("web", b.register(document(t, object{
		"family": "web", "networkMode": "none", "volumes": []object{{"name": "own"}},
		"containerDefinitions": []object{sh(t, "app", `trap 'exit 0' TERM; while :; do sleep 0.1; done`, object{
			"memory": 32, "mountPoints": []object{{"sourceVolume": "own", "containerPath": "/own"}},
		})},
	})).ARN, 1)
	b.steady("web")
	task := b.tasks(backend.TaskQuery{Service: "web"})[0]
	volumes := func() int {
		list, err := b.client.VolumeList(t.Context(), client.VolumeListOptions{Filters: client.Filters{}.Add("label", LabelTaskARN+"="+task.ARN)})
		if err != nil {
			t.Fatal(err)
		}
		return len(list.Items)
	}
	if n := volumes(); n != 1 {
		t.Errorf("%d volumes of the task", n)
	}
	if _, err := b.DeleteService(t.Context(), b.cluster, "web", true); err != nil {
		t.Fatal(err)
	}
	b.eventually("the volume is gone", func() (bool, string) { return volumes() == 0, fmt.Sprint(volumes()) })
}
