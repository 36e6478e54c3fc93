// Package schemas is data: our description of the Retool API, what is compiled
// from it, and the definitions of the tools as clients see them.
//
// It must not import anything of ours: everything else may import it.
package schemas

import _ "embed"

//go:generate go run ../internal/compile

//go:embed catalogue.bin
var snapshot []byte

// Snapshot is the catalogue of retool.openapi.yaml, for
// tools.Catalogue.UnmarshalBinary. It must not be changed.
func Snapshot() []byte { return snapshot }
