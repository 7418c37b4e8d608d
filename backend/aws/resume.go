package aws

import (
	"cmp"
	"context"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/datachannel"
)

// opResume is the call of Systems Manager that brings a session back whose
// connection broke; ECS has none of its own.
const opResume = "ResumeSession"

// session is one of ECS Exec, as ExecuteCommand gives it and ResumeSession does
// again ("Session" in both API references).
type session struct {
	ID, URL, Token string
}

// resume gives a session another token. Where that is refused, it is over.
func (b *Backend) resume(ctx context.Context, s session) (url, token string, err error) {
	var out struct {
		URL   string `json:"StreamUrl"`
		Token string `json:"TokenValue"`
	}
	err = smallJSON(ctx, b, systemsService(), "", opResume, s.ID, map[string]string{"SessionId": s.ID}, &out)
	switch kind := backend.KindOf(err); {
	case kind == backend.Unreachable, kind == backend.Throttled:
		return "", "", err
	case err != nil:
		return "", "", fmt.Errorf("%w: %w", datachannel.ErrOver, err)
	case out.Token == "": // it has timed out
		return "", "", datachannel.ErrOver
	}
	return cmp.Or(out.URL, s.URL), out.Token, nil
}
