package openapi

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/invopop/jsonschema"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

// Source is a document's text and its origin.
type Source struct {
	Data []byte
	// Trusted says that the operator chose the text itself: the embedded document,
	// or a file. Only then do our extensions count.
	Trusted bool
	// Address is the URL that the document was fetched from, "" for a file.
	// Relative server URLs resolve against it.
	Address string
	// Open reads a file that the document refers to, by its slash-separated
	// path from the document's folder. It must refuse to leave that folder. Nil
	// allows no references to files.
	Open func(name string) ([]byte, error)
}

// Document is what tools are made from.
type Document struct {
	// Title and Version are the API's own, from "info".
	Title, Version string
	// Server is the first server's URL, absolute if the document or its address
	// allows, else "".
	Server string
	// Curated documents are written for agents (x-curated) and trusted: their
	// sentences are short and are used unchanged.
	Curated bool
	// Operations are in the document's order.
	Operations []Operation
	// Problems lists the operations that were left out.
	Problems []Problem
	// Files is the number of other files that references needed.
	Files int
}

// Problem says why an operation was left out.
type Problem struct {
	// Operation is the method and path, as "GET /users".
	Operation string
	Reason    string
}

// Operation is one method on one path.
type Operation struct {
	// ID is the operationId, "" in Retool's own documents.
	ID string
	// Method is in upper case.
	Method string
	// Path is the template with parameters in braces, the rest percent-encoded
	// where a request needs that; a trailing slash is kept. Colon-style
	// parameters (/users/:id) are rewritten.
	Path                 string
	Summary, Description string
	Tags                 []string
	Deprecated           bool
	Extension            Extension
	// Badges are the texts of the x-badges extension, which name plans.
	Badges []string
	// Parameters holds all path parameters in the order of the path, then the
	// others in the document's order.
	Parameters []Parameter
	// Body is nil where the operation takes none.
	Body *Body
	// Answer is the schema of the first successful JSON answer, to a limited
	// depth; nil for none.
	Answer *jsonschema.Schema
	// AnswerTypes are the content types of successful answers, in the document's
	// order.
	AnswerTypes []string
}

// Locations of a parameter.
const (
	InPath   = "path"
	InQuery  = "query"
	InHeader = "header"
)

// Parameter is one value in the path or the query, or a required header with one
// possible value.
type Parameter struct {
	Name, In, Description string
	Required              bool
	Schema                *jsonschema.Schema
	// Style and Explode say how arrays and objects are written, with OpenAPI's
	// defaults filled in.
	Style         string
	Explode       bool
	AllowReserved bool
	// JSON values are written as JSON text.
	JSON bool
	// Value is that of a header.
	Value string
	// Since is the first release that knows the parameter (x-since).
	Since string
}

// reader is the state of reading one document.
type reader struct {
	source   Source
	main     *file
	files    map[string]*file
	targets  map[reference]target
	patterns map[string]string // portable forms, "" for none: few repeat often
	spent    [2]int            // schemas converted so far, by direction
	weights  map[*node]int     // bytes that schemas say themselves

	// Since OpenAPI 3.1, schemas are those of JSON Schema 2020-12.
	modern    bool
	resources map[*node]*file     // of schemas with an $id
	ids       map[string]*file    // the same by address
	anchors   map[reference]*node // by resource and name
	indexed   map[*file]bool
	families  families
}

// Read reads a document. An error says what is wrong with the document as a
// whole; faults of single operations are listed in Document.Problems.
func Read(source Source) (*Document, error) {
	doc, err := read(source)
	if err != nil {
		return nil, errors.New(shown(err))
	}
	return doc, nil
}

// shown is an error on one clean line: it may repeat what the document says.
func shown(err error) string {
	const most = 400
	return clean.ClipRunes(clean.OneLine(clean.EscapeInvisible(err.Error())), most)
}

func read(source Source) (*Document, error) {
	root, err := decode(source.Data)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(root); err != nil {
		return nil, err
	}
	r := newReader(source, root)
	doc := &Document{
		Title:   root.get("info").get("title").str(),
		Curated: source.Trusted && root.get("x-curated").isTrue(),
		Version: root.get("info").get("version").literal(),
		Server:  r.server(),
	}
	r.operations(doc)
	doc.Files = len(r.files)
	if len(doc.Operations) == 0 {
		if len(doc.Problems) == 0 {
			return nil, errors.New("the document describes no operation (\"paths\" is missing or empty)")
		}
		p := doc.Problems[0]
		return nil, fmt.Errorf("none of the document's %d operations can be used; the first, %s: %s", len(doc.Problems), p.Operation, p.Reason)
	}
	return doc, nil
}

func newReader(source Source, root *node) *reader {
	main := &file{root: root, base: &url.URL{Scheme: "file", Path: "/"}}
	if address, err := url.Parse(source.Address); err == nil && source.Address != "" {
		main.base = address
	}
	return &reader{
		source: source, main: main, files: map[string]*file{}, targets: map[reference]target{}, patterns: map[string]string{}, weights: map[*node]int{},
		modern:    !strings.HasPrefix(root.get("openapi").text, "3.0"),
		resources: map[*node]*file{}, ids: map[string]*file{}, anchors: map[reference]*node{}, indexed: map[*file]bool{},
		families: families{map[*file]bool{}, map[*node][]placed{}, map[*node]string{}, map[*node]*discriminator{}},
	}
}

func checkVersion(root *node) error {
	version := root.get("openapi")
	switch {
	case !root.is(object):
		return errors.New("not an OpenAPI document: the text is " + root.kind.String() + ", not an object")
	case root.get("swagger") != nil:
		return errors.New("a Swagger 2.0 document: convert it to OpenAPI 3 first")
	case version == nil:
		return errors.New("not an OpenAPI document: it has no \"openapi\" field")
	case !strings.HasPrefix(version.text, "3."):
		return fmt.Errorf("OpenAPI version %q is not supported, only 3.x", version.text)
	}
	return nil
}

// server resolves the first server's URL with its variables' defaults.
func (r *reader) server() string {
	servers := r.main.root.get("servers").list()
	if len(servers) == 0 {
		return ""
	}
	raw := servers[0].get("url").str()
	servers[0].get("variables").members(func(name string, v *node) bool {
		raw = strings.ReplaceAll(raw, "{"+name+"}", v.get("default").literal())
		return true
	})
	u, err := url.Parse(raw)
	if err != nil || strings.ContainsAny(raw, "{}") {
		return ""
	}
	if base, err := url.Parse(r.source.Address); err == nil && r.source.Address != "" {
		u = base.ResolveReference(u)
	}
	if u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}
