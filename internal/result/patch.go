package result

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// patched tells what each operation of a JSON Patch (RFC 6902) would do to what
// those before it leave. It knows those that Retool takes: add, remove, replace.
// Where Retool's object is not laid out as the answer that shows it, an operation
// finds nothing, and says just that.
func patched(operations []jsonvalue.Value, before *jsonvalue.Value) (lines []string) {
	doc, err := jsonvalue.Parse(before.AppendJSON(nil)) // a copy
	if err != nil {
		return nil
	}
	for i := range operations {
		o := &operations[i]
		kind, path, after := o.Member("op").Str(), o.Member("path").Str(), o.Member("value")
		line := "- " + onOneLine(kind) + " " + onOneLine(path) + ": " + shown(doc.Find(jsonvalue.Pointer(path)))
		if after != nil {
			line += " → " + shown(after)
		}
		lines = append(lines, line)
		doc.Patch(kind, jsonvalue.Pointer(path), after)
	}
	return lines
}

// onOneLine returns a text as it is, or quoted if it has line ends or invisible
// characters.
func onOneLine(s string) string {
	if strings.ContainsAny(s, "\n\t") || text.HasInvisible(s) {
		return string(jsonvalue.AppendQuote(nil, s))
	}
	return s
}
