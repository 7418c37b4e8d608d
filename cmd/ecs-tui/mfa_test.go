package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/aws"
)

// On the screen, who says no is not asked again before he wants to be, and a
// code that is wanted again soon was refused.
func TestCodesOnTheScreen(t *testing.T) {
	now := time.Now()
	c := newCodes(func() time.Time { return now })
	q := aws.MFAQuestion{Profile: "ops", Serial: "device"}
	ask := func(answer string, again bool) (string, error) {
		t.Helper()
		type result struct {
			code string
			err  error
		}
		done := make(chan result, 1)
		go func() {
			code, err := c.ask(t.Context(), q)
			done <- result{code, err}
		}()
		r := <-c.requests
		if r.Profile != "ops" || r.Serial != "device" || r.Again != again {
			t.Errorf("asked for %+v, want again %v", r, again)
		}
		r.Answer(answer)
		got := <-done
		return got.code, got.err
	}
	if code, err := ask("123456", false); code != "123456" || err != nil {
		t.Errorf("%q, %v", code, err)
	}
	now = now.Add(10 * time.Second)
	if code, err := ask("654321", true); code != "654321" || err != nil {
		t.Errorf("%q, %v", code, err)
	}
	now = now.Add(time.Hour)
	if _, err := ask("", false); !errors.Is(err, aws.ErrNoCode) {
		t.Errorf("after a no: %v", err)
	}
	if _, err := c.ask(t.Context(), q); !errors.Is(err, aws.ErrNoCode) {
		t.Errorf("after a no, asked again: %v", err)
	}
	c.want()
	if code, err := ask("111222", false); code != "111222" || err != nil {
		t.Errorf("%q, %v", code, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.ask(ctx, q); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
