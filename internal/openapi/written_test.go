package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// What a schema says is written at every place that refers to it, so a small
// document could fill the memory.
func TestDocumentsThatMultiply(t *testing.T) {
	list := func(n int, format string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = strings.ReplaceAll(format, "#N", fmt.Sprint(i))
		}
		return strings.Join(all, ",")
	}
	ref := func(name string) string { return `{"$ref":"#/components/schemas/` + name + `"}` }
	places := `"S":{"properties":{` + list(3_000, `"p#N":`+ref("E")) + `}},`
	long := strings.Repeat("x y ", 10_000)
	for name, schemas := range map[string]string{
		"families that name each other": `"S":` + ref("C0") + `,` + list(30, `"C#N":{"type":"object","discriminator":{"propertyName":"k","mapping":{`+
			list(30, `"v#N":"C#N"`)+`}},"properties":{"k":{"type":"string"},`+list(30, `"f#N":`+ref("C#N"))+`}}`),
		"values":           places + `"E":{"type":"string","enum":[` + list(5_000, `"value #N"`) + `]}`,
		"descriptions":     places + `"E":{"type":"string","description":"` + long + `"}`,
		"titles":           places + `"E":{"$ref":"#/components/schemas/F","title":"` + long + `"},"F":{"type":"string"}`,
		"defaults":         places + `"E":{"type":"array","default":[` + list(5_000, `{"a":#N}`) + `]}`,
		"patterns":         places + `"E":{"type":"string","pattern":"` + long + `"}`,
		"formats":          places + `"E":{"type":"string","format":"` + long + `"}`,
		"names":            places + `"E":{"type":"object","properties":{"` + long + `":{}}}`,
		"patterns of name": places + `"E":{"type":"object","patternProperties":{"` + long + `":{"type":"string"}}}`,
		"required names":   places + `"E":{"type":"object","required":[` + list(5_000, `"n#N"`) + `]}`,
		"hidden names":     places + `"E":{"type":"object","properties":{` + list(5_000, `"n#N":{"readOnly":true}`) + `}}`,
		"mappings":         places + `"E":{"oneOf":[` + ref("X") + `],"discriminator":{"propertyName":"k","mapping":{` + list(5_000, `"v#N":"X"`) + `}}},"X":{"type":"object"}`,
		"mapped branches":  `"S":{"oneOf":[` + list(3_000, ref("X")) + `],"discriminator":{"propertyName":"k","mapping":{` + list(5_000, `"v#N":"X"`) + `}}},"X":{"type":"object"}`,
		"long mapping":     `"S":{"oneOf":[` + ref("X") + `],"discriminator":{"propertyName":"k","mapping":{` + list(40_000, `"v#N":"X"`) + `}}},"X":{"type":"object"}`,
		"two long enums":   `"S":{"allOf":[{"type":"string","enum":[` + list(40_000, `"v#N"`) + `]},{"type":"string","enum":[` + list(40_000, `"w#N"`) + `]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			document := withPaths(`"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":`+ref("S")+`}}}}}`, `"schemas":{`+schemas+`}`)
			for _, document := range []string{document, modern(document)} {
				var doc *openapi.Document
				inTime(t, func() { doc = read(t, document) })
				require.Less(t, len(text(t, doc.Operations[0].Body.Schema)), 3<<20)
			}
		})
	}
}
