package secret

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// Sink is a folder for one-time secrets, each in a file of its own. It is safe for
// concurrent use.
type Sink struct{ dir string }

// OpenSink opens a folder in which only this user can create files: others could
// replace ours.
func OpenSink(dir string) (*Sink, error) {
	if dir == "" {
		return nil, errors.New(`"" is not a folder`)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", dir, err)
	}
	f := &Sink{dir: path}
	// Only creating a file shows whether it is possible: access lists, read-only
	// disks and quotas do not show in the mode.
	probe, err := f.Reserve("probe")
	if err != nil {
		return nil, err
	}
	probe.Discard()
	return f, nil
}

// File is a file that waits for a secret. It is for one goroutine.
type File struct {
	root *os.Root
	file *os.File
	info fs.FileInfo // identifies the file
	name string
	path string
	done bool // saved or discarded
}

// Reserve creates an empty file that only we can read. It is meant for the time
// before a request is sent: a full or read-only disk then refuses the call while
// nothing has happened. The hint, such as access_token, is in its name. The caller
// ends it with Save or Discard.
func (f *Sink) Reserve(hint string) (*File, error) {
	root, err := file.OpenFolder(f.dir)
	if err != nil {
		return nil, err
	}
	var random [4]byte
	_, _ = rand.Read(random[:]) // it never fails
	name := fmt.Sprintf("%s-%s-%x", fileName(hint), time.Now().UTC().Format("20060102T150405Z"), random)
	reserved := &File{root: root, name: name, path: filepath.Join(f.dir, name)}
	if reserved.file, reserved.info, err = file.CreatePrivate(root, name); err != nil {
		root.Close()
	} else if err = reserved.prepare(); err != nil {
		reserved.Discard()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot create a file in the folder %q: %w", f.dir, file.Cause(err))
	}
	return reserved, nil
}

// prepare tries whether there is room for a secret.
func (f *File) prepare() error {
	// An empty file fits on a full disk, and some systems notice only on a write.
	if _, err := f.file.Write(make([]byte, 4<<10)); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	if err := f.file.Truncate(0); err != nil {
		return err
	}
	_, err := f.file.Seek(0, io.SeekStart)
	return err
}

// Path is the absolute path of the file.
func (f *File) Path() string { return f.path }

// Save writes the secret and a newline to the disk; from then on the file stays.
// After an error nothing is saved, and Discard removes the file.
func (f *File) Save(secret string) error {
	if f.done {
		return fmt.Errorf("%q: %w", f.path, fs.ErrClosed)
	}
	if secret == "" {
		return fmt.Errorf("there is no secret to save in %q", f.path)
	}
	if err := f.write(secret); err != nil {
		f.file.Close()
		return fmt.Errorf("the secret cannot be saved in %q: %w", f.path, file.Cause(err))
	}
	f.done = true
	f.root.Close()
	return nil
}

func (f *File) write(secret string) error {
	// A file that was removed meanwhile would lose the secret, and one that was
	// moved would show it elsewhere.
	if !f.ours() {
		return errReplaced
	}
	if _, err := f.file.WriteString(secret + "\n"); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	if err := f.file.Close(); err != nil {
		return err
	}
	if !f.ours() {
		return errReplaced
	}
	return file.SyncFolder(f.root)
}

var errReplaced = errors.New("the file was removed or replaced after its creation")

// ours reports whether the file is still the one that was reserved.
func (f *File) ours() bool {
	info, err := f.root.Lstat(f.name)
	return err == nil && os.SameFile(f.info, info)
}

// Discard removes the file unless the secret was saved. It may be called after
// Save, twice, and on nil, so it can be deferred.
func (f *File) Discard() {
	if f == nil || f.done {
		return
	}
	f.done = true
	f.file.Close()
	if f.ours() {
		_ = f.root.Remove(f.name) // nothing can be done about an error, and the file is empty
	}
	f.root.Close()
}

// fileName makes the part of a file's name from any text.
func fileName(hint string) string {
	const maxLength = 64
	words := strings.FieldsFunc(strings.ToLower(hint), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
	name := strings.Join(words, "_")
	name = strings.Trim(name[:min(len(name), maxLength)], "_-") // a leading - looks like an option
	if name == "" {
		return "secret"
	}
	return name
}
