package docsource_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/catalogdiff"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/testcost"
	"github.com/retool-mcp/retool-mcp/tools"
)

// document has so many operations, each of which form writes; title decides whether
// it counts as one of Retool's own.
func document(title, form string, n int) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"openapi":"3.0.3","info":{"title":%q,"version":"1"},"paths":{`, title)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, form, i)
	}
	out.WriteString(`}}`)
	return out.Bytes()
}

const operation = `{"get":{"summary":"Gets one","responses":{"200":{"content":{"application/json":{"schema":{"type":"object","properties":{"a":{"type":"string"}}}}}}}}}`

// OPERATIONS sets another number, such as 2500 for 20,000 operations.
func TestDocumentsTakeLinearTime(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("OPERATIONS"))
	n = max(n, 100)
	parameters := func(n int) []byte {
		var list bytes.Buffer
		for i := range 10 * n {
			fmt.Fprintf(&list, `,{"name":"a%s","in":"query","schema":{"type":"string"}}`, bytes.Repeat([]byte("-"), i%300)) // they share an argument's name
			fmt.Fprintf(&list, `,{"name":"b%d","in":"query","schema":{"type":"string"}}`, i)
		}
		return document("T", `"/a%d":{"get":{"parameters":[`+list.String()[1:]+`],"responses":{}}}`, 1)
	}
	for name, text := range map[string]func(n int) []byte{
		"another API":         func(n int) []byte { return document("T", `"/things%d/{id}":`+operation, n) },
		"Retool's API":        func(n int) []byte { return document("Retool API", `"/things%d/{id}":`+operation, n) },
		"names of parameters": func(n int) []byte { return document("T", `"/things/{id%d}":`+operation, n) },
		"unusable operations": func(n int) []byte {
			return document("Retool API", `"/things%d{":`+operation+`,"/things%[1]d":`+operation, n)
		},
		"many parameters": parameters,
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "spec.json")
			testcost.RequireLinear(t, n, 5*time.Millisecond, func(n int) time.Duration {
				require.NoError(t, os.WriteFile(file, text(n), 0o600))
				return testcost.Of(func() {
					c, err := docsource.Load(t.Context(), docsource.Options{Location: file, Logger: slog.New(slog.DiscardHandler)})
					require.NoError(t, err)
					require.NotEmpty(t, c.Toolsets())
					changed := *c
					changed.Tools = append([]tools.Tool{}, c.Tools[1:]...)
					require.NotEmpty(t, catalogdiff.Compare(c, &changed))
				})
			})
		})
	}
}
