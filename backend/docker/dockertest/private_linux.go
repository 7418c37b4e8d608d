package dockertest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// Private is a Docker engine of a test's own, which it may stop and start. It
// shares nothing with the engine that the other tests use.
type Private struct {
	Host string // for DOCKER_HOST
	t    testing.TB
	dir  string
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// PrivateEngine starts one. The test is skipped where that cannot be: it needs
// root, and dockerd on this machine.
func PrivateEngine(t testing.TB) *Private {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "an engine of the test's own needs root")
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		missing(t, "no dockerd to start: "+err.Error())
	}
	dir, err := os.MkdirTemp("", "engine") // a short path: sockets have no room for a long one
	if err != nil {
		t.Fatal(err)
	}
	p := &Private{t: t, dir: dir, Host: "unix://" + filepath.Join(dir, "sock")}
	t.Cleanup(p.clean)
	if err := os.WriteFile(filepath.Join(dir, "daemon.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.start(); err != nil {
		missing(t, "dockerd does not start: "+err.Error())
	}
	return p
}

// Start starts the engine again.
func (p *Private) Start() {
	p.t.Helper()
	if err := p.start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Private) start() error {
	at := func(name string) string { return filepath.Join(p.dir, name) }
	// A killed engine's containerd dies with it. Where nobody reaps it, the next
	// engine would take it for alive.
	_ = os.Remove(at("exec/containerd/containerd.pid"))
	// In a network namespace of its own: without a default bridge, an engine
	// removes the docker0 that it finds, which is the other engine's.
	p.cmd = exec.Command("sh", "-c", `ip link set lo up; exec dockerd "$@"`, "dockerd", "--config-file", at("daemon.json"), "--data-root", at("data"), "--exec-root", at("exec"),
		"--pidfile", at("pid"), "-H", p.Host, "--storage-driver", "vfs", "--bridge=none", "--iptables=false", "--ip6tables=false",
		"--ip-masq=false", "--ip-forward=false", "--default-address-pool", "base=10.213.0.0/16,size=24")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	cl := p.Client()
	deadline := time.Now().Add(time.Minute)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err := cl.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) || p.cmd.Process.Signal(syscall.Signal(0)) != nil {
			p.Stop(syscall.SIGKILL)
			return errors.Join(err, errors.New(p.lastWords()))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (p *Private) lastWords() string {
	lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// Client talks to this engine.
func (p *Private) Client() *client.Client {
	p.t.Helper()
	cl, err := client.New(client.WithHost(p.Host))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { cl.Close() })
	return cl
}

// Stop ends the engine: with SIGTERM in good order, its containers too.
func (p *Private) Stop(sig syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(sig)
	_ = p.cmd.Wait()
	p.cmd = nil
}

// Load takes an image over from the shared engine.
func (p *Private) Load(ref string) {
	p.t.Helper()
	ctx := context.Background()
	saved, err := RequireEngine(p.t).ImageSave(ctx, []string{ref})
	if err != nil {
		p.t.Fatal(err)
	}
	defer saved.Close()
	res, err := p.Client().ImageLoad(ctx, saved)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Close()
	if err := drain(res); err != nil {
		p.t.Fatal(err)
	}
}

// clean stops the engine and removes its folder, with what it has mounted there.
func (p *Private) clean() {
	p.Stop(syscall.SIGTERM)
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		p.t.Error(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], p.dir+"/") {
			_ = syscall.Unmount(fields[1], syscall.MNT_DETACH)
		}
	}
	if err := os.RemoveAll(p.dir); err != nil {
		p.t.Error(err)
	}
	if p.t.Failed() {
		p.t.Logf("the engine's last words:\n%s", p.lastWords())
	}
}
