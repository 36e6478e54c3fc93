package openapi

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// kind is the JSON type of a node.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	array
	object
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// node is one value of a decoded document, from either parser. Members keep
// their order.
type node struct {
	kind  kind
	name  string // in an object
	text  string // a string's value, a number's literal, "true" or "false"
	items []node // an array's elements or an object's members

	index map[string]int // of names, made when a large object is first searched
}

// indexAbove is the number of members from which an index beats a scan.
const indexAbove = 16

// numeric is a number as JSON writes it. One beyond the range of a float, which
// clients cannot read, stays text.
func numeric(literal string) node {
	exponent := strings.ContainsAny(literal, "eE")
	if exponent || len(literal) > 300 {
		if f, err := strconv.ParseFloat(literal, 64); err != nil || exponent && f == 0 {
			return node{kind: text, text: literal}
		}
	}
	return node{kind: number, text: literal}
}

// get returns the member of an object, or nil. Of a repeated name the last
// value counts.
func (n *node) get(name string) *node {
	if n == nil || n.kind != object {
		return nil
	}
	if len(n.items) <= indexAbove {
		for i := len(n.items) - 1; i >= 0; i-- {
			if n.items[i].name == name {
				return &n.items[i]
			}
		}
		return nil
	}
	if n.index == nil {
		n.index = make(map[string]int, len(n.items))
		for i := range n.items {
			n.index[n.items[i].name] = i
		}
	}
	if i, ok := n.index[name]; ok {
		return &n.items[i]
	}
	return nil
}

// size is roughly the length of n as JSON.
func (n *node) size() int {
	if n == nil {
		return 0
	}
	total := len(n.name) + len(n.text) + 1
	for i := range n.items {
		total += n.items[i].size()
	}
	return total
}

// is reports whether n exists and has the kind.
func (n *node) is(k kind) bool { return n != nil && n.kind == k }

// str returns a string's value, "" for anything else.
func (n *node) str() string {
	if n.is(text) {
		return n.text
	}
	return ""
}

// isTrue reports whether n is the boolean true.
func (n *node) isTrue() bool { return n.is(boolean) && n.text == "true" }

// list returns an array's elements, none for anything else.
func (n *node) list() []node {
	if n.is(array) {
		return n.items
	}
	return nil
}

// literal returns a plain value as written, "" for anything else. In YAML, a
// version 1.0 is a number.
func (n *node) literal() string {
	if n.is(text) || n.is(number) || n.is(boolean) {
		return n.text
	}
	return ""
}

// literals returns an array's plain values as written, without empty ones.
func (n *node) literals() (out []string) {
	for _, item := range n.list() {
		if literal := item.literal(); literal != "" {
			out = append(out, literal)
		}
	}
	return out
}

// members yields an object's members in order, none for anything else. A
// repeated name is yielded once, with its last value.
func (n *node) members(yield func(string, *node) bool) {
	if !n.is(object) {
		return
	}
	for i := range n.items {
		if item := &n.items[i]; n.get(item.name) == item && !yield(item.name, item) {
			return
		}
	}
}

// value returns the node as encoding/json decodes it with UseNumber, which
// keeps integers exact.
func (n *node) value() any {
	switch n.kind {
	case boolean:
		return n.text == "true"
	case number:
		return json.Number(n.text)
	case text:
		return n.text
	case array:
		list := make([]any, len(n.items))
		for i := range n.items {
			list[i] = n.items[i].value()
		}
		return list
	case object:
		members := make(map[string]any, len(n.items))
		for i := range n.items {
			members[n.items[i].name] = n.items[i].value()
		}
		return members
	default:
		return nil
	}
}

// Limits of a document, far above every real one: the largest of 9,583 public
// documents has 1.4 million nodes. They keep hostile ones from exhausting
// memory or stack.
const (
	MaxBytes = 50 << 20
	maxNodes = 4_000_000
	maxDepth = 1_000
)

var errTooLarge = errors.New("the document has more values than any real one (4,000,000)")
