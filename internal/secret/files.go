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
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// allowance is a file that may be read, or a directory with all files below it.
type allowance struct {
	listed string // as the operator wrote it
	name   string // the same, cleaned: what references have to name
	// real is where name led at the start, without links. A link that replaces it
	// later is not followed.
	real string
	dir  bool
	// mounted says that name was a link within its own folder at the start, as
	// Kubernetes mounts secrets: name -> ..data/name, ..data -> ..2025_01_01. Each
	// rotation replaces the last link, and the file is elsewhere.
	mounted bool
}

// allow checks an entry of the operator's list.
func allow(path string) (allowance, error) {
	switch {
	case path == "":
		return allowance{}, errors.New(`"" is not a path`)
	case !filepath.IsAbs(path):
		return allowance{}, fmt.Errorf("%q is not an absolute path", path)
	case strings.ContainsAny(path, "}\x00"):
		return allowance{}, fmt.Errorf("%q contains } or a NUL byte, which no reference can contain", path)
	}
	a := allowance{listed: path, name: filepath.Clean(path), dir: os.IsPathSeparator(path[len(path)-1])}
	if filepath.Dir(a.name) == a.name {
		return allowance{}, fmt.Errorf("%q would allow every file", path)
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
		return allowance{}, fmt.Errorf("%q ends with a separator and is not a directory", path)
	case !a.dir && info.IsDir():
		return allowance{}, fmt.Errorf("%q is a directory: append a separator to allow all files below it", path)
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

// rotated reports whether target is where a mount may put the file.
func (a allowance) rotated(home, target string) bool {
	return within(home, target) && filepath.Base(target) == filepath.Base(a.name)
}

// names reports whether the cleaned name is allowed, whatever is there.
func (a allowance) names(name string) bool {
	if a.dir {
		return within(a.name, name)
	}
	return name == a.name
}

// holds reports whether target, to which name leads, is allowed, and returns the
// folder that the way there must not leave.
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

// Includes reports whether the list allows a file, by its name or by the target of
// a link, and returns the entry that does.
func (r *References) Includes(path string) (listed string, ok bool) {
	if path == "" {
		return "", false
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", false
	}
	target, err := filepath.EvalSymlinks(full)
	if err != nil {
		target = full // a file that may be there later
	}
	for _, a := range r.files {
		if a.dir {
			ok = within(a.name, full) || within(a.name, target) || within(a.real, full) || within(a.real, target)
		} else if info, err := os.Stat(full); err == nil {
			entry, err := os.Stat(a.real)
			ok = err == nil && os.SameFile(entry, info)
		}
		if ok {
			return a.listed, true
		}
	}
	return "", false
}

// within reports whether path is below dir. Both are clean.
func within(dir, path string) bool {
	below, err := filepath.Rel(dir, path)
	return err == nil && below != "." && filepath.IsLocal(below)
}

// errUnreachable has one text for two reasons: a link that leads nowhere must look
// like one that leads to something secret.
var errUnreachable = errors.New("the file does not exist or cannot be reached, or a link on its path leads outside the allowed files")

// read reads the file to which name leads, if one of the allowances holds it.
func read(files []allowance, name string) (string, error) {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", errUnreachable
	}
	for _, a := range files {
		if folder, ok := a.holds(name, target); ok {
			below, err := filepath.Rel(folder, target)
			if err != nil {
				return "", errUnreachable
			}
			return readBelow(folder, below)
		}
	}
	return "", errUnreachable
}

// readBelow reads a file whose path has no links. One that appears meanwhile cannot
// lead out of the folder, and no other file is read.
func readBelow(folder, below string) (string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", errUnreachable
	}
	defer root.Close()
	// Opening something else than a file, such as a pipe, may block.
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
	// One byte more than is allowed shows that it is too large; two more may be a
	// line end.
	data, err := io.ReadAll(io.LimitReader(f, maxValue+3))
	if err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", file.Cause(err))
	}
	if len(data) < maxValue+3 { // else it is refused
		if data, err = text.Decode(data); err != nil {
			return "", fmt.Errorf("the file cannot be read: %w", err)
		}
	}
	value := string(data)
	if line, ok := strings.CutSuffix(value, "\n"); ok {
		value = strings.TrimSuffix(line, "\r")
	}
	return value, nil
}
