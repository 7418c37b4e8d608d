package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// gitTimeout bounds one git command, and wholeFile the size up to which a
// file's content counts; above it, its size and time do.
const (
	gitTimeout = 5 * time.Second
	wholeFile  = 4 << 20
)

// readSource finds out what the app is built from, and the tag that says so:
// the short sha, with a content suffix when the tree is dirty, or a content
// hash alone where there is no git or no checkout.
func readSource(ctx context.Context, req Request) (Source, string, error) {
	var s Source
	sha, err := git(ctx, req.Dir, "rev-parse", "--short=7", "HEAD")
	if ctx.Err() != nil {
		return s, "", &backend.Error{Op: "Plan", Kind: backend.KindOf(ctx.Err()), Err: ctx.Err()}
	}
	if err != nil {
		tag, err := hashContexts(ctx, req)
		return s, tag, err
	}
	s.SHA = backend.Clean(strings.TrimSpace(string(sha)))
	if name, err := git(ctx, req.Dir, "symbolic-ref", "--short", "-q", "HEAD"); err == nil {
		s.Branch = backend.Clean(strings.TrimSpace(string(name)))
	}
	paths := contextPaths(req)
	status, err := git(ctx, req.Dir, append([]string{"status", "--porcelain=v1", "-z", "--untracked-files=all", "--"}, paths...)...)
	if err != nil {
		tag, err := hashContexts(ctx, req)
		return s, tag, err
	}
	if len(status) == 0 {
		return s, s.SHA, nil
	}
	s.Dirty = true
	h := sha256.New()
	h.Write(status)
	diff, err := git(ctx, req.Dir, append([]string{"diff", "HEAD", "--binary", "--no-ext-diff", "--no-textconv", "--"}, paths...)...)
	if err != nil {
		tag, err := hashContexts(ctx, req)
		return s, s.SHA + "-" + tag, err
	}
	h.Write(diff)
	hashUntracked(ctx, h, req.Dir, status)
	return s, s.SHA + "-" + short(h), nil
}

// readSource is what the images are built from, or were before they are promoted.
func (p *Plan) readSource(ctx context.Context) (Source, string, error) {
	from := p.Request.Promotion
	if from == nil {
		return readSource(ctx, p.Request)
	}
	sha, dirty := strings.CutSuffix(from.Origin.Commit, dirtyMark)
	return Source{SHA: sha, Branch: from.Origin.Branch, Dirty: dirty}, "", nil
}

// contextPaths are the folders that a build reads; only they make it dirty.
func contextPaths(req Request) []string {
	if len(req.Images) == 0 {
		return []string{"."}
	}
	var paths []string
	for _, i := range req.Images {
		if abs, err := filepath.Abs(i.Build.Context); err == nil {
			paths = append(paths, abs)
		}
	}
	return paths
}

// hashUntracked adds the files that git has no content of.
func hashUntracked(ctx context.Context, h hash.Hash, dir string, status []byte) {
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return
	}
	root := strings.TrimSpace(string(top))
	for entry := range bytes.SplitSeq(status, []byte{0}) {
		if name, ok := bytes.CutPrefix(entry, []byte("?? ")); ok && ctx.Err() == nil {
			path := filepath.Join(root, string(name))
			if info, err := os.Lstat(path); err == nil {
				hashFile(h, path, string(name), info)
			}
		}
	}
}

// git runs one git command that changes nothing, without the programs that a
// checkout's own configuration may name.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-c", "diff.external="}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	return cmd.Output()
}

// hashContexts is the tag of an app outside git: a hash over what the builds read.
func hashContexts(ctx context.Context, req Request) (string, error) {
	h := sha256.New()
	for _, i := range req.Images {
		if err := hashContext(ctx, h, i); err != nil {
			return "", &backend.Error{Op: "Plan", Kind: backend.KindOf(err), Resource: i.Container, Err: err}
		}
	}
	return "c" + short(h), nil
}

// hashContext adds what the build of one image reads.
func hashContext(ctx context.Context, h hash.Hash, i ImageSource) error {
	err := filepath.WalkDir(i.Build.Context, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return nil // unreadable: the build says so, with the file's name
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		rel, err := filepath.Rel(i.Build.Context, path)
		if err != nil {
			rel = path
		}
		hashFile(h, path, filepath.ToSlash(rel), info)
		return nil
	})
	fmt.Fprintf(h, "%s %s %s\n", i.Container, i.Build.Dockerfile, i.Build.Target)
	return err
}

func hashFile(h hash.Hash, path, name string, info fs.FileInfo) {
	fmt.Fprintf(h, "%s %o %d\n", name, info.Mode(), info.Size())
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, _ := os.Readlink(path)
		_, _ = io.WriteString(h, target)
	case !info.Mode().IsRegular():
	case info.Size() > wholeFile:
		fmt.Fprintln(h, info.ModTime().UnixNano())
	default:
		f, err := os.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		_, _ = io.Copy(h, f) // what is unreadable shows in the build
	}
}

func short(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil))[:8] }
