package search

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// terms are the words of a text in the form in which they are compared.
func terms(s string) []string {
	words := text.Words(s)
	for i, word := range words {
		words[i] = stem(word)
	}
	return words
}

// endings are removed from a word, the longest first, so that its forms are equal:
// deactivate, deactivated, deactivating, deactivation. What is left of different words
// may be equal too, which costs little in so few texts.
var endings = []struct{ ending, by string }{
	{"ications", "y"},
	{"ication", "y"},
	{"ations", ""},
	{"ation", ""},
	{"ments", ""},
	{"ment", ""},
	{"ities", ""},
	{"ity", ""},
	{"sses", "ss"},
	{"ches", "ch"},
	{"shes", "sh"},
	{"xes", "x"},
	{"ies", "y"},
	{"ied", "y"},
	{"ions", ""},
	{"ings", ""},
	{"ion", ""},
	{"ing", ""},
	{"ers", ""},
	{"ors", ""},
	{"ed", ""},
	{"er", ""},
	{"or", ""},
	{"es", ""},
	{"ss", "ss"},
	{"us", "us"},
	{"is", "is"},
	{"s", ""},
	{"e", ""},
}

// stem returns a lower-case word without its ending.
func stem(word string) string {
	const least = 3 // letters that stay
	for _, e := range endings {
		if base, ok := strings.CutSuffix(word, e.ending); ok && len(base) >= least {
			word = base + e.by
			break
		}
	}
	if base, ok := strings.CutSuffix(word, "at"); ok && len(base) >= least {
		word = base // creat(e), cre(ation)
	}
	if n := len(word); n > least && word[n-1] == word[n-2] && !strings.ContainsRune("sle", rune(word[n-1])) {
		word = word[:n-1] // dropped, drop
	}
	return word
}

// fillers are words of a query that say nothing about an operation.
var fillers = setOf(`a about after again all already also am an and any anybody anyone anything are as at back be because been before being best
	better but by can cannot come could did do does doing done down each every everybody everyone everything few for from get gets getting give gives go goes going had
	has have having he help her here hers him his how i if in into is it its just kind know let like lot made make many may me mine more most much must
	my need needs new no not now of off old on once one only onto or other our ours out over own per please possible put retool right same she should
	so some somebody someone something still such take than thanks that the their theirs them then there these they thing things this those to too
	try under until up us use used using very via want wanted wants was way we were what when where whether which while who whom whose why will
	with within without would yet you your yours s t d m ll re ve don doesn didn hasn haven hadn isn aren wasn weren won wouldn couldn shouldn let`)

// questions are first words of questions.
var questions = setOf(`is are was were do does did has have can could which what who whom whose where when why how list show see view find get look read check
	display any all`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
