// Package export writes rows to files of one folder, as CSV or JSON, and never over a
// file that is there. It must not know MCP, HTTP, or where rows come from.
package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

const (
	// MaxBytes is how large a file may be.
	MaxBytes = 64 << 20
	// maxName is how long the name of a file may be, without what makes it new.
	maxName = 100
	// maxSame is how many files may have one name but for a number.
	maxSame = 1_000
)

// Folder is a folder for exports. It is safe for concurrent use.
type Folder struct{ dir string }

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
	return &Folder{path}, root.Close()
}

// Save writes rows, a JSON array, to a new file that only this user can read, and
// returns its path and how many rows it has. Of the name the last element counts; its
// end, .json or .csv, is the format; others become CSV.
func (f *Folder) Save(name string, rows []byte) (path string, n int, err error) {
	stem, end := fileName(name)
	write := asCSV
	if end == ".json" {
		write = asJSON
	}
	data, n, err := write(rows)
	if err != nil {
		return "", 0, err
	}
	root, err := file.OpenFolder(f.dir)
	if err != nil {
		return "", 0, err
	}
	defer root.Close()
	name, err = create(root, stem, end, data)
	if err != nil {
		return "", 0, fmt.Errorf("cannot write to the folder %q: %w", f.dir, file.Cause(err))
	}
	return filepath.Join(f.dir, name), n, nil
}

// create writes a file of that name, or with a number behind it if that is taken.
func create(root *os.Root, stem, end string, data []byte) (name string, err error) {
	for i := 1; i <= maxSame; i++ {
		if name = stem + end; i > 1 {
			name = fmt.Sprintf("%s-%d%s", stem, i, end)
		}
		out, _, err := file.CreatePrivate(root, name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = out.Write(data)
		if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
			_ = root.Remove(name) // the first error counts
			return "", err
		}
		return name, file.SyncFolder(root)
	}
	return "", fmt.Errorf("%d files are called %s", maxSame, stem+end)
}

// unsafe are characters that mean something to a shell or to a file system, and those
// that look like others.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// reserved are names that Windows takes for devices, whatever follows the first dot.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)`)

// fileName makes the name of a file from any text.
func fileName(name string) (stem, end string) {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	switch lower := strings.ToLower(name); {
	case strings.HasSuffix(lower, ".json"):
		end = ".json"
	case strings.HasSuffix(lower, ".csv"):
		end = ".csv"
	}
	stem = unsafe.ReplaceAllString(name[:len(name)-len(end)], "_")
	if end == "" {
		end = ".csv"
	}
	stem = strings.Trim(stem[:min(len(stem), maxName)], "._-") // a file is not hidden, and no option
	if stem == "" || reserved.MatchString(stem) {
		stem = strings.TrimSuffix("rows_"+stem, "_")
	}
	return stem, end
}
