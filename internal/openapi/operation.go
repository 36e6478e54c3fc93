package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

// methods are the path item members that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func (r *reader) operations(doc *Document) {
	seen := map[string]string{} // paths as the document writes them, by method and path
	r.main.root.get("paths").members(func(path string, item *node) bool {
		if strings.HasPrefix(path, "x-") {
			return true
		}
		target, err := r.follow(placed{item, r.main})
		if err == nil && !target.is(object) {
			err = errors.New("the path item is not an object")
		}
		if err != nil {
			doc.Problems = append(doc.Problems, Problem{clean.Path(path), shown(err)})
			return true
		}
		target.members(func(method string, op *node) bool {
			if !slices.Contains(methods, method) {
				return true
			}
			operation, err := r.operation(strings.ToUpper(method), path, target, placed{op, target.in})
			if err == nil && seen[operation.Method+operation.Path] != "" {
				err = fmt.Errorf("the same operation as %s %s", operation.Method, clean.Path(seen[operation.Method+operation.Path]))
			}
			if err != nil {
				doc.Problems = append(doc.Problems, Problem{strings.ToUpper(method) + " " + clean.Path(path), shown(err)})
			} else {
				seen[operation.Method+operation.Path] = path
				doc.Operations = append(doc.Operations, *operation)
			}
			return true
		})
		return true
	})
}

func (r *reader) operation(method, path string, item, op placed) (*Operation, error) {
	if !op.is(object) {
		return nil, errors.New("the operation is not an object")
	}
	path, err := template(path)
	if err != nil {
		return nil, err
	}
	out := &Operation{
		Method:      method,
		Path:        path,
		ID:          op.node.get("operationId").str(),
		Extension:   r.extension(op.node),
		Summary:     op.node.get("summary").str(),
		Description: op.node.get("description").str(),
		Deprecated:  op.node.get("deprecated").isTrue(),
		Tags:        op.node.get("tags").literals(),
	}
	for _, badge := range op.node.get("x-badges").list() {
		if label := badge.get("label").str(); label != "" {
			out.Badges = append(out.Badges, label)
		}
	}
	if out.Parameters, err = r.parameters(path, item.get("parameters"), op.get("parameters")); err != nil {
		return nil, err
	}
	if out.Body, err = r.body(op.get("requestBody")); err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	out.Answer, out.AnswerTypes = r.answer(op.get("responses"))
	return out, nil
}

// parameters joins the two levels, of which the operation's own takes
// precedence. Undeclared path parameters are strings.
func (r *reader) parameters(path string, levels ...placed) ([]Parameter, error) {
	declared := map[[2]string]Parameter{}
	var others [][2]string
	for _, level := range levels {
		own := map[[2]string]bool{}
		for i := range level.list() {
			p, err := r.parameter(placed{&level.items[i], level.in})
			if err != nil {
				return nil, err
			}
			key := [2]string{p.In, p.Name}
			if p.In == InHeader {
				key[1] = strings.ToLower(p.Name)
			}
			if p.In == "" || own[key] {
				continue
			}
			if _, again := declared[key]; !again && p.In != InPath {
				others = append(others, key)
			}
			own[key], declared[key] = true, *p
		}
	}
	var out []Parameter
	for _, match := range braceParameter().FindAllStringSubmatch(path, -1) {
		p, ok := declared[[2]string{InPath, match[1]}]
		if !ok {
			p = Parameter{Name: match[1], In: InPath, Style: "simple", Schema: &jsonschema.Schema{Type: "string"}}
		}
		p.Required = true
		if !slices.ContainsFunc(out, func(o Parameter) bool { return o.Name == p.Name }) {
			out = append(out, p)
		}
	}
	for _, name := range others {
		out = append(out, declared[name])
	}
	return out, nil
}

// parameter reads one parameter. Optional headers and cookies are left to the HTTP
// client and returned with an empty In. Required ones make the operation unusable,
// except a header with one possible value.
func (r *reader) parameter(at placed) (*Parameter, error) {
	at, err := r.follow(at)
	if err != nil {
		return nil, fmt.Errorf("parameter: %w", err)
	}
	p := &Parameter{
		Name:          at.node.get("name").str(),
		In:            at.node.get("in").str(),
		Description:   at.node.get("description").str(),
		Required:      at.node.get("required").isTrue(),
		Style:         at.node.get("style").str(),
		AllowReserved: at.node.get("allowReserved").isTrue(),
		Since:         r.since(at.node),
	}
	if p.Name == "" {
		return nil, errors.New("a parameter has no name")
	}
	switch p.In {
	case InPath, InQuery:
	case "header", "cookie":
		standard := slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Name))
		if !p.Required || standard {
			return &Parameter{}, nil
		}
		if p.Schema, err = r.convert(at.get("schema"), request); err == nil && p.In == InHeader {
			p.Value = onlyValue(p.Schema)
		}
		if p.Value == "" || !settable(p.Name, p.Value) {
			return nil, fmt.Errorf("it needs the %s parameter %q, which is not supported", p.In, p.Name)
		}
		return p, nil
	default:
		return nil, fmt.Errorf("parameter %q is \"in\" neither path nor query", p.Name)
	}
	p.Style = cmp.Or(p.Style, map[string]string{InPath: "simple", InQuery: "form"}[p.In])
	p.Explode = p.Style == "form"
	if e := at.node.get("explode"); e.is(boolean) {
		p.Explode = e.isTrue()
	}
	schema := at.get("schema")
	if content := at.node.get("content"); schema.node == nil && content.is(object) && len(content.items) > 0 {
		schema, p.JSON = placed{content.items[0].get("schema"), at.in}, clean.MediaType(content.items[0].name) != "text/plain"
	}
	if p.Schema, err = r.convert(schema, request); err != nil {
		return nil, fmt.Errorf("parameter %q: %w", p.Name, err)
	}
	return p, nil
}

// answer reads the schema of the first successful JSON answer, and the content
// types of all. Errors in it do not affect the operation, since answers only
// inform.
func (r *reader) answer(responses placed) (schema *jsonschema.Schema, types []string) {
	responses.members(func(status string, item *node) bool {
		if !strings.HasPrefix(status, "2") {
			return true
		}
		at, err := r.follow(placed{item, responses.in})
		if err != nil {
			return true
		}
		content := at.get("content")
		content.members(func(name string, _ *node) bool {
			if name, err := mediaType(name); err == nil && !slices.Contains(types, name) {
				types = append(types, name)
			}
			return len(types) < mostAnswerTypes
		})
		contentType, media, _ := pickMedia(content)
		if schema != nil || mediaRank(contentType) < 5 {
			return true
		}
		if converted, err := r.convert(media.get("schema"), response); err == nil {
			schema = converted
		}
		return true
	})
	return schema, types
}

// mostAnswerTypes bounds the content types that are kept of an answer.
const mostAnswerTypes = 10
