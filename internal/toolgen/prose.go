package toolgen

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// MaxDescriptionLength is the longest description that every client passes on whole.
const MaxDescriptionLength = 1024

var (
	markdownLink = lazyRegexp(`\[([^\]]*)\]\([^)]*\)`)
	address      = lazyRegexp(`https?://\S+`)
	sentenceEnd  = lazyRegexp(`([.!?])\s+(\p{Lu})`)
	// noise are sentences that an agent has no use for: since when and on which
	// plan (the instance's own document decides what exists), how to apply for a
	// beta, and the scope, which has its own place.
	noise = lazyRegexp(`(?i)^(available (on|from|for)|requires (the|admin)\b|fill out|see\b|note: |if\b|follow\b)|\binstead\b|\bdeprecated\b|\bscopes?\b|on-?prem\b`)
	// filler is what a sentence can lose without losing meaning.
	filler = lazyRegexp(`(?i)^(note: )?(this (endpoint|operation|api) )?|,? (and|then) returns? [^.]*|\b(the )?specified |\bgiven |\bcurrently |` +
		` (for|in|of|on|to|from) (the |your |an |)organization( or space)?\b|\bnew `)
)

var (
	listing = lazyRegexp(`(?i)^(returns|gets?|retrieves|lists?) (a |an |the |all )?((paginated )?list of )(all |the )*`)
	aside   = lazyRegexp(` \([^()]*\)`)
)

// echo says in a second sentence what the line on the answer says better.
var echo = lazyRegexp(`(?i)^(returns|deprecated)\b`)

// sentences splits prose, cleaned of links and markup.
func sentences(s string) []string {
	s = markdownLink().ReplaceAllString(s, "$1")
	s = strings.ReplaceAll(text.OneLine(s), "`", "")
	s = sentenceEnd().ReplaceAllString(s, "$1\x00$2")
	return strings.Split(s, "\x00")
}

// summaryOf returns one or two sentences on what an operation does.
func summaryOf(title, summary, description string) string {
	kept := slices.DeleteFunc(sentences(description), func(s string) bool {
		return s == "" || noise().MatchString(s) || address().MatchString(s)
	})
	if len(kept) > 1 && echo().MatchString(kept[1]) {
		kept = slices.Delete(kept, 1, 2)
	}
	if len(kept) == 0 {
		kept = sentences(summary)
	}
	out := strings.TrimSpace(filler().ReplaceAllString(listing().ReplaceAllString(kept[0], "List "), ""))
	if len(out) > maxSummary {
		out = aside().ReplaceAllString(out, "")
	}
	if !news(out, title) {
		out = title
	}
	if len(kept) > 1 && len(out)+len(kept[1]) < maxSummary && news(kept[1], title, out) {
		out = stop(out) + " " + kept[1]
	}
	if short := clause(out, maxSummary); len(text.Words(short)) > 3 {
		out = short
	}
	return upperFirst(text.ClipWords(strings.TrimRight(out, ".:"), maxSummary))
}

const maxSummary = 80

func stop(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

func upperFirst(s string) string {
	for i, c := range s {
		return string(unicode.ToUpper(c)) + s[i+len(string(c)):]
	}
	return s
}

// weak are words that add nothing to a name.
var weak = sync.OnceValue(func() (stems []string) {
	for w := range strings.FieldsSeq(`a about all an and any apply are array as associated at be been being boolean by can
		configured create created current data date delete do does each enabled existing fetch field for from get given gets has have how
		id identifier identifies identify if in include includes interest is it item items its level list maximum message modified
		new not object of on one only operations optional or organization page paginated per provided range remove replace required
		requires response retool retrieve retrieves return returns s select selected set should single some specific specified
		specifies specify string text that the their then these they this those time to type unique uniquely update updates us use
		used user uuid value was what when whether which whose will with within you your number`) {
		stems = append(stems, stem(w))
	}
	return stems
})

// hintOf returns the part of a field's description that tells more than the
// field's own name and its surroundings do, or "".
func hintOf(description string, known ...string) string {
	list := sentences(description)
	if len(list) == 0 || list[0] == "" {
		return ""
	}
	first := strings.TrimSpace(address().ReplaceAllString(list[0], ""))
	hint := strings.TrimRight(clause(first, maxHint), ".:")
	if len(text.Words(hint)) < 3 && hint != first || !news(hint, known...) {
		return ""
	}
	return hint
}

// A clause that adds to the one before it starts like this. What goes on after
// "that" or "of" is part of the meaning and is not cut off.
var clauseStart = lazyRegexp(`[,;:.] | \(| (as|based|if|unless|used|when|where|which|who)\b`)

// clause returns s cut before a clause so that it fits limit bytes and still
// reads whole, or "" if it has no such place.
func clause(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := 0
	for _, at := range clauseStart().FindAllStringIndex(s[:limit], -1) {
		cut = at[0]
	}
	return s[:cut]
}

// news reports whether a text has a word of weight that known has not.
func news(said string, known ...string) bool {
	own := slices.Clone(weak())
	for _, k := range known {
		for _, w := range text.Words(k) {
			own = append(own, stem(w))
		}
	}
	return slices.ContainsFunc(text.Words(said), func(w string) bool { return !slices.Contains(own, stem(w)) })
}

// stem cuts a word's grammatical ending, roughly.
func stem(w string) string {
	w = singular(w)
	for _, end := range []string{"ing", "ed", "e"} {
		if s, ok := strings.CutSuffix(w, end); ok && len(s) > 2 {
			return s
		}
	}
	return w
}

const maxHint = 48
