package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxAliased limits the values that aliases repeat, against "billion laughs"
// documents.
const maxAliased = 1_000_000

// decodeYAML decodes the first YAML document of data.
func decodeYAML(data []byte) (*node, error) {
	if end := bytes.IndexByte(data, '\n'); end > 0 && bytes.HasPrefix(data, []byte("%YAML 1.")) {
		data = data[end:] // the library refuses versions other than 1.1, but reads 1.2
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("neither JSON (no \"{\" at its start) nor valid YAML: %w", err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return nil, errors.New("the document is empty")
	}
	var r yamlReader
	root, err := r.value(doc.Content[0], 0)
	if err != nil {
		return nil, err
	}
	return &root, nil
}

type yamlReader struct {
	count   int
	aliased int // of them, those that aliases repeat
	inside  int // aliases being expanded
}

func (r *yamlReader) value(y *yaml.Node, depth int) (node, error) {
	if r.count++; r.count > maxNodes {
		return node{}, errTooLarge
	}
	if r.inside > 0 {
		if r.aliased++; r.aliased > maxAliased {
			return node{}, errors.New("the document's aliases repeat more than 1,000,000 values")
		}
	}
	if depth > maxDepth {
		return node{}, fmt.Errorf("the YAML nests deeper than %d levels", maxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		r.inside++
		defer func() { r.inside-- }()
		return r.value(y.Alias, depth+1)
	case yaml.ScalarNode:
		return scalar(y), nil
	case yaml.SequenceNode:
		n := node{kind: array, items: make([]node, 0, len(y.Content))}
		for _, child := range y.Content {
			item, err := r.value(child, depth+1)
			if err != nil {
				return node{}, err
			}
			n.items = append(n.items, item)
		}
		return n, nil
	case yaml.MappingNode:
		return r.mapping(y, depth)
	default:
		return node{}, fmt.Errorf("line %d: this kind of YAML has no meaning in OpenAPI", y.Line)
	}
}

// mapping reads a mapping's members. Those of a merge key ("<<") come first, so
// the mapping's own take precedence, and among several merged ones the first.
func (r *yamlReader) mapping(y *yaml.Node, depth int) (node, error) {
	n := node{kind: object}
	var own []node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, item := y.Content[i], y.Content[i+1]
		for key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return node{}, fmt.Errorf("line %d: a key must be a plain value", key.Line)
		}
		value, err := r.value(item, depth+1)
		if err != nil {
			return node{}, err
		}
		if key.ShortTag() != "!!merge" {
			value.name = key.Value
			own = append(own, value)
			continue
		}
		merged := []node{value}
		if value.kind == array {
			merged = value.items
		}
		for _, m := range slices.Backward(merged) {
			if m.kind == object {
				n.items = append(n.items, m.items...)
			}
		}
	}
	n.items = append(n.items, own...)
	return n, nil
}

// scalar reads a plain value by YAML's core rules. Values without a JSON form
// (dates, infinities, binary) stay text.
func scalar(y *yaml.Node) node {
	switch y.ShortTag() {
	case "!!null":
		return node{kind: null}
	case "!!bool":
		return node{kind: boolean, text: strings.ToLower(y.Value)}
	case "!!int", "!!float":
		if literal, ok := jsonNumber(y.Value); ok {
			return numeric(literal)
		}
	}
	return node{kind: text, text: y.Value}
}

func jsonNumber(s string) (string, bool) {
	if strings.Trim(s, "+-.0123456789eE") == "" && json.Valid([]byte(s)) {
		return s, true
	}
	if i, err := strconv.ParseInt(s, 0, 64); err == nil {
		return strconv.FormatInt(i, 10), true
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		if encoded, err := json.Marshal(f); err == nil {
			return string(encoded), true
		}
	}
	return "", false
}
