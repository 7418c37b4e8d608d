package ui

import (
	"strings"
)

// plainSigns says whether a terminal can show ASCII signs only: its locale is not
// UTF-8, or it is the console of Linux, whose font lacks most of the others. Where
// no locale is set, as in many containers, the signs are tried.
func plainSigns(environ []string) bool {
	set := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		set[name] = value
	}
	if set["TERM"] == "linux" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(set[name]); locale != "" {
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return false
}
