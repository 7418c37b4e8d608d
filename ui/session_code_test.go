package ui_test

import (
	"context"
	"testing"

	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

func codeWorld() uitest.World {
	w := shop()
	w.Codes = true
	return w
}

const serial = "arn:aws:iam::123456789012:mfa/me"

// An MFA code is asked for in a dialog over whatever is on screen; the answer
// goes to whoever waits, and one who says no is not asked again.
func TestMFACodeInADialog(t *testing.T) {
	uitest.Play(t, codeWorld(), func(u *uitest.User) {
		u.Expect("web:14")
		answer := u.WantCode(context.Background(), screen.CodeRequest{Profile: "ops", Serial: serial})
		u.Expect("MFA code", "profile ops", serial)
		u.Type("12x").Press("enter").Expect("digits only")
		u.Press("backspace").Type("3456").Press("enter").ExpectGone("MFA code")
		if got := <-answer; got != "123456" {
			t.Errorf("the answer is %q", got)
		}
		answer = u.WantCode(context.Background(), screen.CodeRequest{Serial: serial, Again: true})
		u.Expect("The last code was refused").Press("esc").Expect(":mfa asks again")
		if got := <-answer; got != "" {
			t.Errorf("the answer is %q", got)
		}
		u.Press(":").Type("mfa").Press("enter").ExpectGone("Command")
		if u.Wanted != 1 {
			t.Errorf(":mfa asked %d times", u.Wanted)
		}
	})
}

// It waits for the dialog that is open, and goes when it is wanted no more.
func TestMFACodeWaitsAndGoes(t *testing.T) {
	uitest.Play(t, codeWorld(), func(u *uitest.User) {
		u.Expect("web:14").Press("S").Expect("It wants 3 tasks")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_ = u.WantCode(ctx, screen.CodeRequest{Profile: "ops", Serial: serial})
		u.Expect("It wants 3 tasks").Refuse("MFA code").Press("esc").Expect("MFA code")
		cancel()
		u.ExpectGone("MFA code").Press("enter").Expect("services › web")
		answer := u.WantCode(context.Background(), screen.CodeRequest{Serial: serial})
		u.Expect("MFA code").Type("000111").Press("enter")
		if got := <-answer; got != "000111" {
			t.Errorf("the answer is %q", got)
		}
	})
}
