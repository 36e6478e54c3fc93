package docsource

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/tools"
)

// cache keeps the catalog of one document, so that a second start parses
// nothing. It is a convenience: whatever is wrong with it, the catalog is
// made anew and nobody is told but the debug log.
//
// A file is the SHA-256 of the rest, then a snapshot of the catalog.
type cache struct {
	dir  string // "" is no cache
	name string
	log  *slog.Logger
}

const (
	cachePrefix = "catalog-"
	cacheKept   = 8 // files; the least recently written go
)

// newCache finds the place of a document's catalog: by all that it is made
// from, which is the text, the address, and this very program.
func newCache(o Options, text document) *cache {
	c := &cache{dir: o.CacheDir, log: o.Logger}
	program, err := programID()
	if err != nil || o.CacheDir == "" {
		c.dir = ""
		return c
	}
	key := hashOf(fmt.Appendf(nil, "%q %q %x", program, text.address, text.hash))
	c.name = filepath.Join(c.dir, cachePrefix+hex.EncodeToString(key[:16]))
	return c
}

// programID tells one build of this program from another.
func programID() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano()), nil
}

// read returns the catalog, or nil if it is not there whole.
func (c *cache) read() *tools.Catalog {
	if c.dir == "" {
		return nil
	}
	data, err := os.ReadFile(c.name)
	if err != nil {
		return nil
	}
	catalog := &tools.Catalog{}
	if len(data) > sha256.Size {
		sum := hashOf(data[sha256.Size:])
		if bytes.Equal(sum[:], data[:sha256.Size]) && catalog.UnmarshalBinary(data[sha256.Size:]) == nil {
			return catalog
		}
	}
	c.log.Debug("the cached catalog is damaged and will be made anew", "file", c.name)
	return nil
}

// write stores the catalog under its name only once it is whole, so that two
// processes that start at once do not read halves of each other's.
func (c *cache) write(catalog *tools.Catalog) {
	if c.dir == "" {
		return
	}
	if err := c.store(catalog); err != nil {
		c.log.Debug("the catalog is not cached", "error", err)
		return
	}
	c.prune()
}

func (c *cache) store(catalog *tools.Catalog) error {
	encoded, err := catalog.MarshalBinary()
	if err != nil {
		return err
	}
	sum := hashOf(encoded)
	return writeFile(c.name, slices.Concat(sum[:], encoded))
}

// writeFile writes a file that is there whole or not at all.
func writeFile(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dir, unfinished+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // fails, as it should, after the rename
	if _, err := temporary.Write(data); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), name)
}

// unfinished is what a file is called while it is written. One that is older than
// abandoned is of a process that was killed.
const (
	unfinished = ".new-"
	abandoned  = time.Hour
)

// prune removes all but the newest files, and what killed processes left.
func (c *cache) prune() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	type file struct {
		name    string
		written int64
	}
	var files []file
	for _, e := range entries {
		switch info, err := e.Info(); {
		case err != nil:
		case strings.HasPrefix(e.Name(), cachePrefix):
			files = append(files, file{e.Name(), info.ModTime().UnixNano()})
		case strings.HasPrefix(e.Name(), unfinished) && time.Since(info.ModTime()) > abandoned:
			_ = os.Remove(filepath.Join(c.dir, e.Name()))
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(b.written, a.written) })
	for _, f := range files[min(len(files), cacheKept):] {
		_ = os.Remove(filepath.Join(c.dir, f.name))
	}
}
