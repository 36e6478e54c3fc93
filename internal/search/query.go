package search

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// slot is a part of a query: each of its alternatives is a set of terms.
type slot struct {
	own          string // the term itself, "" for a phrase
	alternatives [][]string
}

// variableName matches what only configuration variables are called: API_BASE_URL.
var variableName = text.Pattern(`\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b`)

// parse splits a query into slots: the longest phrases that have a meaning, and the
// other words that have one.
func (r *ranking) parse(query string) (slots []slot) {
	const most = 60
	rest := variableName().ReplaceAllStringFunc(query, func(name string) string {
		if slices.ContainsFunc(r.docs, func(d document) bool { return strings.EqualFold(d.name, name) }) {
			return name
		}
		return " "
	})
	if rest != query {
		slots = append(slots, slot{alternatives: [][]string{terms("configuration variable")}})
	}
	words := text.Words(rest)
	words = words[:min(len(words), most)]
	if len(words) > 1 && questions[words[0]] && slices.Contains(words[1:], "can") { // which apps can they open
		slots = append(slots, slot{alternatives: [][]string{terms("list access")}})
	}
	stems := make([]string, len(words))
	for i, word := range words {
		stems[i] = stem(word)
	}
	known := meanings()
	for i := 0; i < len(words); {
		n := min(longestPhrase, len(words)-i)
		for ; n > 1; n-- {
			if mean := known[strings.Join(stems[i:i+n], " ")]; mean != nil {
				slots = append(slots, slot{alternatives: mean})
				break
			}
		}
		if n <= 1 {
			n = 1
			if mean := known[stems[i]]; mean != nil || !fillers[words[i]] {
				term := stems[i]
				if mean == nil && r.rarity[term] == 0 {
					term = r.nearest(term, known)
					mean = known[term]
				}
				slots = append(slots, slot{own: term, alternatives: mean})
			}
		}
		i += n
	}
	return slots
}

// nearest is the term that a misspelled one means, or itself.
func (r *ranking) nearest(term string, known map[string][][]string) string {
	const short, long = 5, 8
	allowed := 1
	switch {
	case len(term) < short || len(term) > 40:
		return term
	case len(term) >= long:
		allowed = 2
	}
	best, distance := term, allowed+1
	try := func(candidate string) {
		if len(candidate) < short-1 || candidate[0] != term[0] {
			return
		}
		if n := levenshtein.ComputeDistance(term, candidate); n < distance || n == distance && candidate < best {
			best, distance = candidate, n
		}
	}
	for candidate := range r.rarity {
		try(candidate)
	}
	for candidate := range known {
		try(candidate)
	}
	if distance > allowed {
		return term
	}
	return best
}

// asks tells whether a query is a question rather than an order: it has no verb of a
// write, and no word that could be one that nobody thought of.
func (r *ranking) asks(query string, slots []slot) bool {
	words := text.Words(query)
	if slices.ContainsFunc(slots, r.writes) || len(words) == 0 {
		return false
	}
	return questions[words[0]] || !slices.ContainsFunc(slots, func(s slot) bool { return s.alternatives == nil && r.rarity[s.own] == 0 })
}

// writes tells whether a part of a query is a verb of writes.
func (r *ranking) writes(s slot) bool {
	return r.verbs[s.own] || slices.ContainsFunc(s.alternatives, func(terms []string) bool { return r.verbs[terms[0]] })
}
