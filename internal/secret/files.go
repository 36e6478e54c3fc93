package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// allowance is a file that may be read, or a directory with all files below it.
type allowance struct {
	listed string // as the operator wrote it
	name   string // the same, cleaned: what references have to name
	// real is where name led at the start, without links. A link that somebody
	// puts in its place later leads nowhere.
	real string
	dir  bool
	// mounted says that name was a link within its own folder at the start. So
	// Kubernetes mounts secrets, name -> ..data/name, ..data -> ..2025_01_01; on
	// each rotation it replaces the last of them, and real is elsewhere.
	mounted bool
}

// allow checks an entry of the operator's list.
func allow(path string) (allowance, error) {
	switch {
	case path == "":
		return allowance{}, errors.New(`"" is no path`)
	case !filepath.IsAbs(path):
		return allowance{}, fmt.Errorf("%q is not an absolute path", path)
	case strings.ContainsAny(path, "}\x00"):
		return allowance{}, fmt.Errorf("%q holds a character that a reference cannot: } or a NUL byte", path)
	}
	a := allowance{listed: path, name: filepath.Clean(path), dir: os.IsPathSeparator(path[len(path)-1])}
	if filepath.Dir(a.name) == a.name {
		return allowance{}, fmt.Errorf("%q would allow every file there is", path)
	}
	var info fs.FileInfo
	var err error
	if a.real, err = filepath.EvalSymlinks(a.name); err == nil {
		info, err = os.Stat(a.real)
	}
	switch {
	case err != nil:
		return allowance{}, fmt.Errorf("%q: %w", path, file.Cause(err))
	case a.dir && !info.IsDir():
		return allowance{}, fmt.Errorf("%q is not a directory, as the separator at its end says", path)
	case !a.dir && info.IsDir():
		return allowance{}, fmt.Errorf("%q is a directory: put a separator at its end to allow all files below it", path)
	case !a.dir && !info.Mode().IsRegular():
		return allowance{}, fmt.Errorf("%q is not a regular file", path)
	}
	if home, err := a.home(); err == nil && !a.dir {
		a.mounted = a.real != filepath.Join(home, filepath.Base(a.name)) && a.rotated(home, a.real)
	}
	return a, nil
}

// home is the folder, without links, in which the file is.
func (a allowance) home() (string, error) { return filepath.EvalSymlinks(filepath.Dir(a.name)) }

// rotated says whether target is where a mount may put the file.
func (a allowance) rotated(home, target string) bool {
	return within(home, target) && filepath.Base(target) == filepath.Base(a.name)
}

// names says whether the cleaned name is one of those allowed, whatever is there.
func (a allowance) names(name string) bool {
	if a.dir {
		return within(a.name, name)
	}
	return name == a.name
}

// holds says whether target, to which name leads, is allowed, and if so the
// folder that must not be left on the way there.
func (a allowance) holds(name, target string) (folder string, ok bool) {
	switch {
	case a.dir:
		return a.real, within(a.real, target)
	case target == a.real:
		return filepath.Dir(a.real), true
	case a.mounted && name == a.name:
		home, err := a.home()
		return home, err == nil && a.rotated(home, target)
	default:
		return "", false
	}
}

// within says whether path is below dir. Both are clean.
func within(dir, path string) bool {
	below, err := filepath.Rel(dir, path)
	return err == nil && below != "." && filepath.IsLocal(below)
}

// errUnreachable is one text for two reasons: that a link leads to nothing must
// not look different from a link that leads to something secret.
var errUnreachable = errors.New("there is no such file that this program can reach, or a link on its path leads out of what the operator allows")

// read reads the file to which name leads, if one of the allowances holds it.
func read(files []allowance, name string) (string, error) {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", errUnreachable
	}
	for _, a := range files {
		folder, ok := a.holds(name, target)
		if !ok {
			continue
		}
		below, err := filepath.Rel(folder, target)
		if err != nil {
			return "", errUnreachable
		}
		return readBelow(folder, below)
	}
	return "", errUnreachable
}

// readBelow reads a file whose path has no links. Should one appear at this very
// moment, it cannot lead out of the folder, and no other file is read.
func readBelow(folder, below string) (string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", errUnreachable
	}
	defer root.Close()
	// To open what is no file, such as a pipe, may take for ever.
	expected, err := root.Lstat(below)
	switch {
	case err != nil:
		return "", errUnreachable
	case !expected.Mode().IsRegular():
		return "", errors.New("this is not a regular file")
	}
	f, err := root.Open(below)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", errors.New("this program has no permission to read the file")
	case err != nil:
		return "", errUnreachable
	}
	defer f.Close()
	if opened, err := f.Stat(); err != nil || !os.SameFile(expected, opened) {
		return "", errUnreachable
	}
	// One byte more than is allowed shows that it is too large; two more may be
	// the end of its line.
	data, err := io.ReadAll(io.LimitReader(f, maxValue+3))
	if err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", file.Cause(err))
	}
	value := string(data)
	if line, ok := strings.CutSuffix(value, "\n"); ok {
		value = strings.TrimSuffix(line, "\r")
	}
	return value, nil
}
