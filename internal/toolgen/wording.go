package toolgen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// wording is what a tool says about itself and its arguments.
type wording struct {
	title    string
	sentence string // the published description, without a period
	details  string
	// hint returns the published description of an argument, "" for none; inner
	// that of the schema of a list's items.
	hint  func(a argument) string
	inner func(s *jsonschema.Schema) string
	// brief omits the obvious: a write answers with the updated object, and a
	// single object has the fields of its list.
	brief bool
}

// wordingOf returns the words for an operation. Those of a known tool, or of a
// document written for agents, are used unchanged: the first sentence of a
// description, and the title of an argument. Of others it takes the summary.
func wordingOf(doc *openapi.Document, op *openapi.Operation, bare string, known *tools.Tool) wording {
	foreign := func(a argument) string { return hintOf(a.schema.Description, a.Name, bare) }
	switch {
	case known != nil:
		hints := hintsOfKnown(known)
		return wording{
			title: known.Title, sentence: known.Summary(), details: known.Details, inner: noHint, brief: true,
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
			first += "; " + text.OneLine(trap)
		}
		return wording{
			title: text.OneLine(op.Summary), sentence: first, details: rest, inner: noHint, brief: true,
			hint: func(a argument) string { return text.OneLine(a.schema.Title) },
		}
	}
	title := strings.ToUpper(bare[:1]) + strings.ReplaceAll(bare[1:], "_", " ")
	if len(title) > maxTitle { // words of a path that could pose as a sentence
		title = Name(op.Method, op.Path)
	}
	sentence := summaryOf(op, title)
	if op.Deprecated {
		sentence = "Deprecated. " + sentence
	}
	return wording{
		title: title, sentence: sentence, hint: foreign,
		inner: func(s *jsonschema.Schema) string { return hintOf(s.Description) },
	}
}

func noHint(*jsonschema.Schema) string { return "" }

// hintsOfKnown returns the titles of a known tool's arguments, "" for those
// without one.
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

// MaxDescriptionLength is the longest description that every client passes on
// whole.
const MaxDescriptionLength = 1024

// Bytes of foreign text in a list of tools: of an operation's summary, of an
// argument's description and of a title made from a path.
const (
	maxSummary = 80
	maxHint    = 40
	maxTitle   = 40
)

// clean makes one line of foreign text, without its markup of code.
func clean(s string) string { return text.OneLine(strings.ReplaceAll(s, "`", "")) }

// summaryOf returns what a document says an operation does: its summary, or else
// the first sentence of its description, or else the tool's title.
func summaryOf(op *openapi.Operation, title string) string {
	first, _ := cutSentence(clean(op.Description))
	said := text.ClipWords(strings.TrimRight(cmp.Or(clean(op.Summary), first), ".:"), maxSummary)
	if said == "" {
		return title
	}
	return documentSays + text.Quote(said, maxSummary)
}

// hintOf returns the first sentence of an argument's description where it is
// short and says more than the names do, in quotes. The full schema has the
// description.
func hintOf(description string, names ...string) string {
	first, _ := cutSentence(clean(description))
	if len(first) > maxHint || !slices.ContainsFunc(text.Words(first), func(word string) bool {
		return len(word) > 3 && !strings.Contains(strings.ToLower(strings.Join(names, " ")), strings.TrimSuffix(word, "s"))
	}) {
		return ""
	}
	return text.Quote(first, maxHint)
}

// cutSentence splits prose after its first sentence.
func cutSentence(s string) (first, rest string) {
	first, rest, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(first, "."), rest
}

// withStop ends a sentence with a full stop.
func withStop(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}
