package main

import (
	"cmp"
	"io"
	"net"
	"os"
	"strings"
	"sync"
)

// engineProxy stands before the real engine on a socket of its own, so that a
// test can take the engine away without hurting anybody else.
type engineProxy struct {
	path string
	work sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
}

// mend lets the engine answer (again).
func (p *engineProxy) mend() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	l, err := net.Listen("unix", p.path)
	if err != nil {
		return err
	}
	p.listener, p.open = l, map[net.Conn]bool{}
	p.work.Go(func() { p.serve(l) })
	return nil
}

// cut ends every connection, and answers no new one.
func (p *engineProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return
	}
	p.listener.Close()
	for c := range p.open {
		c.Close()
	}
	p.listener, p.open = nil, nil
}

func (p *engineProxy) close() {
	p.cut()
	p.work.Wait()
}

func (p *engineProxy) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.pass(c) })
	}
}

// pass joins a connection with one to the engine, each half closed by itself,
// as hijacked connections need it.
func (p *engineProxy) pass(c net.Conn) {
	defer c.Close()
	kind, address, _ := strings.Cut(cmp.Or(os.Getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"), "://")
	engine, err := net.Dial(kind, address)
	if err != nil {
		return
	}
	defer engine.Close()
	if !p.keep(c, engine) {
		return
	}
	var halves sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{c: engine, engine: c} {
		halves.Go(func() {
			_, _ = io.Copy(to, from)
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			}
		})
	}
	halves.Wait()
}

// keep notes connections that a cut has to close; false when it has happened.
func (p *engineProxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.open == nil {
			return false
		}
		p.open[c] = true
	}
	return true
}
