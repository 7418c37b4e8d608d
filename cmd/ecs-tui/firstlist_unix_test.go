//go:build unix

package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// TestCallsBeforeTheFirstList: a screen of services on ECS takes one call for
// its rows and four for their details. Who one is, how deployments went and what
// services use is not asked for before those are on screen.
func TestCallsBeforeTheFirstList(t *testing.T) {
	world := demo.New(demo.Options{Services: 300, Quiet: true, Seed: 1})
	t.Cleanup(func() { world.Close() })
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{}), nil)
	server := httptest.NewServer(faults)
	t.Cleanup(server.Close)
	atAWS(t, server.URL)
	describe := faults.Inject(ecsapi.Fault{Action: "ecs:DescribeServices", Hang: true})
	defer describe()
	start := time.Now()
	term := inTerminal(t, t.TempDir(), "--backend", "aws", "--cluster", "demo")
	see(t, term, "bulk-0001")
	for end := time.Now().Add(patience); faults.Calls()["ecs:DescribeServices"] < 3 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	calls := faults.Calls()
	if took := time.Since(start); took < 2*time.Second { // the header waits no longer for the page to go first
		if calls["ecs:ListServices"] != 1 || calls["ecs:DescribeServices"] > 4 || len(calls) != 2 {
			t.Errorf("before the first list is full: %v", calls)
		}
	} else {
		t.Logf("%s until the first rows: the machine is busy", took)
	}
	describe()
	if _, err := term.Wait(patience, func(s string) bool {
		return strings.Contains(s, "steady") && strings.Contains(s, "123456789012") // the account
	}); err != nil {
		t.Error(err)
	}
	press(t, term, "q")
	ends(t, term, exitOK)
}

// TestHangingEndpoint: the first frame waits for no call, and every key answers
// while an endpoint is silent, the one that ends the program too.
func TestHangingEndpoint(t *testing.T) {
	world := demo.New(demo.Options{Quiet: true})
	t.Cleanup(func() { world.Close() })
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{}), nil)
	server := httptest.NewServer(faults)
	t.Cleanup(server.Close)
	atAWS(t, server.URL)
	silent := faults.Inject(ecsapi.Fault{Action: "*", Hang: true})
	defer silent()
	term := inTerminal(t, t.TempDir(), "--backend", "aws", "--cluster", "demo")
	see(t, term, "reading services")
	press(t, term, "?")
	see(t, term, "Help")
	press(t, term, "esc") // by itself: with a key right behind it, it would be another key
	if _, err := term.Wait(patience, func(s string) bool { return !strings.Contains(s, "Help") }); err != nil {
		t.Fatal(err)
	}
	press(t, term, ":")
	see(t, term, "type to find")
	press(t, term, "ctrl+c")
	ends(t, term, exitOK)
}

// atAWS has the program find an account at an endpoint of this machine.
func atAWS(t *testing.T, url string) {
	t.Helper()
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "none",
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(key, value)
	}
}
