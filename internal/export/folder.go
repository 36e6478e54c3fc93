// Package export writes rows to files of one folder, as CSV or JSON, and never over a
// file that is there. It must not know MCP, HTTP, or where rows come from.
package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	// MaxBytes is how large a file may be.
	MaxBytes = 64 << 20
	// maxName is how long the name of a file may be, without what makes it new.
	maxName = 100
	// maxSame is how many files may have one name but for a number.
	maxSame = 1_000
)

// MaxRun is how large the files of one script may be together.
const MaxRun = 64 << 20

// Folder is a folder for exports. It is safe for concurrent use.
type Folder struct {
	dir  string
	left *atomic.Int64 // bytes that may still be written, nil for any number
}

// ForOne is the folder for one script, whose files are limited together too.
func (f *Folder) ForOne() *Folder {
	one := &Folder{f.dir, &atomic.Int64{}}
	one.left.Store(MaxRun)
	return one
}

// Open opens a folder in which only this user can create files.
func Open(dir string) (*Folder, error) {
	if dir == "" {
		return nil, errors.New(`"" is not a folder`)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", dir, err)
	}
	root, err := file.OpenFolder(path)
	if err != nil {
		return nil, err
	}
	return &Folder{dir: path}, root.Close()
}

// Save writes rows, a JSON array, to a new file that only this user can read, and
// returns its path and how many rows it has. Of the name the last element counts; its
// end, .json or .csv, is the format; others become CSV.
func (f *Folder) Save(name string, rows []byte) (path string, n int, err error) {
	stem, end := fileName(name)
	write := writeCSV
	if end == ".json" {
		write = writeJSON
	}
	root, err := file.OpenFolder(f.dir)
	if err != nil {
		return "", 0, err
	}
	defer root.Close()
	out, name, err := create(root, stem, end)
	if err != nil {
		return "", 0, fmt.Errorf("cannot create a file in the folder %q: %w", f.dir, file.Cause(err))
	}
	limit := &limited{Writer: out, left: MaxBytes, of: f.left}
	n, err = write(limit, rows)
	if err = errors.Join(err, out.Sync(), out.Close(), file.SyncFolder(root)); err != nil {
		if root.Remove(name) == nil { // the first error counts
			limit.giveBack()
		}
		return "", 0, fmt.Errorf("%q cannot be saved: %w", name, file.Cause(err))
	}
	return filepath.Join(f.dir, name), n, nil
}

// create creates a file of that name, or with a number behind it if that is taken.
func create(root *os.Root, stem, end string) (out *os.File, name string, err error) {
	for i := 1; i <= maxSame; i++ {
		if name = stem + end; i > 1 {
			name = fmt.Sprintf("%s-%d%s", stem, i, end)
		}
		if out, _, err = file.CreatePrivate(root, name); !errors.Is(err, fs.ErrExist) {
			return out, name, err
		}
	}
	return nil, "", fmt.Errorf("%d files are called %s", maxSame, stem+end)
}

// foreign are characters that mean something to a shell or to a file system, and those
// that look like others.
var foreign = text.Pattern(`[^A-Za-z0-9._-]+`)

// reserved are names that Windows takes for devices, whatever follows the first dot.
var reserved = text.Pattern(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)`)

// fileName makes the name of a file from any text.
func fileName(name string) (stem, end string) {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	switch lower := strings.ToLower(name); {
	case strings.HasSuffix(lower, ".json"):
		end = ".json"
	case strings.HasSuffix(lower, ".csv"):
		end = ".csv"
	}
	stem = foreign().ReplaceAllString(name[:len(name)-len(end)], "_")
	if end == "" {
		end = ".csv"
	}
	stem = strings.Trim(stem[:min(len(stem), maxName)], "._-") // a file is not hidden, and no option
	if stem == "" || reserved().MatchString(stem) {
		stem = strings.TrimSuffix("rows_"+stem, "_")
	}
	return stem, end
}
