package ecsapi

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// seal makes a backend's page token opaque, and good for one list only: scope
// names the operation and what it lists.
func seal(scope, token string) string {
	if token == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(scope + "\x00" + token))
}

// unseal takes a token apart again.
func unseal(scope, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	from, token, ok := strings.Cut(string(raw), "\x00")
	if err != nil || !ok || from != scope {
		return "", invalidf("Invalid token.")
	}
	return token, nil
}

// pageOf reads maxResults and nextToken: preset is the size of a page that
// nobody has chosen.
func pageOf(scope, token string, size *int, preset, most int) (backend.PageRequest, error) {
	p := backend.PageRequest{Size: preset}
	if size != nil {
		p.Size = *size
	}
	if p.Size < 1 || p.Size > most {
		return p, invalidf("maxResults must be between 1 and %d.", most)
	}
	var err error
	p.Token, err = unseal(scope, token)
	return p, err
}

// cut gives one page of a list that is all in memory.
func cut[T any](scope, token string, items []T, limit, most int) (page []T, next string, err error) {
	if limit < 0 || limit > most {
		return nil, "", invalidf("limit must be between 1 and %d.", most)
	}
	if limit == 0 {
		limit = most
	}
	at, err := unseal(scope, token)
	if err != nil {
		return nil, "", err
	}
	from := 0
	if at != "" {
		if from, err = strconv.Atoi(at); err != nil || from < 0 {
			return nil, "", invalidf("Invalid token.")
		}
	}
	from = min(from, len(items))
	to := min(from+limit, len(items))
	if to < len(items) {
		next = seal(scope, strconv.Itoa(to))
	}
	return items[from:to], next, nil
}
