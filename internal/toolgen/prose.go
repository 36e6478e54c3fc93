package toolgen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// MaxDescriptionLength is the longest description that every client passes on
// whole.
const MaxDescriptionLength = 1024

// Bytes of foreign text in a list of tools: of an operation's summary and of an
// argument's description.
const (
	maxSummary = 80
	maxHint    = 40
)

// clean makes one line of foreign text, without its markup of code.
func clean(s string) string { return text.OneLine(strings.ReplaceAll(s, "`", "")) }

// summaryOf returns what a document says an operation does: its summary, or else
// the first sentence of its description, or else the tool's title.
func summaryOf(op *openapi.Operation, title string) string {
	first, _ := cutSentence(clean(op.Description))
	said := cmp.Or(clean(op.Summary), first, title)
	return text.ClipWords(strings.TrimRight(said, ".:"), maxSummary)
}

// hintOf returns the first sentence of an argument's description where it is
// short and says more than the names do. The full schema has the description.
func hintOf(description string, names ...string) string {
	first, _ := cutSentence(clean(description))
	if len(first) > maxHint || !slices.ContainsFunc(text.Words(first), func(word string) bool {
		return len(word) > 3 && !strings.Contains(strings.ToLower(strings.Join(names, " ")), strings.TrimSuffix(word, "s"))
	}) {
		return ""
	}
	return first
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
