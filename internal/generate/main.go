// Command generate turns our description of the Retool API into what the program
// embeds, so that no start has to parse it: the catalog of tools, the sandbox's
// routes, and the document that the sandbox serves. Run it through
// "go generate ./...".
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/toolgen"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
)

const (
	source  = "retool.openapi.yaml"
	catalog = "catalog.bin"
	routing = "routes.json"
	served  = "retool.openapi.json.gz"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	doc, err := openapi.Read(openapi.Source{Data: text})
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if len(doc.Problems) > 0 {
		return fmt.Errorf("%s: %s: %s", source, doc.Problems[0].Operation, doc.Problems[0].Reason)
	}
	c, err := toolgen.New(doc, toolgen.Options{})
	if err != nil {
		return err
	}
	snapshot, err := c.MarshalBinary()
	if err != nil {
		return err
	}
	reads := map[string]bool{}
	for _, t := range c.Tools {
		reads[t.Name] = t.Hints.ReadOnly
	}
	table, err := routes.Compile(doc, reads)
	if err != nil {
		return err
	}
	document, err := asJSON(text)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	for name, data := range map[string][]byte{catalog: snapshot, routing: table, served: document} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// asJSON is a YAML text as compressed JSON, everything in its order. The same
// text gives the same bytes.
func asJSON(text []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := writeJSON(jsontext.NewEncoder(w), document.Content[0]); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func writeJSON(out *jsontext.Encoder, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		return writeAll(out, n, jsontext.BeginObject, jsontext.EndObject)
	case yaml.SequenceNode:
		return writeAll(out, n, jsontext.BeginArray, jsontext.EndArray)
	case yaml.AliasNode:
		return writeJSON(out, n.Alias)
	default:
		var value any
		if err := n.Decode(&value); err != nil {
			return err
		}
		return json.MarshalEncode(out, value)
	}
}

func writeAll(out *jsontext.Encoder, n *yaml.Node, begin, end jsontext.Token) error {
	if err := out.WriteToken(begin); err != nil {
		return err
	}
	for i, part := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 { // a name is text, whatever it looks like
			if err := out.WriteToken(jsontext.String(part.Value)); err != nil {
				return err
			}
			continue
		}
		if err := writeJSON(out, part); err != nil {
			return err
		}
	}
	return out.WriteToken(end)
}
