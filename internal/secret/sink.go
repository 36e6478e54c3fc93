package secret

import (
	"crypto/rand"
	"encoding/hex"
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

// Sink is where the operator wants secrets kept that are shown only once. It
// is safe for concurrent use.
type Sink struct{ dir string }

// OpenSink takes a directory in which we can make files and nobody else can:
// who could change the folder could put files of their own in the place of ours.
func OpenSink(dir string) (*Sink, error) {
	if dir == "" {
		return nil, errors.New(`"" is no folder`)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", dir, err)
	}
	f := &Sink{dir: path}
	// Only making a file shows whether one can be made: access lists, read-only
	// disks and quotas are in no mode.
	probe, err := f.Reserve("probe")
	if err != nil {
		return nil, err
	}
	probe.Discard()
	return f, nil
}

// open opens the folder as it is now, after a look at who may change it.
func (f *Sink) open() (*os.Root, error) {
	info, err := os.Stat(f.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the folder %q does not exist: make it with mkdir -m 700 %s", f.dir, f.dir)
	case err != nil:
		return nil, fmt.Errorf("the folder %q: %w", f.dir, file.Cause(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%q is not a folder", f.dir)
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, fmt.Errorf("the folder %q: %w", f.dir, file.Cause(err))
	}
	// What was opened counts, not what stood at its path a moment ago.
	if info, err = root.Stat("."); err != nil {
		root.Close()
		return nil, fmt.Errorf("the folder %q: %w", f.dir, file.Cause(err))
	}
	if mode := info.Mode().Perm(); file.HasModes && mode&0o022 != 0 {
		root.Close()
		return nil, fmt.Errorf("others can change the folder %q (its mode is %#o): chmod 700 %s", f.dir, mode, f.dir)
	}
	return root, nil
}

// File is a file that waits for a secret. It is for one goroutine.
type File struct {
	root *os.Root
	file *os.File
	info fs.FileInfo // tells the file from another one of its name
	name string
	path string
	done bool // kept or discarded
}

// Reserve makes an empty file that only we may read. It is meant for the time
// before a request is sent: a full or read-only disk then refuses the call while
// nothing has happened yet. The hint, such as access_token, is in its name.
//
// The caller ends it with Save or Discard.
func (f *Sink) Reserve(hint string) (*File, error) {
	root, err := f.open()
	if err != nil {
		return nil, err
	}
	reserved, err := reserve(root, tidy(hint))
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("no file can be written in the folder %q: %w", f.dir, file.Cause(err))
	}
	reserved.path = filepath.Join(f.dir, reserved.name)
	return reserved, nil
}

func reserve(root *os.Root, hint string) (*File, error) {
	const attempts = 8 // one is enough but for somebody who plants files
	var f *os.File
	var info fs.FileInfo
	var err error
	for range attempts {
		var random [4]byte
		_, _ = rand.Read(random[:]) // it never fails
		name := hint + "-" + time.Now().UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
		f, info, err = file.CreatePrivate(root, name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		reserved := &File{root: root, file: f, info: info, name: name}
		if err = reserved.prepare(); err != nil {
			f.Close()
			_ = root.Remove(name) // the first error counts
			return nil, err
		}
		return reserved, nil
	}
	return nil, err
}

// prepare tries whether there is room for a secret.
func (f *File) prepare() error {
	// An empty file fits on a full disk. Some systems find that out only when
	// they write.
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

// Save writes the secret and a newline to the disk. From then on the file stays.
// After an error the secret is not kept, the caller has it alone, and Discard
// removes what there is of the file.
func (f *File) Save(secret string) error {
	if f.done {
		return fmt.Errorf("%q: %w", f.path, fs.ErrClosed)
	}
	if secret == "" {
		return fmt.Errorf("there is no secret to keep in %q", f.path)
	}
	if err := f.write(secret); err != nil {
		f.file.Close() // what is in it now is nothing to go on with
		return fmt.Errorf("the secret cannot be kept in %q: %w", f.path, file.Cause(err))
	}
	f.done = true
	f.root.Close()
	return nil
}

func (f *File) write(secret string) error {
	// A file that was removed in the meantime would take the secret and lose it,
	// and one that was moved away would show it elsewhere.
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

var errReplaced = errors.New("the file was removed or replaced after it had been made")

// ours says whether the file is still the one that was reserved.
func (f *File) ours() bool {
	info, err := f.root.Lstat(f.name)
	return err == nil && os.SameFile(f.info, info)
}

// Discard removes the file unless the secret was kept. It may be called after
// Save, twice, and for nil, so it can be deferred as soon as there is a file.
func (f *File) Discard() {
	if f == nil || f.done {
		return
	}
	f.done = true
	f.file.Close()
	if f.ours() {
		_ = f.root.Remove(f.name) // there is nobody to tell, and nothing that was promised is in it
	}
	f.root.Close()
}

// tidy makes a part of a file's name from any text.
func tidy(hint string) string {
	const most = 64
	words := strings.FieldsFunc(strings.ToLower(hint), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
	name := strings.Join(words, "_")
	name = strings.Trim(name[:min(len(name), most)], "_-") // a - in front looks like an option
	if name == "" {
		return "secret"
	}
	return name
}
