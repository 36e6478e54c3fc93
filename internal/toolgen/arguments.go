package toolgen

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools"
)

// argument is one argument while its tool is made, with the full schema of its
// value.
type argument struct {
	tools.Arg
	schema *jsonschema.Schema
	// note is what a document need not say of the value, in our own words.
	note string
}

// argumentsOf puts path, query and the fields of a JSON or form body into one
// flat list. Where names collide, or the body is not a plain object, the body
// is one argument.
func argumentsOf(op *openapi.Operation) []argument {
	var args []argument
	taken, tried := map[string]bool{}, map[string]int{}
	add := func(a argument) {
		bare := a.Name
		for taken[a.Name] {
			tried[bare]++
			n := tried[bare]
			end := strings.TrimSuffix("_"+string(a.In)+"_"+strconv.Itoa(n), "_1")
			a.Name = bare[:min(len(bare), maxArgumentName-len(end))] + end
		}
		taken[a.Name] = true
		args = append(args, a)
	}
	for _, p := range op.Parameters {
		if p.In == openapi.InHeader {
			continue
		}
		add(argument{
			Arg: tools.Arg{
				Name: argumentName(p.Name), WireName: p.Name, In: tools.ArgLocation(p.In), Required: p.Required,
				Style: p.Style, Explode: p.Explode, Reserved: p.AllowReserved, JSON: p.JSON, Since: p.Since,
			},
			schema: described(p.Schema, p.Description),
		})
	}
	if op.Body == nil {
		return args
	}
	fields, apart := fieldsOf(op.Body)
	if !apart || slices.ContainsFunc(fields, func(f argument) bool { return taken[f.Name] }) {
		add(wholeBody(op.Body, fields))
		fields = nil
	}
	for _, f := range fields {
		add(f)
	}
	for _, name := range undeclared[tools.OperationKey(op.Method, op.Path)] {
		if len(fields) > 0 && !taken[name] {
			null := []*jsonschema.Schema{{Type: "string"}, {Type: "null"}}
			add(argument{Arg: tools.Arg{Name: name, WireName: name, In: tools.InBody}, schema: &jsonschema.Schema{AnyOf: null}})
		}
	}
	return args
}

// undeclared are body fields that Retool's own clients send and real instances
// accept, although no document declares them.
var undeclared = map[string][]string{
	"POST /resources": {"folder_id"},
}

const maxArgumentName = 64

// argumentName makes a name that clients accept: ^[a-zA-Z0-9_.-]{1,64}$. Other
// characters become an underscore between those that stay.
func argumentName(wire string) string {
	other := func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("_.-", c)
	}
	name := strings.Join(strings.FieldsFunc(wire, other), "_")
	if name == "" {
		name = "value_" + hashOf("", wire)
	}
	if len(name) > maxArgumentName {
		name = name[:maxArgumentName-6] + "_" + hashOf("", wire)
	}
	return name
}

// withArgumentNames writes the names of arguments into a path, in place of the
// document's names for them, which can be any text and are sent only in the style
// "matrix".
func withArgumentNames(path string, args []argument) string {
	var names []string
	for i := range args {
		if a := &args[i]; a.In == tools.InPath {
			names = append(names, "{"+a.WireName+"}", "{"+a.Name+"}")
			if a.Style != "matrix" {
				a.WireName = a.Name
			}
		}
	}
	return strings.NewReplacer(names...).Replace(path)
}

// sinceOf returns the first release that knows a field, "" for all.
func sinceOf(s *jsonschema.Schema) string {
	since, _ := s.Extras[openapi.SinceKeyword].(string)
	return since
}

// keepSince marks the arguments of an instance's document that not every release
// has, and those that may be lists of values.
func keepSince(args []argument, known *tools.Tool) {
	for _, a := range known.Args {
		if i := slices.IndexFunc(args, func(b argument) bool { return b.Name == a.Name }); i >= 0 {
			args[i].Since, args[i].Each = a.Since, a.Each
		}
	}
}

// described returns s with a description if it has none.
func described(s *jsonschema.Schema, description string) *jsonschema.Schema {
	if s.Description == "" && description != "" {
		copied := *s
		copied.Description = description
		return &copied
	}
	return s
}
