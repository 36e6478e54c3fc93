package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	texts "github.com/retool-mcp/retool-mcp/internal/text"
)

// file is a resource, to whose root a "#" in it leads: the document itself, at
// "", a file that a reference names, at its slash-separated path from the
// document's folder, or a schema with an $id, inside one of them.
type file struct {
	name   string
	root   *node
	err    error    // why it cannot be read
	base   *url.URL // to which its references and $ids are relative
	around *file    // of a schema with an $id: the resource that holds it
}

// placed is a node with its file, to which its references are relative.
type placed struct {
	*node
	in *file
}

func (p placed) get(name string) placed { return placed{p.node.get(name), p.in} }

// reference is a $ref with its file, and target what it leads to, kept since
// most are followed often.
type reference struct {
	from *file
	ref  string
}

type target struct {
	placed
	err error
}

// maxHops limits a chain of references to references.
const maxHops = 32

var errLoop = errors.New("the $ref leads back to itself")

// refOf returns a node's reference, nil for none. A $dynamicRef leads to what
// $ref would: nothing extends an API's schemas from outside.
func refOf(n *node) *node {
	for _, word := range []string{"$ref", "$dynamicRef"} {
		if ref := n.get(word); ref.is(text) {
			return ref
		}
	}
	return nil
}

// follow returns what p refers to, or p itself if it is not a reference.
func (r *reader) follow(p placed) (placed, error) {
	_, p, err := r.trail(p, func(*node) bool { return false })
	return p, err
}

// trail follows references from p to the first node that is none or ends the
// trail, and returns those on the way too.
func (r *reader) trail(p placed, ends func(*node) bool) (way []*node, end placed, err error) {
	for refOf(p.node) != nil && !ends(p.node) {
		if way = append(way, p.node); len(way) > maxHops {
			return nil, placed{}, errLoop
		}
		if p, err = r.hop(p); err != nil {
			return nil, placed{}, err
		}
	}
	return way, p, nil
}

// hop follows one reference.
func (r *reader) hop(p placed) (placed, error) {
	ref := refOf(p.node).text
	key := reference{r.resource(p.node, p.in), ref}
	t, ok := r.targets[key]
	if !ok {
		t.placed, t.err = r.lookUp(ref, key.from)
		r.targets[key] = t
	}
	if t.err != nil {
		return placed{}, fmt.Errorf("$ref %q: %w", ref, t.err)
	}
	return t.placed, nil
}

func (r *reader) lookUp(ref string, from *file) (placed, error) {
	name, fragment, _ := strings.Cut(ref, "#")
	at := from
	if name != "" {
		if at = r.identified(name, from); at == nil {
			var err error
			if at, err = r.file(name, from); err != nil {
				return placed{}, err
			}
		}
	}
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		return placed{}, err
	}
	found, err := r.find(fragment, at)
	// Documents that give a schema an $id often still mean the whole file by "#".
	for around := at.around; err != nil && around != nil; around = around.around {
		if again, failed := r.find(fragment, around); failed == nil {
			return again, nil
		}
	}
	return found, err
}

// file returns the file that a reference names, read at most once. Only files
// below the document's folder are read.
func (r *reader) file(ref string, from *file) (*file, error) {
	if u, err := url.Parse(ref); err != nil || u.Scheme != "" || u.Host != "" {
		return nil, errors.New("references are not followed over the network")
	}
	if r.source.Open == nil {
		return nil, errors.New("references to other files are followed only from a document that is a file itself")
	}
	ref, err := url.PathUnescape(ref)
	if err != nil {
		return nil, err
	}
	name := path.Join(path.Dir(from.name), ref)
	if path.IsAbs(ref) || name == ".." || strings.HasPrefix(name, "../") {
		return nil, errors.New("the file lies outside the document's folder")
	}
	f, ok := r.files[name]
	if !ok {
		f = &file{name: name, base: &url.URL{Scheme: "file", Path: "/" + name}}
		var data []byte
		if data, f.err = r.source.Open(name); f.err == nil {
			f.root, f.err = decode(data)
		}
		if own := resolve(f.root.get("$id").str(), f.base); r.modern && own != nil {
			f.base = own
		}
		r.files[name] = f
	}
	return f, f.err
}

// find follows the part of a reference after "#": a JSON pointer (RFC 6901) or,
// since OpenAPI 3.1, an anchor.
func (r *reader) find(fragment string, in *file) (placed, error) {
	at := placed{in.root, in}
	if fragment == "" || fragment == "/" {
		return at, nil
	}
	if !strings.HasPrefix(fragment, "/") {
		if !r.modern {
			return placed{}, errors.New("only JSON pointers are understood after \"#\"")
		}
		r.index(in)
		if n := r.anchors[reference{in, fragment}]; n != nil {
			return placed{n, in}, nil
		}
		return placed{}, errors.New("there is no such $anchor")
	}
	for token := range strings.SplitSeq(fragment[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		next := at.get(token)
		if at.is(array) {
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(at.items) {
				next.node = &at.items[i]
			}
		}
		if next.node == nil {
			return placed{}, errors.New("there is no such value")
		}
		at = placed{next.node, r.resource(next.node, next.in)}
	}
	return at, nil
}

// decode reads JSON if the text starts like a JSON object or array, else YAML.
func decode(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("larger than %d MB", MaxBytes>>20)
	}
	data, err := texts.Decode(data)
	if err != nil {
		return nil, err
	}
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) == 0:
		return nil, errors.New("the document is empty")
	case trimmed[0] == '{' || trimmed[0] == '[':
		return decodeJSON(trimmed)
	case trimmed[0] == '<':
		return nil, errors.New("this is a web page or XML, not an OpenAPI document")
	default:
		return decodeYAML(data)
	}
}
