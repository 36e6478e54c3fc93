package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// file is one file of a document: the document itself, at "", or one that a
// reference names, at its slash-separated path from the document's folder.
type file struct {
	name string
	root *node
	err  error // why it cannot be read
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
	id  string // the same for all references to it
	err error
}

// maxHops limits a chain of references to references.
const maxHops = 32

// follow returns what p refers to, or p itself if it is not a reference, and
// the reference's identity, "" for none.
func (r *reader) follow(p placed) (placed, string, error) {
	id := ""
	for range maxHops {
		ref := p.get("$ref")
		if !ref.is(text) {
			return p, id, nil
		}
		key := reference{p.in, ref.text}
		t, ok := r.targets[key]
		if !ok {
			t = r.lookUp(ref.text, p.in)
			r.targets[key] = t
		}
		if t.err != nil {
			return placed{}, "", fmt.Errorf("$ref %q: %w", ref.text, t.err)
		}
		p, id = t.placed, t.id
	}
	return placed{}, "", errors.New("the $ref leads back to itself")
}

func (r *reader) lookUp(ref string, from *file) (t target) {
	name, pointer, _ := strings.Cut(ref, "#")
	at := from
	if name != "" {
		if at, t.err = r.file(name, from); t.err != nil {
			return t
		}
	}
	if pointer, t.err = url.PathUnescape(pointer); t.err != nil {
		return t
	}
	t.id, t.in = at.name+"#"+pointer, at
	t.node, t.err = at.root.at(pointer)
	return t
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
		f = &file{name: name}
		var data []byte
		if data, f.err = r.source.Open(name); f.err == nil {
			f.root, f.err = decode(data)
		}
		r.files[name] = f
	}
	return f, f.err
}

// at follows a JSON pointer (RFC 6901).
func (n *node) at(pointer string) (*node, error) {
	if pointer == "" || pointer == "/" {
		return n, nil
	}
	if !strings.HasPrefix(pointer, "/") {
		return nil, errors.New("only JSON pointers are understood after \"#\"")
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		next := n.get(token)
		if n.is(array) {
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.items) {
				next = &n.items[i]
			}
		}
		if next == nil {
			return nil, errors.New("there is no such value")
		}
		n = next
	}
	return n, nil
}

// decode reads JSON if the text starts like a JSON object or array, else YAML.
func decode(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("larger than %d MB", MaxBytes>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
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
