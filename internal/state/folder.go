// Package state keeps what one process of a user leaves for the next: the key of the
// ids of plans, and which plans were applied.
//
//	f, err := state.Open(path)
//	options := script.Options{Key: f.Key(), Used: f}
//
// It must not know plans, scripts or settings.
package state

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// Names of the files.
const (
	keyFile  = "plan-key"
	usedFile = "applied-plans.json"
	lockFile = "plans.lock"
)

// Path is the folder of this user.
func Path() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "retool-mcp"), nil
	}
	dir, err := os.UserConfigDir()
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		if dir, err = os.UserHomeDir(); err == nil {
			dir = filepath.Join(dir, ".local", "state")
		}
	}
	if err != nil {
		return "", fmt.Errorf("plans need a folder for their key: set XDG_STATE_HOME: %w", err)
	}
	return filepath.Join(dir, "retool-mcp"), nil
}

// Folder is a folder with its key. It is safe for concurrent use, also by several
// processes.
type Folder struct {
	root *os.Root
	key  []byte
	now  func() time.Time
}

// Open opens a folder that only its owner may use, and creates it with a key if it does
// not exist.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the state folder %q: %w", path, file.Cause(err))
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("the state folder %q: %w", path, file.Cause(err))
	}
	f := &Folder{root: root, now: time.Now}
	info, err := root.Stat(".")
	switch {
	case err != nil:
		err = fmt.Errorf("the state folder %q: %w", path, file.Cause(err))
	case !file.IsOwn(info): // whoever wrote the key could make plans
		err = fmt.Errorf("the state folder %q belongs to another user: set XDG_STATE_HOME to a folder of your own", path)
	case !file.IsPrivate(info):
		err = fmt.Errorf("others can use the state folder %q (mode %04o): run chmod 700 %s", path, info.Mode().Perm(), path)
	default:
		err = f.locked(func() (err error) { f.key, err = f.readKey(); return err })
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return f, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Key is the key of this user.
func (f *Folder) Key() []byte { return f.key }

// readKey reads the key, or makes one.
func (f *Folder) readKey() ([]byte, error) {
	const size = 32 // bytes, which the file has in hexadecimal
	text, err := f.read(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, size)
		_, _ = rand.Read(key) // it never fails
		return key, f.write(keyFile, hex.AppendEncode(nil, key))
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(text))
	if err != nil || len(key) != size {
		return nil, fmt.Errorf("%q holds no key: delete it, and make the plan again", f.path(keyFile))
	}
	return key, nil
}

func (f *Folder) path(name string) string { return filepath.Join(f.root.Name(), name) }

// read reads a file that only its owner may use. The error is fs.ErrNotExist if there
// is none.
func (f *Folder) read(name string) ([]byte, error) {
	opened, info, err := file.Open(f.root, name, os.O_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", f.path(name), err)
	}
	defer opened.Close()
	if !file.IsOwn(info) {
		return nil, fmt.Errorf("%q belongs to another user: delete it, and make the plan again", f.path(name))
	}
	if !file.IsPrivate(info) {
		return nil, fmt.Errorf("others can use %q (mode %04o): run chmod 600 %s", f.path(name), info.Mode().Perm(), f.path(name))
	}
	const largest = 4 << 20
	if info.Size() > largest {
		return nil, fmt.Errorf("%q is larger than 4 MiB: it was not written by this program", f.path(name))
	}
	return io.ReadAll(opened)
}

func (f *Folder) write(name string, data []byte) error {
	if err := file.Replace(f.path(name), data); err != nil {
		return fmt.Errorf("%q cannot be written: %w", f.path(name), file.Cause(err))
	}
	return nil
}

// patience is how long one process waits for another's lock, which each has for
// milliseconds.
const patience = 10 * time.Second

// locked runs do while no other process does.
func (f *Folder) locked(do func() error) error {
	unlock, err := file.Lock(f.root, lockFile)
	for begun := time.Now(); errors.Is(err, file.ErrLocked) && time.Since(begun) < patience; {
		time.Sleep(5 * time.Millisecond)
		unlock, err = file.Lock(f.root, lockFile)
	}
	if err != nil {
		return fmt.Errorf("the state folder %q: %w", f.root.Name(), err)
	}
	defer unlock()
	return do()
}
