package uitest

import (
	"context"

	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// WantCode is a login that needs an MFA code. The answer comes over the channel,
// "" for none; ctx ends when it is not wanted any more.
func (u *User) WantCode(ctx context.Context, r screen.CodeRequest) <-chan string {
	answer := make(chan string, 1)
	r.Ctx, r.Answer = ctx, func(code string) { answer <- code }
	u.codes <- r
	return answer
}
