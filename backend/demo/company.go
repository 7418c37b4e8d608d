package demo

import (
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// program is one of the company's services.
type program struct {
	name, cluster string
	desired       int
	memory        int
	proxy         bool // has a second container
	check         bool // has a health check
	breaker       bool
	noExec        bool           // ECS Exec is off: no shell in its tasks
	rollout       map[string]any // of deploymentConfiguration; nil is ROLLING
	controller    string         // "" is ECS
	releases      []release
}

// release is one version that was deployed, so long before the demo begins.
type release struct {
	ago   time.Duration
	tag   string
	fate  string // see fates
	scale int    // then scaled to this, -1 for no change
	onTop int    // revisions that were registered before and never deployed
}

// programs are what the company runs: each shows something that a user of the
// program will meet.
func programs() []program {
	const day, hour, minute = 24 * time.Hour, time.Hour, time.Minute
	at := func(ago time.Duration, tag string) release { return release{ago: ago, tag: tag, scale: -1} }
	bad := func(ago time.Duration, tag, fate string) release {
		return release{ago: ago, tag: tag, fate: fate, scale: -1}
	}
	return []program{
		{name: "web", cluster: "demo", desired: 3, memory: 256, proxy: true, check: true, breaker: true, releases: []release{
			{ago: 6 * day, tag: "41d08ce", scale: -1, onTop: 10}, at(3*day, "5c02b9a"), at(26*hour, "8d7711f"), at(12*minute, "9f3c1ab"),
		}},
		{name: "api", cluster: "demo", desired: 4, memory: 512, check: true, breaker: true, releases: []release{
			{ago: 5 * day, tag: "2b90d1e", scale: -1, onTop: 30}, at(2*hour, "c7e4410"),
		}},
		{name: "worker", cluster: "demo", desired: 3, memory: 512, breaker: true, releases: []release{
			{ago: 4 * day, tag: "0aa45f3", scale: -1, onTop: 5}, at(2*day, "6613c2d"), at(4*time.Second, "77ab012"),
		}},
		{name: "billing", cluster: "demo", desired: 2, memory: 256, check: true, breaker: true, releases: []release{
			{ago: 6 * day, tag: "c01d9ee", scale: -1, onTop: 21}, bad(3*minute, "e2f7a90", "oom"),
		}},
		{name: "reports", cluster: "demo", desired: 1, memory: 128, releases: []release{
			{ago: 6 * day, tag: "1be22f0", scale: 0, onTop: 2},
		}},
		{name: "auth", cluster: "demo", desired: 2, memory: 128, check: true, breaker: true, rollout: linear(), releases: []release{
			{ago: 6 * day, tag: "aa10c3d", scale: -1}, bad(20*hour, "bb20d4e", "unhealthy"), at(19*hour, "cc30e5f"),
		}},
		{name: "catalog", cluster: "demo", desired: 2, memory: 256, check: true, breaker: true, rollout: blueGreen(), releases: []release{
			{ago: 5 * day, tag: "d410ab7", scale: 3, onTop: 8},
		}},
		{name: "thumbnails", cluster: "demo", desired: 2, memory: 512, breaker: true, noExec: true, releases: []release{
			{ago: 3 * day, tag: "904fd21", scale: -1, onTop: 3},
		}},
		{name: "recommend", cluster: "demo", desired: 1, memory: 256, releases: []release{
			{ago: 5 * day, tag: "17c9e66", scale: -1}, bad(9*minute, "b8e0d52", "crash"),
		}},
		{name: "checkout", cluster: "demo", desired: 2, memory: 256, check: true, breaker: true, rollout: canary(), releases: []release{
			{ago: 5 * day, tag: "60c1a7e", scale: -1, onTop: 6}, at(25*time.Second, "71d2b8f"),
		}},
		{name: "gateway", cluster: "batch", desired: 2, memory: 128, check: true, controller: backend.ControllerCodeDeploy, releases: []release{
			{ago: 4 * day, tag: "5a9be02", scale: -1, onTop: 1},
		}},
		{name: "mailer", cluster: "batch", desired: 1, memory: 128, breaker: true, releases: []release{
			{ago: 6 * day, tag: "3e51a08", scale: -1}, bad(5*hour, "3e51a0x", "pullfail"),
		}},
		{name: "etl", cluster: "batch", desired: 1, memory: 1024, breaker: true, releases: []release{
			{ago: 6 * day, tag: "88c1d00", scale: -1},
		}},
		{name: "importer", cluster: "batch", desired: 2, memory: 512, breaker: true, releases: []release{
			{ago: 2 * day, tag: "f00c7a1", scale: -1}, at(7*hour, "f11d8b2"),
		}},
	}
}

// found lives through the company's history, up to now.
func (b *Backend) found(now time.Time) {
	const past = 6*24*time.Hour + time.Minute
	b.sim.now = now.Add(-past)
	for _, c := range b.clusters {
		b.machines[c] = b.machinesOf(c)
	}
	if !b.opts.Empty {
		b.mustRetire(b.mustRegister(b.definition(program{name: "invoices-old", memory: 128}, "0b11ed0", "")))
		for _, p := range programs() {
			b.baseImages(p)
			for i, r := range p.releases {
				b.sim.after(past-r.ago, func() { b.release(p, i) })
			}
		}
		b.sim.after(past-40*time.Minute, func() { b.migrate("0", nil) })
		b.sim.after(past-25*time.Minute, func() { b.migrate("1", []string{"migrate", "exit", "1"}) })
	}
	b.grow(past - 30*time.Second)
	if !b.opts.Quiet && !b.opts.Empty {
		b.sim.after(past+b.scaled(40*time.Second), func() { b.ambient(0) })
	}
	b.sim.run(now, b.settle)
}

// definition is the document of a program's task definition.
func (b *Backend) definition(p program, tag, fate string) backend.Document {
	web := map[string]any{
		"name": p.name, "image": "shop/" + p.name + ":" + tag, "essential": true, "memory": p.memory,
		"portMappings": []any{map[string]any{"containerPort": 8080, "protocol": "tcp"}},
		"environment":  []any{map[string]any{"name": "LOG_LEVEL", "value": "info"}},
		"secrets": []any{map[string]any{
			"name": "DATABASE_URL", "valueFrom": "arn:aws:ssm:local:" + b.names.Account + ":parameter/shop/database-url",
		}},
		"logConfiguration": map[string]any{"logDriver": "awslogs", "options": map[string]any{"awslogs-group": "/shop/" + p.name}},
	}
	if fate != "" {
		web["environment"] = []any{map[string]any{"name": "DEMO", "value": fate}}
	}
	if p.name == "web" && b.opts.LogRate > 0 {
		web["environment"] = []any{map[string]any{"name": "LOG_RATE", "value": fmt.Sprint(b.opts.LogRate)}}
	}
	if p.check {
		web["healthCheck"] = map[string]any{"command": []any{"CMD", "/app/server", "-check"}, "interval": 5, "retries": 3}
	}
	containers := []any{web}
	memory := p.memory
	if p.proxy {
		memory += 64
		containers = append(containers, map[string]any{
			"name": "proxy", "image": "shop/proxy:1.9", "essential": true, "memory": 64,
			"portMappings": []any{map[string]any{"containerPort": 9901}},
			"dependsOn":    []any{map[string]any{"containerName": p.name, "condition": "START"}},
		})
	}
	return document(map[string]any{
		"family": p.name, "networkMode": "awsvpc", "cpu": "256", "memory": fmt.Sprint(memory),
		"requiresCompatibilities": []any{"EC2"}, "containerDefinitions": containers,
		"tags": []any{
			map[string]any{"key": "team", "value": "shop"},
			map[string]any{"key": "ecs-tui:by", "value": deployer(tag)}, // as a deploy of this program leaves it
			map[string]any{"key": "ecs-tui:commit", "value": tag},
			map[string]any{"key": "ecs-tui:branch", "value": "main"},
			map[string]any{"key": "ecs-tui:plan", "value": "image " + p.name},
		},
	})
}

// deployer is who brought a version: the same one each time.
func deployer(tag string) string {
	people := [...]string{"anna@desk", "ben@laptop", "carla@desk", "ci"}
	return people[int(tag[len(tag)-1])%len(people)]
}

// mustRegister registers one of the company's own definitions, which are sound.
func (b *Backend) mustRegister(doc backend.Document) *revision {
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		panic("demo: " + err.Error()) // a mistake in this file
	}
	rev, err := b.register(td)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return rev
}

