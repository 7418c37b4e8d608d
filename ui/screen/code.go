package screen

import (
	"context"
	"errors"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// CodeRequest asks for an MFA code. Whoever wants it waits for Answer.
type CodeRequest struct {
	Ctx     context.Context // ends when the code is not wanted any more
	Profile string          // "" is the default one
	Serial  string          // of the device
	Again   bool            // the last code was of no use
	// Answer is called once: with a code, or with "" where nobody gives one.
	Answer func(code string)
}

// CodeForm is the dialog of a request; its field is "code".
func CodeForm(th *theme.Theme, r CodeRequest) *widget.Form {
	of := "The default profile's role needs one."
	if r.Profile != "" {
		of = "The role of profile " + r.Profile + " needs one."
	}
	body := []string{of + " Device: " + r.Serial}
	if r.Again {
		body = append(body, "The last code was refused. Each is good for half a minute, and once.")
	}
	return widget.NewForm(th, "MFA code", body, "log in", []widget.Field{
		{Key: "code", Label: "Code", Hint: "the six digits that the device shows now", Required: true, Check: func(v string) error {
			for _, c := range v {
				if c < '0' || c > '9' {
					return errors.New("digits only")
				}
			}
			if len(v) != 6 {
				return errors.New("six digits")
			}
			return nil
		}},
	})
}
