// Command generate turns the embedded document into what the program embeds, so
// that no start has to parse it: the catalog of tools as Go source, the
// sandbox's routes, and the document as the sandbox serves it. Run it through
// "go generate ./...", or with the folder of another copy of the module.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
)

// Names below the module's folder. The command imports nothing that it writes,
// so that it runs whatever the state of that is.
const (
	documentFile   = "schemas/retool.openapi.yaml"
	routesFile     = "schemas/routes.json"
	servedFile     = "schemas/retool.openapi.json.gz"
	embeddedFolder = "tools/embedded"
	byHand         = "embedded.go" // the one file there that is not generated
)

func main() {
	root := ".." // go generate runs it in schemas
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := run(root); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run reads the document of a module's folder and writes what is made from it.
func run(root string) error {
	text, err := os.ReadFile(filepath.Join(root, documentFile))
	if err != nil {
		return err
	}
	files, err := generate(text)
	if err != nil {
		return fmt.Errorf("%s: %w", documentFile, err)
	}
	stale, err := filepath.Glob(filepath.Join(root, embeddedFolder, "*.go"))
	if err != nil {
		return err
	}
	for name, data := range files {
		name = filepath.Join(root, name)
		stale = slices.DeleteFunc(stale, func(s string) bool { return s == name || filepath.Base(s) == byHand })
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	for _, name := range stale { // a toolset that is no more
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the files that are made from a document.
func generate(text []byte) (map[string][]byte, error) {
	doc, err := openapi.Read(openapi.Source{Data: text, Trusted: true})
	if err != nil {
		return nil, err
	}
	if len(doc.Problems) > 0 {
		return nil, fmt.Errorf("%s: %s", doc.Problems[0].Operation, doc.Problems[0].Reason)
	}
	c, err := toolgen.New(doc, nil)
	if err != nil {
		return nil, err
	}
	sources, err := catalogSource(c)
	if err != nil {
		return nil, err
	}
	reads := map[string]bool{}
	for _, t := range c.Tools {
		reads[t.Name] = t.Hints.ReadOnly
	}
	files := map[string][]byte{}
	for name, source := range sources {
		files[filepath.Join(embeddedFolder, name)] = source
	}
	if files[routesFile], err = routes.Compile(doc, reads); err != nil {
		return nil, err
	}
	if files[servedFile], err = asJSON(text); err != nil {
		return nil, err
	}
	return files, nil
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