// mustRetire deregisters one of the company's own revisions.
func (b *Backend) mustRetire(r *revision) {
	if err := r.setStatus("", backend.InactiveDefinition, map[string]string{"deregisteredAt": backend.Stamp(b.sim.now)}); err != nil {
		panic("demo: " + err.Error()) // a mistake in this file
	}
}

// release registers and deploys one version of a program.
func (b *Backend) release(p program, n int) {
	r := p.releases[n]
	small := p // before it got its memory
	small.memory /= 2
	for n := range r.onTop {
		if old := b.mustRegister(b.definition(small, r.tag, "")); n < r.onTop/4 {
			b.mustRetire(old)
		}
	}
	if r.fate != "pullfail" {
		b.images[b.addImage("shop/"+p.name, r.tag, p.memory)].pulled = b.sim.now
	}
	rev := b.mustRegister(b.definition(p, r.tag, r.fate))
	s := b.services[p.cluster][p.name]
	if s == nil {
		s = &service{rec: scheduler.Create(b.sim.now, b.rnd.Uint64, scheduler.New{
			Names: b.names, Cluster: p.cluster, Spec: b.spec(p), TaskDefinition: rev.td.ARN, Images: b.imagesOf(rev.td),
			Strategies: true,
		})}
		b.scales(s)
		b.add(s)
	} else {
		b.change(s, backend.ServiceChange{TaskDefinition: &rev.td.ARN}, rev)
	}
	if r.scale >= 0 {
		b.sim.after(b.scaled(time.Minute), func() {
			if r.scale == 0 {
				_ = s.rec.Tag(map[string]string{backend.TagPaused: fmt.Sprint(s.rec.Desired)}, nil) // its document is sound
			}
			b.change(s, backend.ServiceChange{Desired: &r.scale}, rev)
		})
	}
}

