package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// OpenFolder opens a folder in which only this user can create files: others could
// replace ours.
func OpenFolder(dir string) (*os.Root, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the folder %q does not exist: create it with mkdir -m 700 %s", dir, dir)
	case err != nil:
		return nil, fmt.Errorf("the folder %q: %w", dir, Cause(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%q is not a folder", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder %q: %w", dir, Cause(err))
	}
	// What was opened counts, not what the path led to before.
	if info, err = root.Stat("."); err != nil {
		root.Close()
		return nil, fmt.Errorf("the folder %q: %w", dir, Cause(err))
	}
	if mode := info.Mode().Perm(); HasModes && mode&0o022 != 0 {
		root.Close()
		return nil, fmt.Errorf("other users can write to the folder %q (mode %#o): run chmod 700 %s", dir, mode, dir)
	}
	return root, nil
}
