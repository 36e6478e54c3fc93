package tools

import (
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// wording is what a tool says of itself and of its arguments.
type wording struct {
	title    string
	sentence string // what the list shows, without a full stop
	details  string
	// hint returns what the list says of an argument, "" for nothing.
	hint func(a argument) string
}

// wordingOf finds the words for an operation. Those of a document made for
// agents, or of a known tool, are taken as they are; others are cut down by
// rules to what the names do not say.
func wordingOf(doc *openapi.Document, op *openapi.Operation, bare string, known *Tool) wording {
	byRule := func(a argument) string { return hintOf(a.schema.Description, a.Name, bare, op.Summary) }
	switch {
	case known != nil:
		hints := hintsOfKnown(known)
		return wording{title: known.Title, sentence: known.FirstSentence(), details: known.Details, hint: func(a argument) string {
			if hint, ok := hints[a.Name]; ok {
				return hint
			}
			return byRule(a)
		}}
	case doc.Curated:
		first, rest := cutSentence(clean(op.Description))
		if trap := op.Extension.Trap; trap != "" {
			first += "; " + trap
		}
		return wording{title: op.Summary, sentence: first, details: rest, hint: func(a argument) string {
			return strings.TrimSuffix(clean(a.schema.Description), ".")
		}}
	}
	title := upperFirst(strings.ReplaceAll(bare, "_", " "))
	sentence := summaryOf(title, op.Summary, op.Description)
	if op.Deprecated {
		sentence = "Deprecated. " + sentence
	}
	return wording{title: title, sentence: sentence, hint: byRule}
}

// cutSentence splits prose behind its first sentence.
func cutSentence(s string) (first, rest string) {
	list := strings.SplitN(sentenceEnd().ReplaceAllString(s, "$1\x00$2"), "\x00", 2)
	if len(list) == 2 {
		rest = strings.ReplaceAll(list[1], "\x00", " ")
	}
	return strings.TrimRight(list[0], ". "), rest
}

// hintsOfKnown returns what a known tool says of each of its arguments, "" for
// those of which it says nothing.
func hintsOfKnown(t *Tool) map[string]string {
	var schema struct {
		Properties map[string]struct {
			Description string `json:"description"`
		} `json:"properties"`
	}
	hints := map[string]string{}
	if json.Unmarshal(t.Full, &schema) != nil {
		return hints
	}
	for name, p := range schema.Properties {
		hints[name] = strings.TrimSuffix(p.Description, ".")
	}
	return hints
}