// change updates a service from within the simulation.
func (b *Backend) change(s *service, c backend.ServiceChange, rev *revision) {
	if _, err := s.rec.Update(b.sim.now, b.rnd.Uint64, scheduler.Change{ServiceChange: c, Images: b.imagesOf(rev.td)}); err == nil {
		b.mark(s)
	}
}

// baseImages are images that no release of the program brings.
func (b *Backend) baseImages(p program) {
	if p.proxy && b.findImage("shop/proxy:1.9") == nil {
		b.addImage("shop/proxy", "1.9", 20)
	}
	if p.name == "web" {
		b.ensureRepository("shop/migrate").scanOnPush = false
		b.ensureRepository("shop/api").immutable = true
		b.addImage("shop/migrate", "20a9be1", 30)
		b.addImage("shop/web", "old-experiment", 300)
		b.images[b.addImage("shop/web", "untagged", 280)].view.Tags = nil
	}
}

// addImage puts an image into the store and gives its id.
func (b *Backend) addImage(repository, tag string, weight int) string {
	id := "sha256:" + fingerprint(repository+":"+tag)
	if b.images[id] != nil {
		return id
	}
	i := &image{cmd: []string{"/app/server"}, port: "8080"}
	i.view = backend.Image{
		ID: id, Tags: []string{repository + ":" + tag},
		CreatedAt: b.sim.now.Add(-b.between(time.Minute, 20*time.Minute)), Platform: "linux/amd64",
	}
	size := int64(weight) << 20
	for _, l := range []struct {
		command string
		share   int64
	}{
		{"ADD rootfs.tar.gz /", 40},
		{"ENV PATH=/usr/local/bin:/usr/bin:/bin", 0},
		{"RUN /bin/sh -c apk add --no-cache ca-certificates tzdata", 8},
		{"WORKDIR /app", 0},
		{"COPY go.mod go.sum ./", 1},
		{"COPY /src/static ./static", 14},
		{"COPY /out/server /app/server", 37},
		{"USER app", 0},
		{"EXPOSE 8080", 0},
		{`CMD ["/app/server"]`, 0},
	} {
		i.layers = append(i.layers, backend.Layer{Command: l.command, Size: size * l.share / 100, Empty: l.share == 0, CreatedAt: i.view.CreatedAt})
		i.view.Size += size * l.share / 100
	}
	b.images[id] = i
	b.pushedTo(i, repository)
	return id
}

