package toolgen

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// wording is what a tool says of itself and of its arguments.
type wording struct {
	title    string
	sentence string // what the list shows, without a full stop
	details  string
	// hint returns what the list says of an argument, "" for nothing; inner
	// what it says of the schema of a list's items.
	hint  func(a argument) string
	inner func(s *jsonschema.Schema) string
	// brief leaves out what goes without saying: that a write answers with the
	// object as it is then, and that one object has the fields of the list.
	brief bool
}

// wordingOf finds the words for an operation. Those of a document made for
// agents, or of a known tool, are taken as they are: the list shows the first
// sentence of a description, and of an argument its title. Others are cut down
// by rules to what the names do not say.
func wordingOf(doc *openapi.Document, op *openapi.Operation, bare string, known *tools.Tool) wording {
	foreign := func(a argument) string { return hintOf(a.schema.Description, a.Name, bare) }
	switch {
	case known != nil:
		hints := hintsOfKnown(known)
		return wording{
			title: known.Title, sentence: known.Summary(), details: known.Details, inner: nothing, brief: true,
			hint: func(a argument) string {
				if hint, ok := hints[a.Name]; ok {
					return hint
				}
				return foreign(a)
			},
		}
	case doc.Curated:
		first, rest := cutSentence(text.OneLine(op.Description))
		if trap := op.Extension.Trap; trap != "" {
			first += "; " + trap
		}
		return wording{
			title: op.Summary, sentence: first, details: rest, inner: nothing, brief: true,
			hint: func(a argument) string { return text.OneLine(a.schema.Title) },
		}
	}
	title := upperFirst(strings.ReplaceAll(bare, "_", " "))
	sentence := summaryOf(op, title)
	if op.Deprecated {
		sentence = "Deprecated. " + sentence
	}
	return wording{
		title: title, sentence: sentence, hint: foreign,
		inner: func(s *jsonschema.Schema) string { return hintOf(s.Description) },
	}
}

func nothing(*jsonschema.Schema) string { return "" }

// hintsOfKnown returns the short forms, which stand in titles, of what a known
// tool says of its arguments, "" for those of which it says nothing.
func hintsOfKnown(t *tools.Tool) map[string]string {
	var schema struct {
		Properties map[string]struct {
			Title string `json:"title"`
		} `json:"properties"`
	}
	hints := map[string]string{}
	if json.Unmarshal([]byte(t.Full), &schema) != nil {
		return hints
	}
	for name, p := range schema.Properties {
		hints[name] = p.Title
	}
	return hints
}
