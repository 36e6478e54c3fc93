package toolgen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// New makes the catalog of a document: one tool for each operation. Known is a
// catalog whose words and hints are kept for the operations that the document
// shares with it; nil for none.
func New(doc *openapi.Document, known *tools.Catalog) (*tools.Catalog, error) {
	c := &tools.Catalog{API: nameOfAPI(doc.Title), Version: nameOfAPI(doc.Version), Server: doc.Server, ToolsetOrder: toolsetOrder()}
	for _, p := range doc.Problems {
		c.Problems = append(c.Problems, tools.Problem(p))
	}
	ours := byOperation(known)
	operations := once(c, doc.Operations, ours)
	names := namesOf(operations)
	for i := range operations {
		op := &operations[i]
		tool, err := newTool(doc, op, names[i], ours[tools.OperationKey(op.Method, op.Path)])
		if err != nil {
			return nil, fmt.Errorf("tool %s: %w", names[i], err)
		}
		c.Tools = append(c.Tools, *tool)
	}
	order.By(c.Tools, func(a, b tools.Tool) int { return cmp.Compare(a.Name, b.Name) })
	forgetTaken(c)
	c.Unavailable = missing(c, known)
	linkListTools(c)
	return c, nil
}

// once leaves out operations that are ours a second time, under other names of
// parameters: the name that an operator excludes must be the only one.
func once(c *tools.Catalog, all []openapi.Operation, ours map[string]*tools.Tool) (out []openapi.Operation) {
	first := map[string]string{}
	for _, op := range all {
		key := tools.OperationKey(op.Method, op.Path)
		if path := first[key]; path != "" && ours[key] != nil {
			c.Problems = append(c.Problems, tools.Problem{Operation: op.Method + " " + text.Path(op.Path), Reason: "the same operation as " + op.Method + " " + text.Path(path)})
			continue
		}
		first[key] = op.Path
		out = append(out, op)
	}
	return out
}

// byOperation indexes tools by their operations, independent of the names of
// parameters.
func byOperation(c *tools.Catalog) map[string]*tools.Tool {
	index := map[string]*tools.Tool{}
	if c != nil {
		for i := range c.Tools {
			index[tools.OperationKey(c.Tools[i].Method, c.Tools[i].Path)] = &c.Tools[i]
		}
	}
	return index
}

func asksOf(asks []openapi.Ask) (all []tools.Ask) {
	for _, a := range asks {
		all = append(all, tools.Ask(a))
	}
	return all
}

func newTool(doc *openapi.Document, op *openapi.Operation, name string, known *tools.Tool) (*tools.Tool, error) {
	args, paging := page(op, argumentsOf(op))
	path := withArgumentNames(op.Path, args)
	bare := nameOf(op.Method, op.Path)
	words := wordingOf(doc, op, bare, known)
	x := op.Extension
	t := &tools.Tool{
		Name:          name,
		Former:        formerName(op.Method, op.Path),
		Title:         words.title,
		Details:       words.details,
		Hints:         hintsFor(op.Method, op.Path, bare),
		Irreversible:  slices.Contains(irreversible, tools.OperationKey(op.Method, op.Path)),
		Method:        op.Method,
		Path:          path,
		Headers:       headersOf(op),
		Scopes:        scopesOf(op),
		Plan:          cmp.Or(x.Plan, planOf(op.Badges)),
		Since:         x.Since,
		Undo:          x.Undo,
		Asks:          asksOf(x.Asks),
		Deprecated:    op.Deprecated,
		Secrets:       secretPaths(x.Secrets),
		Untrusted:     x.Untrusted,
		OneTimeSecret: x.OneTimeSecret,
		Shown:         x.Shown,
		Covers:        x.Covers,
		IDs:           x.IDs,
		Paging:        paging,
		Accept:        acceptOf(op.AnswerTypes),
		Answer:        answerOf(op.Answer, name),
	}
	if known != nil {
		t.Scopes, t.Since, t.Undo = known.Scopes, known.Since, known.Undo // an instance's prose must not widen what --scopes allows
		t.Plan = cmp.Or(t.Plan, known.Plan)
		t.Secrets, t.Untrusted, t.OneTimeSecret, t.IDs = known.Secrets, known.Untrusted, known.OneTimeSecret, known.IDs
		t.Shown, t.Covers, t.Asks = known.Shown, known.Covers, known.Asks
		keepSince(args, known)
	} else if !doc.Curated {
		t.Untrusted = []string{tools.AllUntrusted}
	}
	for i := range args {
		args[i].Each = args[i].Each || slices.Contains(x.Each, args[i].WireName)
	}
	if t.Patch = patchSchema(x.Patch); known != nil {
		t.Patch = withNewFields(known, t.Answer)
	}
	args = controls(t.Answer, args, paging, t.Hints, op.Answer != nil || t.Hints.ReadOnly, (known != nil || doc.Curated) && refers(op.Answer, t.Answer.List))
	t.Toolset, t.Core = toolsetOf(op.Path)
	t.Description = describe(words, op.Answer, t)
	if op.Body != nil {
		t.BodyType, t.Fields, t.Others = op.Body.ContentType, fieldsOfWhole(op.Body, args), othersOfWhole(op.Body, args)
	}
	var err error
	published := slices.DeleteFunc(slices.Clone(args), func(a argument) bool { return a.schema.Deprecated && !a.Required })
	if t.Schema, err = inputSchema(published, func(a argument) *jsonschema.Schema { return publishedSchema(a, words) }); err != nil {
		return nil, err
	}
	if t.Full, err = inputSchema(args, func(a argument) *jsonschema.Schema { return a.schema }); err != nil {
		return nil, err
	}
	for _, a := range args {
		t.Args = append(t.Args, a.Arg)
	}
	return t, nil
}

func headersOf(op *openapi.Operation) (headers []tools.Header) {
	for _, p := range op.Parameters {
		if p.In == openapi.InHeader {
			headers = append(headers, tools.Header{Name: p.Name, Value: p.Value})
		}
	}
	return headers
}

// inputSchema joins the arguments' schemas in one object.
func inputSchema(args []argument, form func(argument) *jsonschema.Schema) (tools.Schema, error) {
	root := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties()}
	for _, a := range args {
		root.Properties.Set(a.Name, form(a))
		if a.Required {
			root.Required = append(root.Required, a.Name)
		}
	}
	return encode(root)
}

func encode(s *jsonschema.Schema) (tools.Schema, error) {
	encoded, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode the schema: %w", err)
	}
	value := jsontext.Value(encoded)
	if err := value.Compact(jsontext.CanonicalizeRawInts(false)); err != nil {
		return "", fmt.Errorf("compact the schema: %w", err)
	}
	return tools.Schema(value), nil
}

// missing returns the known tools whose operation c lacks.
func missing(c, known *tools.Catalog) (unavailable []tools.Unavailable) {
	if known == nil {
		return nil
	}
	theirs, problems := byOperation(c), map[string]string{}
	for _, p := range slices.Backward(c.Problems) { // of one operation the first counts
		method, path, _ := strings.Cut(p.Operation, " ")
		problems[tools.OperationKey(method, path)] = p.Reason
	}
	for _, t := range known.Tools {
		if key := tools.OperationKey(t.Method, t.Path); theirs[key] == nil {
			unavailable = append(unavailable, tools.Unavailable{
				Name: t.Name, Former: t.Former, Operation: t.Method + " " + t.Path, Since: t.Since, Broken: cmp.Or(problems[key], problems[tools.OperationKey(t.Path, "")]),
			})
		}
	}
	return unavailable
}