// migrate runs a task of its own that ends.
func (b *Backend) migrate(exit string, command []string) {
	doc := document(map[string]any{
		"family": "migrate", "networkMode": "awsvpc", "cpu": "256", "memory": "128",
		"containerDefinitions": []any{map[string]any{"name": "migrate", "image": "shop/migrate:20a9be1", "command": []any{"migrate", "job"}}},
	})
	rev := b.findRevision("migrate")
	if rev == nil {
		rev = b.mustRegister(doc)
	}
	var overrides []backend.ContainerOverride
	if exit != "0" {
		overrides = []backend.ContainerOverride{{Name: "migrate", Command: command}}
	}
	b.launch(b.clusters[0], rev, nil, "by hand", overrides)
}

// grow adds services for measuring, in one moment shortly before now.
func (b *Backend) grow(in time.Duration) {
	services, tasks := b.opts.Services, b.opts.Tasks
	if services == 0 && tasks > 0 {
		services = 10
	}
	if services == 0 {
		return
	}
	b.sim.after(in, func() {
		p := program{name: "bulk", cluster: b.clusters[0], desired: 1, memory: 64}
		b.addImage("shop/bulk", "b01c0de", 64)
		doc, _ := b.definition(p, "b01c0de", "").Edit(func(tree map[string]any) {
			if rate := b.opts.LogRate; rate > 0 {
				c := tree["containerDefinitions"].([]any)[0].(map[string]any)
				c["environment"] = []any{map[string]any{"name": "LOG_RATE", "value": fmt.Sprint(rate)}}
			}
		})
		rev := b.mustRegister(doc)
		for n := range services {
			p.name = fmt.Sprintf("bulk-%04d", n)
			if tasks > 0 {
				p.desired = tasks / services
				if n < tasks%services {
					p.desired++
				}
			}
			s := &service{bulk: true, rec: scheduler.Create(b.sim.now, b.rnd.Uint64, scheduler.New{
				Names: b.names, Cluster: p.cluster, Spec: b.spec(p), TaskDefinition: rev.td.ARN, Images: b.imagesOf(rev.td),
				Strategies: true,
			})}
			b.services[p.cluster][p.name] = s
			b.order = append(b.order, s)
			delete(b.sorted, p.cluster)
			b.mark(s)
		}
	})
}

// ambient is what happens by itself: mostly a task of thumbnails that dies, and
// now and then a new version of worker.
func (b *Backend) ambient(n int) {
	b.sim.after(b.between(35*time.Second, 60*time.Second), func() { b.ambient(n + 1) })
	if n%5 == 4 {
		if s := b.services["demo"]["worker"]; s != nil && s.rec.Status == scheduler.Active && s.rec.Steady {
			p := programs()[2]
			tag := b.hex(7)
			b.addImage("shop/worker", tag, p.memory)
			rev := b.mustRegister(b.definition(p, tag, ""))
			b.change(s, backend.ServiceChange{TaskDefinition: &rev.td.ARN}, rev)
		}
		return
	}
	s := b.services["demo"]["thumbnails"]
	if s == nil {
		return
	}
	for _, t := range s.tasks {
		if t.view.LastStatus == backend.Running && t.view.DesiredStatus == backend.Running {
			t.fate = exits(0, 1, "", "MemoryError: cannot decode image 8812")
			b.exit(t)
			return
		}
	}
}
