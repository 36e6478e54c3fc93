package result

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// How a write went is never left out of its brief answer.
var (
	// outcomes are beginnings of words in names that say how a write went, and in
	// texts that say that it failed, in part.
	outcomes = []string{"success", "succeed", "error", "warn", "fail", "skip", "partial", "reject", "invalid", "missing", "diagnostic", "problem", "conflict", "denied"}
	// remarks are last words of names that can say how a write went.
	remarks = []string{"note", "notes", "notice", "message", "messages", "status", "statuses", "reason", "reasons", "result", "outcome"}
)

// tellsOutcome tells whether a text has a word that says how a write went.
func tellsOutcome(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return word == "ok" || slices.ContainsFunc(outcomes, func(start string) bool { return strings.HasPrefix(word, start) })
	})
}

// isOutcome tells whether a field of that name says how a write went.
func isOutcome(name string) bool {
	words := text.Words(name)
	return tellsOutcome(words) || len(words) > 0 && slices.Contains(remarks, words[len(words)-1])
}

// reports tells whether a value that would be left out says how a write went: within
// an object any field for that does, and within a list, where every item can have a
// status, one that names an outcome.
func reports(v *jsonvalue.Value, listed bool) bool {
	listed = listed || v.Kind == jsonvalue.List
	for i := range v.Parts {
		part := &v.Parts[i]
		if v.Kind == jsonvalue.Object && isOutcome(v.Names[i]) && len(part.Parts)+len(part.Text) > 0 && part.Kind != jsonvalue.Null &&
			(!listed || tellsOutcome(text.Words(v.Names[i])) || tellsOutcome(text.Words(part.Text))) {
			return true
		}
		if reports(part, listed) {
			return true
		}
	}
	return false
}
