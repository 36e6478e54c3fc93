package cli

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
)

// documentTimeout is for a document that comes over the network.
const documentTimeout = 15 * time.Second

// read loads the document and selects the tools. A document that is unavailable
// is reported; wrong settings of its tools are an error, as for every command.
func (e *examination) read(ctx context.Context) (err error) {
	o := &e.options
	ctx, cancel := context.WithTimeout(ctx, documentTimeout)
	defer cancel()
	o.Document.CacheDir = e.document.CacheDir
	o.Catalog, err = docsource.Load(ctx, e.document)
	if err != nil {
		o.Document.Err = errors.New(strings.ReplaceAll(err.Error(), e.document.Location, plainLocation(e.document.Location)))
		o.Catalog, err = docsource.Load(ctx, docsource.Options{Location: docsource.Embedded, Logger: e.program.log}) // its tools tell what to check
		return err
	}
	if e.useAddressOf(o.Catalog) {
		o.Sources.Address = []string{"the document's own address"}
	}
	o.Document.Name, o.Document.Version = e.documentName(), o.Catalog.Version
	o.Served, err = e.settings.selected(o.Catalog)
	return err
}

// documentName says which document is served, and sets its age.
func (e *examination) documentName() string {
	o := &e.options
	switch e.document.Location {
	case docsource.Embedded:
		return "the embedded document"
	case docsource.Live:
		return "the instance's own document (fetched at every start)"
	case docsource.Auto:
		if e.document.Instance == nil {
			return "the embedded document (no instance is configured)"
		}
		fetched, asked := docsource.CachedAt(e.document)
		o.Document.Asked = asked
		if !fetched.IsZero() && strings.HasPrefix(o.Catalog.Server, e.address.Origin()) {
			o.Document.Fetched = fetched
			return "the instance's own document"
		}
		return "the embedded document (the instance's own is not cached)"
	default:
		return plainLocation(e.document.Location)
	}
}

// plainLocation is a document's location without the parts of a URL that may be
// secret.
func plainLocation(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return location
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
