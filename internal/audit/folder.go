package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// folder is where a log is. Everything is opened through the folder as it was at
// first, so that the files of one log are always in one place.
type folder struct {
	root *os.Root
	path string // the whole path of the newest file
	name string // its name in the folder
}

func openFolder(name string) (*folder, error) {
	if name == "" || os.IsPathSeparator(name[len(name)-1]) {
		return nil, fmt.Errorf("%q is no name of a file", name)
	}
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	f := &folder{path: path, name: filepath.Base(path)}
	dir := filepath.Dir(path)
	if f.root, err = os.OpenRoot(dir); err == nil {
		return f, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %q does not exist: make it with mkdir -m 700 %s", dir, dir)
	}
	return nil, fmt.Errorf("the folder %q: %w", dir, file.Cause(err))
}

// at is the whole path of a file of the log.
func (f *folder) at(name string) string { return filepath.Join(filepath.Dir(f.path), name) }

// next is the name that a new file has until it takes the place of the newest.
func (f *folder) next() string { return f.name + ".next" }

// digits is how many a number in a file's name has at least.
const digits = 12

// old is the name of a file that is full, by the number of its first line.
func (f *folder) fullName(first uint64) string { return fmt.Sprintf("%s.%0*d", f.name, digits, first) }

// fullFiles lists the files that are full, oldest first.
func (f *folder) fullFiles() ([]uint64, error) {
	dir, err := f.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var found []uint64
	for _, name := range names {
		text, ok := strings.CutPrefix(name, f.name+".")
		number, err := strconv.ParseUint(text, 10, 64)
		if ok && err == nil && name == f.fullName(number) {
			found = append(found, number)
		}
	}
	slices.Sort(found)
	return found, nil
}

// open opens a file of the log, and nothing that only leads to a file. What does
// not exist is fs.ErrNotExist.
func (f *folder) open(name string, flag int) (*os.File, fs.FileInfo, error) {
	listed, err := f.root.Lstat(name)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%q: %w", f.at(name), file.Cause(err))
	case listed.Mode()&fs.ModeSymlink != 0:
		return nil, nil, fmt.Errorf("%q is a symbolic link: name the file itself", f.at(name))
	case !listed.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%q is not a regular file", f.at(name))
	}
	opened, err := f.root.OpenFile(name, flag, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", f.at(name), file.Cause(err))
	}
	info, err := opened.Stat()
	if err == nil && !os.SameFile(listed, info) {
		err = errReplaced
	}
	if err != nil {
		opened.Close()
		return nil, nil, fmt.Errorf("%q: %w", f.at(name), file.Cause(err))
	}
	return opened, info, nil
}

// openPrivate opens a file to write to it, if nobody else may read it.
func (f *folder) openPrivate(name string) (*os.File, fs.FileInfo, error) {
	opened, info, err := f.open(name, os.O_RDWR)
	if err != nil {
		return nil, nil, err
	}
	if mode := info.Mode().Perm(); file.HasModes && mode != 0o600 {
		opened.Close()
		return nil, nil, fmt.Errorf("%q must be for its owner alone, and its mode is %#o: chmod 600 %s", f.at(name), mode, f.at(name))
	}
	return opened, info, nil
}

var (
	errReplaced = errors.New("the file was removed or replaced while it was in use")
	errInUse    = errors.New("it is in use by another process, or a second time by this one: each needs a file of its own")
)

// readAll reads a part of a file.
func readAll(file io.ReaderAt, from, to int64) ([]byte, error) {
	data := make([]byte, to-from)
	_, err := io.ReadFull(io.NewSectionReader(file, from, to-from), data)
	return data, err
}
