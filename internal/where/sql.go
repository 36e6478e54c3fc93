package where

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// inSQL are what tokens become that mean one thing in SQL and no other here: ('a', 'b')
// after in, like '%x%', interval '90 days' and functions in other case.
func inSQL(tokens []lexer.Token, source []rune) map[int]string {
	instead := map[int]string{}
	for i, t := range tokens[:len(tokens)-1] { // the last is the end
		next := tokens[i+1]
		switch word := strings.ToLower(t.Value); {
		case i > 0 && tokens[i-1].Is(lexer.Operator, ".", "?."):
		case t.Kind == lexer.String || t.Kind == lexer.Number:
		case word == "in" && next.Is(lexer.Bracket, "("):
			if end := listEnd(tokens, i+1); end > 0 {
				instead[i+1], instead[end] = "[", "]"
			}
		case t.Kind != lexer.Identifier:
		case (word == "like" || word == "ilike") && next.Kind == lexer.String:
			instead[i], instead[i+1] = "matches", strconv.Quote(likePattern(next.Value, word == "ilike"))
		case (word == "regexp" || word == "rlike") && next.Kind == lexer.String:
			instead[i] = "matches"
		case word == "interval" && next.Kind == lexer.String:
			instead[i], instead[i+1] = "duration", "("+string(source[next.From:next.To])+")"
		case next.Is(lexer.Bracket, "("):
			for name := range functions {
				if strings.EqualFold(name, strings.ReplaceAll(word, "_", "")) {
					instead[i] = name
				}
			}
		}
	}
	return instead
}

// withoutDoubledQuotes escapes quotes that are doubled, as SQL has them: nowhere else do two texts
// follow each other.
func withoutDoubledQuotes(expression string) string {
	tokens, err := lexer.Lex(file.NewSource(expression))
	if err != nil {
		return expression
	}
	source := []rune(expression)
	for i := len(tokens) - 2; i >= 0; i-- {
		t, next := tokens[i], tokens[i+1]
		if t.Kind == lexer.String && next.Kind == lexer.String && t.To == next.From && source[t.From] == source[next.From] && source[t.From] != '`' {
			source[t.To-1] = '\\'
		}
	}
	return string(source)
}

// listEnd is where the list ends that begins at a bracket, 0 if it is none: it has
// commas, or holds a single text or number.
func listEnd(tokens []lexer.Token, begin int) int {
	depth, commas := 0, false
	for i := begin; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.Is(lexer.Bracket, "(", "[", "{"):
			depth++
		case t.Is(lexer.Bracket):
			depth--
		case t.Is(lexer.Operator, ","):
			commas = commas || depth == 1
		}
		if depth > 0 {
			continue
		}
		single := i == begin+2 && (tokens[begin+1].Kind == lexer.String || tokens[begin+1].Kind == lexer.Number)
		if commas || single {
			return i
		}
		return 0
	}
	return 0
}

// likePattern is the regular expression of a pattern with % and _.
func likePattern(pattern string, ignoreCase bool) string {
	flags := "(?s)^"
	if ignoreCase {
		flags = "(?is)^"
	}
	return flags + strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(pattern)) + "$"
}
