package docsource

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

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
	cachePrefix   = "catalog-"
	earlierPrefix = "catalogue-" // of earlier versions
	cacheKept     = 8            // files; the oldest are removed
	cacheFormat   = 3            // of the files
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
		c.name = filepath.Join(o.CacheDir, cacheName(build, source, ofInstance(o, source)))
	}
	return c
}

// cacheName identifies everything that the catalog is made from: the document,
// its address, whose it is, the embedded catalog and the code.
func cacheName(build string, source openapi.Source, instance bool) string {
	key := sha256.Sum256(fmt.Appendf(nil, "%d %q %s %q %t %t %x", cacheFormat, build, embedded.Hash, source.Address, source.Trusted, instance, sha256.Sum256(source.Data)))
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

// prune removes all but the newest catalogs, those of earlier versions, and what
// killed processes left.
func (c *cache) prune() {
	dir := filepath.Dir(c.name)
	file.RemoveLeftovers(dir, "")
	earlier, _ := filepath.Glob(filepath.Join(dir, earlierPrefix+"*"))
	for _, name := range earlier {
		_ = os.Remove(name)
	}
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

// cachedCatalog is the JSON line of a cached catalog. The schemas, which are most
// of it, follow unchanged, so that a start does not parse them.
type cachedCatalog struct {
	Catalog tools.Catalog
	Sizes   []int // of the schemas of each tool
}

var errDamaged = errors.New("the cached catalog is damaged")

// cacheHead is the length of the checksum and the number of tools.
const cacheHead = 4 + 4

// encodeCatalog writes a checksum, the number of tools, the JSON line and the schemas.
func encodeCatalog(c *tools.Catalog) ([]byte, error) {
	out := cachedCatalog{Catalog: *c}
	out.Catalog.Tools = append([]tools.Tool(nil), c.Tools...)
	var schemas []byte
	for i := range out.Catalog.Tools {
		for _, s := range schemasOf(&out.Catalog.Tools[i]) {
			out.Sizes = append(out.Sizes, len(*s))
			schemas = append(schemas, *s...)
			*s = ""
		}
	}
	line, err := json.Marshal(out, json.OmitZeroStructFields(true))
	if err != nil {
		return nil, err
	}
	data := append(append(append(make([]byte, cacheHead), line...), '\n'), schemas...)
	binary.BigEndian.PutUint32(data[4:], uint32(len(c.Tools))) //nolint:gosec // there are not that many
	binary.BigEndian.PutUint32(data, crc32.ChecksumIEEE(data[4:]))
	return data, nil
}

func decodeCatalog(data []byte) (*tools.Catalog, error) {
	if len(data) < cacheHead || binary.BigEndian.Uint32(data) != crc32.ChecksumIEEE(data[4:]) {
		return nil, errDamaged
	}
	count := binary.BigEndian.Uint32(data[4:])
	line, text, _ := bytes.Cut(data[cacheHead:], []byte("\n"))
	if int64(count) > int64(len(line)) {
		return nil, errDamaged
	}
	// Room for all: a slice that grows while it is decoded is copied many times.
	in := cachedCatalog{Catalog: tools.Catalog{Tools: make([]tools.Tool, 0, count)}, Sizes: make([]int, 0, 4*count)}
	if err := json.Unmarshal(line, &in); err != nil {
		return nil, err
	}
	schemas, n := string(text), 0
	for i := range in.Catalog.Tools {
		for _, s := range schemasOf(&in.Catalog.Tools[i]) {
			if n >= len(in.Sizes) || in.Sizes[n] < 0 || in.Sizes[n] > len(schemas) {
				return nil, errDamaged
			}
			*s, schemas = tools.Schema(schemas[:in.Sizes[n]]), schemas[in.Sizes[n]:]
			n++
		}
	}
	return &in.Catalog, nil
}

func schemasOf(t *tools.Tool) []*tools.Schema {
	return []*tools.Schema{&t.Schema, &t.Full, &t.Patch, &t.Answer.Schema}
}
