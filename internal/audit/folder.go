package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// folder is the folder of a log. It stays open, so that all files of a log are in
// one place even if the folder is renamed.
type folder struct {
	root   *os.Root
	newest string // path of the newest file
	name   string // its name in the folder
}

func openFolder(name string) (*folder, error) {
	if name == "" || os.IsPathSeparator(name[len(name)-1]) {
		return nil, fmt.Errorf("%q is not a file name", name)
	}
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	f := &folder{newest: path, name: filepath.Base(path)}
	dir := filepath.Dir(path)
	if f.root, err = os.OpenRoot(dir); err == nil {
		return f, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %q does not exist: create it with mkdir -m 700 %s", dir, dir)
	}
	return nil, fmt.Errorf("the folder %q: %w", dir, file.Cause(err))
}

func (f *folder) path(name string) string { return filepath.Join(filepath.Dir(f.newest), name) }

// next is the name of a new file until it replaces the newest.
func (f *folder) next() string { return f.name + ".next" }

// fullName is the name of a full file, by the sequence number of its first line.
func (f *folder) fullName(first uint64) string { return fmt.Sprintf("%s.%012d", f.name, first) }

// fullFiles lists the full files, oldest first.
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
		suffix, ok := strings.CutPrefix(name, f.name+".")
		number, err := strconv.ParseUint(suffix, 10, 64)
		if ok && err == nil && name == f.fullName(number) {
			found = append(found, number)
		}
	}
	slices.Sort(found)
	return found, nil
}

// lock takes the lock of the log: two processes that write would break its chain.
func (f *folder) lock() (unlock func(), err error) {
	unlock, err = file.Lock(f.root, f.name+".lock")
	if errors.Is(err, file.ErrLocked) {
		err = errInUse
	}
	return unlock, err
}

// open opens a regular file of the log. The error is fs.ErrNotExist if it does not
// exist.
func (f *folder) open(name string, flag int) (opened *os.File, info fs.FileInfo, err error) {
	opened, info, err = file.Open(f.root, name, flag)
	if err != nil && name != f.name { // callers name the log itself
		err = fmt.Errorf("%q: %w", f.path(name), err)
	}
	return opened, info, err
}

// openPrivate opens a file for writing that only its owner can read.
func (f *folder) openPrivate(name string) (*os.File, fs.FileInfo, error) {
	opened, info, err := f.open(name, os.O_RDWR)
	if err != nil {
		return nil, nil, err
	}
	if mode := info.Mode().Perm(); file.HasModes && mode != 0o600 {
		opened.Close()
		return nil, nil, fmt.Errorf("%q must be readable by its owner only, but its mode is %#o: run chmod 600 %s", f.path(name), mode, f.path(name))
	}
	return opened, info, nil
}

func (f *folder) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

var errInUse = errors.New("another process or another part of this one has it open: each needs its own file")
