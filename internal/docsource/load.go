package docsource

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Locations other than files and URLs.
const (
	// Embedded is the embedded document.
	Embedded = "embedded"
	// Live is the instance's own document, fetched at start.
	Live = "live"
	// Auto is the instance's own document as last fetched, or else Embedded. No
	// start waits for the network.
	Auto = "auto"
)

// Options say which document is served, and how.
type Options struct {
	// Location is one of the above, a file's path or an http(s) URL; "" is
	// Auto.
	Location string
	// Instance serves its document at Address; nil for none.
	Instance *retool.Client
	Address  retool.Address
	// CacheDir is the folder of the cache; "" is none.
	CacheDir string
	// UserAgent is sent with requests for documents.
	UserAgent string
	Logger    *slog.Logger
}

// Load returns the catalog of the document at o.Location. An error names the
// location and is meant for the operator.
func Load(ctx context.Context, o Options) (*tools.Catalog, error) {
	if o.Location == "" || o.Location == Auto {
		if text, err := cachedInstance(o); err == nil {
			if c, err := catalogOf(o, text); err == nil {
				return c, nil
			}
		}
		return embedded.Catalog(), nil
	}
	if o.Location == Embedded {
		return embedded.Catalog(), nil
	}
	text, err := find(ctx, o)
	if err == nil {
		var c *tools.Catalog
		if c, err = catalogOf(o, text); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("document %s: %w", o.Location, err)
}

// apiTitle is the title of Retool's documents.
const apiTitle = "Retool API"

// catalogOf returns a document's catalog, from the cache or newly made. For any
// release of Retool's API, it keeps what the embedded document says. An instance's
// own document is one, whatever it calls itself.
func catalogOf(o Options, source openapi.Source) (*tools.Catalog, error) {
	cache := newCache(o, source)
	if c := cache.read(); c != nil {
		c.OfInstance = true
		return c, nil
	}
	doc, err := openapi.Read(source)
	if err != nil {
		return nil, err
	}
	var known *tools.Catalog
	if ofInstance(o, source) || doc.Title == apiTitle && !doc.Curated {
		known = embedded.Catalog()
	}
	c, err := toolgen.New(doc, known)
	if err != nil {
		return nil, err
	}
	if doc.Files == 0 { // the key covers one file only
		cache.write(c)
	}
	c.OfInstance = true
	return c, nil
}

func ofInstance(o Options, source openapi.Source) bool {
	return source.Address != "" && source.Address == o.Address.DocumentURL()
}

// ErrNoInstance is the error for a live document without an instance.
var ErrNoInstance = errors.New("no instance is configured")
