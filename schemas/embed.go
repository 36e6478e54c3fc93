// Package schemas is data: our description of the Retool API, what is compiled
// from it, and the definitions of the tools as clients see them.
//
// It must not import anything of ours: everything else may import it.
package schemas

import _ "embed"

//go:generate go run ../internal/generate

//go:embed catalog.bin
var snapshot []byte

// Snapshot is the catalog of retool.openapi.yaml, for
// tools.Catalog.UnmarshalBinary. It must not be changed.
func Snapshot() []byte { return snapshot }

//go:embed routes.json
var routes []byte

// Routes is the operations of retool.openapi.yaml with the schemas of what they
// take, for routes.Load of the sandbox. It must not be changed.
func Routes() []byte { return routes }

//go:embed retool.openapi.json.gz
var document []byte

// Document is retool.openapi.yaml as JSON, compressed by gzip. It must not be
// changed.
func Document() []byte { return document }
