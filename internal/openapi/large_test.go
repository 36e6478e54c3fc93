package openapi_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// large is a document of many operations and at most size bytes.
func large(size int) (document []byte, operations int) {
	var b bytes.Buffer
	b.Grow(size)
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"Large","version":"1"},"paths":{"/0":{"get":{}}`)
	const end = `}}`
	description := strings.Repeat("What it does. ", 12)
	for operations = 1; ; operations++ {
		path := fmt.Sprintf(`,"/things/%d/{id}":{"post":{"summary":"Makes thing %[1]d","description":%[2]q,"tags":["things"],
			"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string","format":"uuid"}},{"name":"limit","in":"query","schema":{"type":"integer","minimum":1}}],
			"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["name"],"properties":{"name":{"type":"string","maxLength":100},"tags":{"type":"array","items":{"type":"string","enum":["a","b","c"]}},"owner":{"type":"object","nullable":true,"properties":{"id":{"type":"integer"},"note":{"type":"string","description":%[2]q}}}}}}}},
			"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"success":{"type":"boolean"},"data":{"type":"object","properties":{"id":{"type":"string"}}}}}}}}}}}`,
			operations, description)
		if b.Len()+len(path)+len(end) > size {
			break
		}
		b.WriteString(path)
	}
	b.WriteString(end)
	return b.Bytes(), operations
}

func TestLargeDocument(t *testing.T) {
	if testing.Short() || racing {
		t.Skip("reads 50 MB, which takes the race detector a minute")
	}
	document, operations := large(openapi.MaxBytes)
	require.Greater(t, len(document), openapi.MaxBytes-10_000)
	require.Greater(t, operations, 10_000)

	start := time.Now()
	doc, err := openapi.Read(openapi.Source{Data: document})
	t.Logf("%d bytes, %d operations: %v", len(document), operations, time.Since(start))
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	require.Len(t, doc.Operations, operations)
	require.Contains(t, text(t, doc.Operations[operations-1].Body.Schema), `"enum":["a","b","c"]`)

	_, err = openapi.Read(openapi.Source{Data: append(document, bytes.Repeat([]byte(" "), openapi.MaxBytes-len(document)+1)...)})
	require.EqualError(t, err, "larger than 50 MB")
}

// A document of small values, each of which costs more memory than text, is
// refused before it takes the machine's.
func TestDocumentOfTooManyValues(t *testing.T) {
	if testing.Short() || racing {
		t.Skip("takes half a gigabyte, and the race detector several")
	}
	_, err := openapi.Read(openapi.Source{Data: []byte(`{"openapi":"3.0.0","x":[` + strings.Repeat("1,", 4_000_000) + `1]}`)})
	require.EqualError(t, err, "the document has more values than any real one (4,000,000)")
}
