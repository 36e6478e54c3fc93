package docsource

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// cache keeps the catalog of one document, so that a second start does not
// parse it. If the file is damaged, the catalog is made again, and only the
// debug log mentions it.
type cache struct {
	name string // of the file, "" for no cache
	log  *slog.Logger
}

const (
	cachePrefix = "catalog-"
	cacheKept   = 8 // files; the oldest are removed
	cacheFormat = 2 // of the files
)

// newCache returns the cache of a document's catalog, none where the build
// cannot be identified.
func newCache(o Options, source openapi.Source) *cache {
	c := &cache{log: o.Logger}
	if o.CacheDir == "" {
		return c
	}
	if build, err := buildKey(); err != nil {
		c.log.Debug("catalogs are not cached", "error", err)
	} else {
		c.name = filepath.Join(o.CacheDir, cacheName(build, source))
	}
	return c
}

// cacheName identifies everything that the catalog is made from: the document,
// its address, the embedded catalog and the code.
func cacheName(build string, source openapi.Source) string {
	key := sha256.Sum256(fmt.Appendf(nil, "%d %q %s %q %x", cacheFormat, build, embedded.Hash, source.Address, sha256.Sum256(source.Data)))
	return cachePrefix + hex.EncodeToString(key[:16])
}

// read returns the catalog, or nil where the file is missing or damaged.
func (c *cache) read() *tools.Catalog {
	if c.name == "" {
		return nil
	}
	data, err := os.ReadFile(c.name)
	if err != nil {
		return nil
	}
	catalog, err := decodeCatalog(data)
	if err != nil {
		c.log.Debug("the cached catalog is not used", "file", c.name, "error", err)
		return nil
	}
	return catalog
}

// write stores the catalog and removes old ones.
func (c *cache) write(catalog *tools.Catalog) {
	if c.name == "" {
		return
	}
	data, err := encodeCatalog(catalog)
	if err == nil {
		err = writeFile(c.name, data)
	}
	if err != nil {
		c.log.Debug("the catalog is not cached", "error", err)
		return
	}
	c.prune()
}

// writeFile writes a file in a folder that may not be there yet.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return file.Replace(name, data)
}

// prune removes all but the newest catalogs, and what killed processes left.
func (c *cache) prune() {
	dir := filepath.Dir(c.name)
	file.RemoveLeftovers(dir, "")
	names, _ := filepath.Glob(filepath.Join(dir, cachePrefix+"*")) // of a malformed pattern: none
	written := map[string]time.Time{}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			written[name] = info.ModTime()
		}
	}
	slices.SortFunc(names, func(a, b string) int { return written[b].Compare(written[a]) })
	for _, name := range names[min(len(names), cacheKept):] {
		_ = os.Remove(name)
	}
}
