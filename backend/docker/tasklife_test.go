package docker

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// TestTaskEnds lets tasks end in every way that there is, and reads the reasons.
func TestTaskEnds(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	app := func(name string, args []string, more ...object) object {
		c := object{"name": name, "image": dockertest.StaticImage(t), "command": args}
		for _, m := range more {
			maps.Copy(c, m)
		}
		return c
	}
	for name, c := range map[string]struct {
		containers []object
		code       string            // stopCode
		reason     string            // a part of stoppedReason
		exits      map[string]int    // exit codes
		reasons    map[string]string // parts of the containers' reasons
		log        string            // a part of the first container's log
	}{
		"at once": {
			[]object{app("app", []string{"-text", "no config", "-exit-after", "1ms", "-exit-code", "5"})},
			codeEssential, "Essential container in task exited",
			map[string]int{"app": 5},
			nil, "no config",
		},
		"the essential one takes the others along": {
			[]object{app("app", []string{"-exit-after", "300ms", "-exit-code", "3"}), app("side", nil, object{"essential": false})},
			codeEssential, "Essential container in task exited",
			map[string]int{"app": 3, "side": 0},
			nil, "",
		},
		"another one does not": {
			[]object{app("app", []string{"-exit-after", "2s", "-exit-code", "6"}), app("side", []string{"-exit-after", "1ms", "-exit-code", "1"}, object{"essential": false})},
			codeEssential, "Essential container in task exited",
			map[string]int{"app": 6, "side": 1},
			nil, "",
		},
		"out of memory": {
			[]object{app("app", []string{"-memory", "64"}, object{"memory": 16})},
			codeEssential, "Essential container in task exited",
			map[string]int{"app": 137},
			map[string]string{"app": "OutOfMemoryError: Container killed due to memory usage"},
			"",
		},
		"no such program": {
			[]object{app("app", nil, object{"entryPoint": []string{"/nothing"}})},
			codeFailed, codeCannotStart, nil,
			map[string]string{"app": "/nothing"},
			"",
		},
		"no such image": {
			[]object{app("app", nil, object{"image": "ecs-tui-test/none:" + dockertest.Unique(t, "n")})},
			codeFailed, codeCannotPull, nil,
			map[string]string{"app": codeCannotPull},
			"",
		},
		"another architecture": {
			[]object{app("app", nil, object{"image": dockertest.ForeignImage(t)})},
			codeEssential, "Essential container in task exited",
			map[string]int{"app": 1},
			nil, "exec format error",
		},
		"a dependency that fails": {
			[]object{sh(t, "app", "exit 0", after("init", "SUCCESS")), sh(t, "init", "exit 2", object{"essential": false})},
			codeFailed, "did not exit with code 0",
			map[string]int{"init": 2},
			map[string]string{"app": "ContainerDependencyError"},
			"",
		},
		"a dependency that never gets healthy": {
			[]object{sh(t, "app", "exit 0", after("db", "HEALTHY")), sh(t, "db", "trap 'exit 0' TERM; while :; do sleep 0.1; done", healthy("false"))},
			codeFailed, "is unhealthy",
			map[string]int{"db": 0},
			map[string]string{"app": "ContainerDependencyError"},
			"",
		},
		"a dependency that is too slow": {
			[]object{
				sh(t, "app", "exit 0", after("init", "COMPLETE")),
				sh(t, "init", "trap 'exit 0' TERM; while :; do sleep 0.1; done", object{"essential": false, "startTimeout": 1}),
			},
			codeFailed, "took longer than its startTimeout of 1s", nil,
			map[string]string{"app": "ContainerDependencyError"},
			"",
		},
		"no value for a secret": {
			[]object{sh(t, "app", "exit 0", object{"secrets": []object{{"name": "NOWHERE_TO_BE_FOUND", "valueFrom": "arn:x"}}})},
			codeFailed, "the secret NOWHERE_TO_BE_FOUND has no value here", nil,
			map[string]string{"app": "ResourceInitializationError"},
			"",
		},
		"no environment file": {
			[]object{sh(t, "app", "exit 0", object{"environmentFiles": []object{{"type": "s3", "value": "arn:aws:s3:::bucket/none.env"}}})},
			codeFailed, "ResourceInitializationError", nil,
			map[string]string{"app": "none.env"},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			td := b.registerAnyway(taskDefinition(t, dockertest.Unique(t, "f"), modeBridge, c.containers...))
			task := b.until(b.run(td.ARN), backend.TaskStopped)
			if task.StopCode != c.code || !strings.Contains(task.StoppedReason, c.reason) {
				t.Errorf("%s: %s, want %s: …%s…", task.StopCode, task.StoppedReason, c.code, c.reason)
			}
			for _, got := range task.Containers {
				if want, ok := c.exits[got.Name]; ok && (got.ExitCode == nil || *got.ExitCode != want) {
					t.Errorf("%s did not exit with %d:\n%s", got.Name, want, task.Document)
				}
				if want := c.reasons[got.Name]; !strings.Contains(got.Reason, want) {
					t.Errorf("%s: %q, want …%s…", got.Name, got.Reason, want)
				}
			}
			if c.log != "" && !strings.Contains(b.logs(task, c.containers[0]["name"].(string)), c.log) {
				t.Errorf("the log does not say %q: %q", c.log, b.logs(task, c.containers[0]["name"].(string)))
			}
		})
	}
}

