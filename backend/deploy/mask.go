package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

var (
	secretName = regexp.MustCompile(`(?i)passw|passwd|passphrase|secret|token|credential|private|api_?key|access_?key|signing|encryption|(^|[_.\-])(key|pwd|pass|auth|dsn|salt)([_.\-]|$)|Key$`)
	urlSecret  = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.\-]*://[^/\s:@"]*):([^/\s"]+)@`)
)

// SecretName says whether a field or variable of this name holds a secret, as
// far as a name can tell.
func SecretName(name string) bool { return secretName.MatchString(name) }

// hideValues takes values that must not be seen out of changes, wherever they
// stand. Those of three bytes or less hide nothing, and would hide much else.
func hideValues(changes []Change, values []string) {
	veil := veilOf(values)
	for i := range changes {
		changes[i].Old, changes[i].New = veil(changes[i].Old), veil(changes[i].New)
	}
}

// veilOf gives what takes the values out of a text.
func veilOf(values []string) func(text string) string {
	var pairs []string
	for _, v := range values {
		if len(v) > 3 {
			pairs = append(pairs, backend.Clean(v), "(hidden)")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// veiled is a text without the values that no plan may show.
func (r *run) veiled(text string) string { return veilOf(r.plan.Request.Hidden)(text) }

// hiddenMark begins a hidden value inside this package; a hash follows it, so
// that a change of the value is still seen. [shown] takes the hash off.
const hiddenMark = "\x00hidden "

// hideByName hides the value of a field or variable whose name looks like a
// secret, and passwords in any URL.
func hideByName(name, value string) string {
	if value != "" && SecretName(name) {
		return hide(value)
	}
	return hideValue(value)
}

// hideValue hides the password of every URL in value.
func hideValue(value string) string {
	return urlSecret.ReplaceAllStringFunc(value, func(m string) string {
		parts := urlSecret.FindStringSubmatch(m)
		return parts[1] + ":" + hide(parts[2]) + "\x00@"
	})
}

func hide(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hiddenMark + hex.EncodeToString(sum[:])
}

var hidden = regexp.MustCompile(`\x00hidden [0-9a-f]{64}\x00?`)

// shown is a leaf as it may be drawn.
func shown(leaf string) string {
	if leaf == "" {
		return `""`
	}
	return strings.TrimSpace(hidden.ReplaceAllString(leaf, "(hidden)"))
}
