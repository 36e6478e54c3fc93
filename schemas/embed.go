// Package schemas is data: the embedded document, which describes the Retool
// API, what the sandbox needs of it, and the definitions of the tools as clients
// see them. The catalog that is made from the document is package tools/embedded.
//
// It imports nothing of this module: every other package may import it.
package schemas

import _ "embed"

//go:generate go run ../internal/generate

//go:embed routes.json
var routes []byte

// Routes are the operations of retool.openapi.yaml with the schemas of their
// arguments, for routes.Load of the sandbox. They must not be changed.
func Routes() []byte { return routes }

//go:embed retool.openapi.json.gz
var document []byte

// Document is retool.openapi.yaml as JSON, compressed with gzip. It must not be
// changed.
func Document() []byte { return document }