// TestStopTimeout: what ignores SIGTERM is killed after its stopTimeout, and in
// the reverse order of dependsOn.
func TestStopTimeout(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	task := b.run(b.register(taskDefinition(t, "deaf", modeVPC,
		object{"name": "deaf", "image": dockertest.StaticImage(t), "command": []string{"-ignore-term", "-log", "1"}, "stopTimeout": 2},
		object{
			"name": "first", "image": dockertest.StaticImage(t), "command": []string{"-log", "1"},
			"dependsOn": []object{{"containerName": "deaf", "condition": "START"}},
		})).ARN)
	b.until(task, backend.Running)
	if _, err := b.StopTask(t.Context(), b.cluster, task.ARN, ""); err != nil {
		t.Fatal(err)
	}
	task = b.until(task, backend.TaskStopped)
	if code := task.Containers[0].ExitCode; code == nil || *code != 137 {
		t.Errorf("%s", task.Document)
	}
	if took := task.StoppedAt.Sub(task.StoppingAt).Seconds(); took < 2 {
		t.Errorf("it was killed after %v s, its stopTimeout is 2 s", took)
	}
	told := map[string]string{}
	for batch, err := range b.Logs(t.Context(), backend.LogQuery{Cluster: b.cluster, Tasks: []string{task.ARN}}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range batch.Lines {
			if strings.Contains(l.Text, "received") {
				told[l.Container] = l.At.Format("15:04:05.000000000")
			}
		}
	}
	if told["first"] == "" || told["deaf"] == "" || told["first"] > told["deaf"] {
		t.Errorf("told to end: %v", told)
	}
}

// TestRestartPolicy: a container that ran long enough is started again in its
// task; one with a code that is left out is not.
func TestRestartPolicy(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	task := b.run(b.registerAnyway(taskDefinition(t, "again", modeBridge,
		object{"name": "main", "image": dockertest.StaticImage(t)},
		object{
			"name": "again", "image": dockertest.StaticImage(t), "command": []string{"-exit-after", "1500ms", "-exit-code", "1"}, "essential": false,
			"restartPolicy": object{"enabled": true, "restartAttemptPeriod": 1},
		},
		object{
			"name": "soon", "image": dockertest.StaticImage(t), "command": []string{"-exit-after", "1ms", "-exit-code", "1"}, "essential": false,
			"restartPolicy": object{"enabled": true, "restartAttemptPeriod": 60},
		},
		object{
			"name": "ignored", "image": dockertest.StaticImage(t), "command": []string{"-exit-after", "1500ms", "-exit-code", "2"}, "essential": false,
			"restartPolicy": object{"enabled": true, "restartAttemptPeriod": 1, "ignoredExitCodes": []int{2}},
		})).ARN)
	b.eventually("it was started twice more", func() (bool, string) {
		task = b.until(task, backend.Running)
		return task.Containers[1].RestartCount >= 2, string(task.Document)
	})
	if task.LastStatus != backend.Running || task.Containers[2].RestartCount+task.Containers[3].RestartCount != 0 {
		t.Errorf("%s", task.Document)
	}
}

