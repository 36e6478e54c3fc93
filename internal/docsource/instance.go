package docsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// An instance's own document is kept in two files beside the catalogs:
// instance-<hash of the address>.json is the document, .meta says when it was
// last requested and the hash of the document. If they do not match, neither is
// used.
type instanceMeta struct {
	// Checked is the time of the last request, successful or not.
	Checked time.Time `json:"checked"`
	// ETag makes the next request conditional.
	ETag string `json:"etag,omitempty"`
	// SHA256 is the document's hash in hex, "" for no document.
	SHA256 string `json:"sha256,omitempty"`
}

// checkEvery is the minimum time between requests for an instance's document.
const checkEvery = time.Hour

var errNotCached = errors.New("nothing is cached for this instance")

func instanceFile(o Options, extension string) string {
	key := sha256.Sum256([]byte(o.Address.String()))
	return filepath.Join(o.CacheDir, "instance-"+hex.EncodeToString(key[:12])+extension)
}

// CachedAt returns when the instance's own document was last fetched and last
// requested, zero for never.
func CachedAt(o Options) (fetched, asked time.Time) {
	for extension, at := range map[string]*time.Time{".json": &fetched, ".meta": &asked} {
		if info, err := os.Stat(instanceFile(o, extension)); err == nil {
			*at = info.ModTime()
		}
	}
	return fetched, asked
}

// cachedInstance returns the last document fetched from the instance.
func cachedInstance(o Options) (openapi.Source, error) {
	if o.CacheDir == "" || o.Instance == nil {
		return openapi.Source{}, errNotCached
	}
	meta := readMeta(o)
	if meta.SHA256 == "" {
		return openapi.Source{}, errNotCached
	}
	data, err := readFile(os.OpenFile(instanceFile(o, ".json"), readOnly, 0))
	if err != nil || fmt.Sprintf("%x", sha256.Sum256(data)) != meta.SHA256 {
		return openapi.Source{}, errNotCached
	}
	return openapi.Source{Data: data, Address: o.Address.DocumentURL()}, nil
}

func readMeta(o Options) (meta instanceMeta) {
	data, err := readFile(os.OpenFile(instanceFile(o, ".meta"), readOnly, 0))
	if err != nil || json.Unmarshal(data, &meta) != nil {
		return instanceMeta{}
	}
	return meta
}

// Refresh requests the instance's document, at most once an hour, and keeps it
// for the next start. Call it while the server is already running.
func Refresh(ctx context.Context, o Options) error {
	if o.CacheDir == "" || o.Instance == nil {
		return nil
	}
	meta := readMeta(o)
	if age := time.Since(meta.Checked); age >= 0 && age < checkEvery {
		return nil
	}
	etag := ""
	if o.Instance.Shown(meta.ETag) != meta.ETag {
		meta.ETag = "" // an earlier version kept it as it came
	}
	if _, err := cachedInstance(o); err == nil {
		etag = meta.ETag
	}
	data, current, err := o.Instance.Document(ctx, etag)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the server is stopping, which says nothing about the instance
	}
	meta.Checked = time.Now()
	if err == nil && data != nil {
		source := openapi.Source{Data: data, Address: o.Address.DocumentURL()}
		if _, err = catalogOf(o, source); err == nil { // usable, and cached for the next start
			err = writeFile(instanceFile(o, ".json"), data)
			meta.ETag, meta.SHA256 = current, fmt.Sprintf("%x", sha256.Sum256(data))
		}
	}
	encoded, encodeErr := json.Marshal(meta)
	if encodeErr == nil {
		encodeErr = writeFile(instanceFile(o, ".meta"), encoded)
	}
	if err = errors.Join(err, encodeErr); err != nil {
		return fmt.Errorf("the instance's own document is unavailable: %w", err)
	}
	return nil
}
