package cli

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
)

// documentTime is how long a document may take that comes over the network.
const documentTime = 15 * time.Second

// read finds the document and the tools that the settings leave. A document that
// cannot be had is something to report; what the settings say of its tools is an
// error like that of every command.
func (e *examination) read(ctx context.Context) (err error) {
	o := &e.options
	ctx, cancel := context.WithTimeout(ctx, documentTime)
	defer cancel()
	o.Document.CacheDir = e.document.CacheDir
	o.Catalog, err = docsource.Load(ctx, e.document)
	if err != nil {
		o.Document.Err = errors.New(strings.ReplaceAll(err.Error(), e.document.Location, plainLocation(e.document.Location)))
		o.Catalog, err = docsource.Load(ctx, docsource.Options{Location: docsource.Embedded, Logger: e.program.log}) // it still tells what to ask for
		return err
	}
	if e.useAddressOf(o.Catalog) {
		o.Sources.Address = []string{"the document's own address"}
	}
	o.Document.Name, o.Document.Version = e.documentName(), o.Catalog.Version
	o.Served, err = e.settings.selected(o.Catalog)
	return err
}

// documentName says which document is served, and fills in how old it is.
func (e *examination) documentName() string {
	o := &e.options
	switch e.document.Location {
	case docsource.Embedded:
		return "the embedded description"
	case docsource.Live:
		return "the instance's own document (fetched at every start)"
	case docsource.Auto:
		if e.document.Instance == nil {
			return "the embedded description (no instance is configured)"
		}
		fetched, asked := docsource.CachedAt(e.document)
		o.Document.Asked = asked
		if !fetched.IsZero() && strings.HasPrefix(o.Catalog.Server, e.address.Origin()) {
			o.Document.Fetched = fetched
			return "the instance's own document"
		}
		return "the embedded description (nothing is kept of the instance's own)"
	default:
		return plainLocation(e.document.Location)
	}
}

// plainLocation is a document's location without what may be secret in a URL.
func plainLocation(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return location
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