// TestHealthBreaker: a version whose health check never passes is rolled back,
// with the old one running all the time.
func TestHealthBreaker(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	version := func(check string) backend.TaskDefinition {
		c := object{"name": "web", "image": dockertest.AppImage(t, "-http", ":8080")}
		c["healthCheck"] = healthy(check)["healthCheck"]
		return b.registerAnyway(taskDefinition(t, dockertest.Unique(t, "web"), modeVPC, c))
	}
	good, bad := version("wget -qO- http://127.0.0.1:8080/health"), version("wget -qO- http://127.0.0.1:9/")
	b.create("web", good.ARN, 1)
	first := b.steady("web")
	if d := b.deployed(first); d.Status != backend.Successful || d.Target.Healthy != 1 {
		t.Errorf("%+v", d)
	}
	d := b.deployed(b.update("web", backend.ServiceChange{TaskDefinition: &bad.ARN}))
	if d.Status != backend.RollbackSuccessful || d.RollbackTo != good.ARN || d.Breaker.Status != "TRIGGERED" || d.Target.Failed < 3 {
		t.Errorf("%s to %s, breaker %+v", d.Status, d.RollbackTo, d.Breaker)
	}
	b.steady("web")
	b.exactly("web", good.ARN, 1, 2)
	told := b.story("web")
	for _, want := range []string{"failed container health checks.", "rolling back to deployment"} {
		if !strings.Contains(told, want) {
			t.Errorf("no event says %q:\n%s", want, told)
		}
	}
}

// TestServiceDiscovery: a service's name resolves to each of its tasks, from a
// task of either network mode.
func TestServiceDiscovery(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	web := object{"name": "web", "image": dockertest.StaticImage(t), "command": []string{"-http", ":8080"}}
	b.create("shop", b.register(taskDefinition(t, "shop", modeVPC, web)).ARN, 2)
	b.steady("shop")
	for _, mode := range []string{modeVPC, modeBridge} {
		probe := func(args ...string) string {
			c := object{"name": "probe", "image": dockertest.StaticImage(t), "command": args}
			task := b.until(b.run(b.register(taskDefinition(t, "probe", mode, c)).ARN), backend.TaskStopped)
			if code := task.Containers[0].ExitCode; code == nil || *code != 0 {
				t.Errorf("%s %v: %s", mode, args, task.Document)
			}
			return b.logs(task, "probe")
		}
		if addrs := strings.Fields(probe("lookup", "shop")); len(addrs) != 2 {
			t.Errorf("%s: shop is at %v, want two addresses", mode, addrs)
		}
		if got := strings.TrimSpace(probe("get", "http://shop:8080/")); got != "1" {
			t.Errorf("%s: it answers %q", mode, got)
		}
	}
	t.Run("sidecar in bridge mode", func(t *testing.T) {
		b := b.in(t)
		front := with(web, object{"name": "front", "portMappings": []object{{"containerPort": 8080}}})
		b.create("front", b.register(taskDefinition(t, "front", modeBridge, object{"name": "side", "image": dockertest.StaticImage(t)}, front)).ARN, 1)
		b.steady("front")
		task := b.until(b.run(b.register(taskDefinition(t, "probe", modeBridge, object{"name": "probe", "image": dockertest.StaticImage(t), "command": []string{"lookup", "front"}})).ARN), backend.TaskStopped)
		addrs := strings.Fields(b.logs(task, "probe"))
		found, err := b.DescribeDiscovery(t.Context(), backend.DiscoveryQuery{Cluster: b.cluster, Service: "front"})
		if err != nil || len(found) != 1 || len(found[0].Instances) != 1 || len(addrs) != 1 || found[0].Instances[0].Address != addrs[0] {
			t.Errorf("front is at %v, found at %+v, %v", addrs, found, err)
		}
	})
	if _, err := b.DeleteService(t.Context(), b.cluster, "shop", true); err != nil {
		t.Fatal(err)
	}
	b.eventually("its containers are gone", func() (bool, string) {
		left := 0
		for _, c := range b.containers() {
			if c.Labels[LabelService] == "shop" {
				left++
			}
		}
		return left == 0, fmt.Sprint(left)
	})
}
