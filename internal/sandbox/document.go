package sandbox

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"sync"

	"github.com/retool-mcp/retool-mcp/schemas"
)

// documentTag identifies the embedded document of this build.
var documentTag = sync.OnceValue(func() string {
	sum := sha256.Sum256(schemas.Document())
	return `"` + hex.EncodeToString(sum[:8]) + `"`
})

// document serves the embedded document, as an instance serves its own.
func document(r *http.Request) reply {
	if r.Header.Get("If-None-Match") == documentTag() {
		return reply{status: http.StatusNotModified}
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(schemas.Document()))
	if err != nil {
		return failure(err)
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		return failure(err)
	}
	return reply{status: http.StatusOK, body: body, header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"},
		"Etag":         {documentTag()},
	}}
}
