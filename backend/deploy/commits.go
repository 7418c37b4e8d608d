package deploy

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// MostCommits is how many commits a plan names; of the others it says how many.
const MostCommits = 10

// Commits say what a deploy brings: the commits between the one that runs and
// the one of this checkout. Old is from the tags of the revision that runs, New
// from the checkout; "" where that is not known. Both may end in "-dirty".
type Commits struct {
	Old, New string
	// Ahead is how many commits New has that Old has not, Behind how many the
	// other way round. Only Behind: the deploy goes back.
	Ahead, Behind int
	// List are the newest of what is Ahead, or, where nothing is, of what is
	// Behind: at most MostCommits of them, newest first.
	List []Commit
	// Unknown is why the commits in between can't be told; "" where they can.
	Unknown string
}

// Commit is one commit of the checkout.
type Commit struct {
	SHA, Subject, Author string
}

// Known says whether there is anything to tell.
func (c Commits) Known() bool { return c.Old != "" }

// Summary is the whole in a few words: "3 commits", "2 commits back".
func (c Commits) Summary() string {
	switch {
	case c.Unknown != "":
		return c.Unknown
	case c.Ahead == 0 && c.Behind == 0 && c.Old == c.New:
		return "the same commit"
	case c.Ahead == 0 && c.Behind == 0:
		return "the same commit, with other changes that are not committed"
	case c.Behind == 0:
		return commits(c.Ahead)
	case c.Ahead == 0:
		return commits(c.Behind) + " back"
	}
	return fmt.Sprintf("%s, without %d of what runs", commits(c.Ahead), c.Behind)
}

// More is how many commits are not in the list.
func (c Commits) More() int {
	if c.Ahead == 0 {
		return c.Behind - len(c.List)
	}
	return c.Ahead - len(c.List)
}

func commits(n int) string {
	if n == 1 {
		return "1 commit"
	}
	return strconv.Itoa(n) + " commits"
}

// commitForm is what a tag must look like to be handed to git: it is from
// outside.
var commitForm = regexp.MustCompile(`^[0-9a-f]{4,64}$`)

// readCommits looks up what is between the revision that runs and the checkout.
// It never fails: what git can't tell is said in Unknown.
func (p *Plan) readCommits(ctx context.Context) {
	if p.Running == nil {
		return
	}
	c := Commits{Old: OriginOf(*p.Running).Commit, New: p.origin().Commit}
	old := strings.TrimSuffix(c.Old, "-dirty")
	switch {
	case old == "":
		return // it was not deployed from a checkout, or by something else
	case p.Source.SHA == "":
		c.Unknown = "this folder is no git checkout"
	case !commitForm.MatchString(old):
		c.Unknown = "that is no commit of git"
	default:
		if err := c.between(ctx, p.Request.Dir, old, p.Source.SHA); err != nil {
			c.Unknown = backend.Clean(err.Error())
		}
	}
	p.Commits = c
}

var (
	errNotHere = errors.New("the commit that runs is not in this checkout: git fetch may bring it")
	errNoGit   = errors.New("git can't tell what is between them")
)

// between fills in what is between two commits of the checkout in dir.
func (c *Commits) between(ctx context.Context, dir, from, to string) error {
	if _, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", from+"^{commit}"); err != nil {
		return errNotHere
	}
	counted, err := git(ctx, dir, "rev-list", "--count", "--left-right", from+"..."+to, "--")
	if err != nil {
		return errNoGit
	}
	if _, err := fmt.Sscan(string(counted), &c.Behind, &c.Ahead); err != nil {
		return errNoGit
	}
	span := from + ".." + to
	if c.Ahead == 0 {
		span = to + ".." + from
	}
	listed, err := git(ctx, dir, "-c", "log.showSignature=false", "log", "--no-color", "--no-decorate", "--abbrev=7",
		"--max-count="+strconv.Itoa(MostCommits), "--format=%h%x00%s%x00%an", span, "--")
	if err != nil {
		return errNoGit
	}
	for line := range strings.Lines(string(listed)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\x00"); len(f) == 3 {
			c.List = append(c.List, Commit{backend.Clean(f[0]), backend.Clean(f[1]), backend.Clean(f[2])})
		}
	}
	return nil
}
