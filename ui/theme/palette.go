package theme

import (
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// palette names the few colours that all looks are made of, as lipgloss writes
// them: "#rrggbb", or an index into the terminal's 256 or 16 colours. "" is the
// terminal's own.
type palette struct {
	accent, good, warn, bad, muted, faint string
	selected, match, current, onMatch     string
	str, number, word                     string
	tasks                                 [8]string
}

// paletteFor chooses by what the terminal can show. The 16 colours keep away
// from those that themes make unreadable: bright black and blue on dark (the
// first is the background of one popular theme), yellow and white on light.
func paletteFor(dark bool, profile colorprofile.Profile) palette {
	switch {
	case profile >= colorprofile.TrueColor && dark:
		return palette{
			accent: "#6cabf7", good: "#63b97a", warn: "#d9a441", bad: "#f0716b", muted: "#929ba6", faint: "#646d78",
			selected: "#1f2a38", match: "#57480f", current: "#e0b040", onMatch: "#15181c",
			str: "#a8c99b", number: "#d8a878", word: "#b9a3e3",
			tasks: [8]string{"#7fb4ff", "#f0a868", "#9bd67f", "#d79bf0", "#6fd3c9", "#f291b3", "#d9c866", "#a9b4ff"},
		}
	case profile >= colorprofile.TrueColor:
		return palette{
			accent: "#0b5fd0", good: "#187a35", warn: "#8f5f00", bad: "#c8202b", muted: "#58626d", faint: "#858f99",
			selected: "#dfeafa", match: "#f6e6a6", current: "#e0a800", onMatch: "#14171a",
			str: "#2f6b24", number: "#8a4b10", word: "#6a3fb0",
			tasks: [8]string{"#1f5fbf", "#a8560f", "#3d7a17", "#8a3fb5", "#0f7a70", "#b5326a", "#7a6508", "#4b50c4"},
		}
	case profile == colorprofile.ANSI256 && dark:
		return palette{
			accent: "75", good: "72", warn: "179", bad: "203", muted: "246", faint: "242",
			selected: "235", match: "58", current: "179", onMatch: "234",
			str: "150", number: "180", word: "146",
			tasks: [8]string{"111", "215", "114", "177", "80", "211", "185", "147"},
		}
	case profile == colorprofile.ANSI256:
		return palette{
			accent: "26", good: "28", warn: "94", bad: "160", muted: "241", faint: "245",
			selected: "255", match: "229", current: "214", onMatch: "234",
			str: "22", number: "94", word: "91",
			tasks: [8]string{"25", "130", "22", "91", "23", "125", "58", "62"},
		}
	case profile == colorprofile.ANSI && dark:
		return palette{
			accent: "14", good: "10", warn: "11", bad: "9", muted: "7", faint: "7",
			match: "3", current: "11", onMatch: "0", str: "10", number: "11", word: "13",
			tasks: [8]string{"14", "11", "10", "13", "12", "6", "3", "2"},
		}
	case profile == colorprofile.ANSI:
		return palette{
			accent: "4", good: "2", warn: "5", bad: "1", muted: "8", faint: "8",
			match: "3", current: "11", onMatch: "0", str: "2", number: "5", word: "4",
			tasks: [8]string{"4", "5", "2", "1", "12", "13", "8", "6"},
		}
	default:
		return palette{}
	}
}

// looksFor makes a look of every token. Without colours, weight and reverse
// video carry the meaning; without a terminal, nothing does.
func looksFor(dark bool, profile colorprofile.Profile) [tokens]look {
	p := paletteFor(dark, profile)
	fg := func(s string) look {
		if s == "" {
			return look{}
		}
		return look{fg: lipgloss.Color(s)}
	}
	bold := func(l look) look { l.bold = true; return l }
	faint := func(l look) look {
		l.faint = profile <= colorprofile.ANSI // the richer ones have a colour for it
		return l
	}
	var l [tokens]look
	if profile <= colorprofile.NoTTY {
		return l
	}
	l[Muted], l[Faint] = fg(p.muted), faint(fg(p.faint))
	l[Strong], l[Accent] = bold(look{}), fg(p.accent)
	l[Selected] = look{rev: true}
	if p.selected != "" {
		l[Selected] = look{bg: lipgloss.Color(p.selected)}
	}
	l[Marked], l[CursorBar] = bold(fg(p.accent)), fg(p.accent)
	l[TableHeader], l[SortedHeader] = fg(p.muted), bold(fg(p.muted))

	l[Good], l[Moving], l[Warn], l[Bad] = fg(p.good), fg(p.accent), fg(p.warn), fg(p.bad)
	l[Stopped] = fg(p.muted)
	if profile < colorprofile.ANSI {
		l[Bad], l[Warn] = bold(l[Bad]), bold(l[Warn])
	}

	l[Header], l[HeaderStrong] = fg(p.muted), bold(look{})
	l[Crumb], l[CrumbLast] = fg(p.muted), bold(fg(p.accent))
	l[FooterKey], l[FooterLabel] = fg(p.accent), fg(p.muted)
	if profile < colorprofile.ANSI {
		l[FooterKey] = bold(look{})
	}
	l[Border], l[Title], l[Danger] = faint(fg(p.faint)), bold(look{}), bold(fg(p.bad))
	l[Added], l[Removed], l[Changed] = fg(p.good), fg(p.bad), fg(p.warn)

	l[Match], l[MatchCurrent] = look{under: true}, look{rev: true}
	if p.match != "" {
		l[Match] = look{bg: lipgloss.Color(p.match)}
		if profile == colorprofile.ANSI {
			l[Match].fg = lipgloss.Color(p.onMatch)
		}
		l[MatchCurrent] = look{bg: lipgloss.Color(p.current), fg: lipgloss.Color(p.onMatch), bold: true}
	}
	l[SyntaxKey], l[SyntaxString], l[SyntaxNumber] = fg(p.accent), fg(p.str), fg(p.number)
	l[SyntaxWord], l[SyntaxComment] = fg(p.word), faint(fg(p.faint))
	for i, c := range p.tasks {
		l[int(Task0)+i] = fg(c)
	}
	return l
}
