package where

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// ours are spellings of other languages that mean one thing only.
var ours = map[string]string{
	"AND": "and", "OR": "or", "NOT": "not", "IN": "in", "CONTAINS": "contains", "MATCHES": "matches",
	"NULL": "nil", "null": "nil", "None": "nil", "undefined": "nil",
	"TRUE": "true", "True": "true", "FALSE": "false", "False": "false",
	"=": "==", "===": "==", "!==": "!=", "<>": "!=",
	"IS NULL": "== nil", "IS NOT NULL": "!= nil", "IS TRUE": "== true", "IS NOT TRUE": "!= true", "IS FALSE": "== false", "IS NOT FALSE": "!= false",
	"CURRENT_TIMESTAMP": "now()",
}

// spellings say what to write instead of others.
var spellings = map[string]string{
	"LIKE": likeHint, "like": likeHint, "ILIKE": likeHint, "ilike": likeHint,
	"startswith": "write startsWith", "endswith": "write endsWith", "starts_with": "write startsWith", "ends_with": "write endsWith", "includes": "write contains",
	"BETWEEN": betweenHint, "between": betweenHint,
	"is": "write == or !=", "IS": "write == or !=",
	"for": "write any(groups, .name == 'admin')",
	"has": "write contains", "eq": "write ==", "ne": "write !=",
}

const (
	likeHint    = "write x contains 'y', x startsWith 'y', x endsWith 'y' or x matches '^a.*z$'; lower(x) ignores case"
	betweenHint = "write x >= 1 and x <= 5"
)

// inOurSpelling replaces the spellings of other languages outside texts. What cannot be
// read is left to the parser.
func inOurSpelling(expression string) string {
	expression = withoutDoubledQuotes(expression)
	tokens, err := lexer.Lex(file.NewSource(expression))
	if err != nil {
		return expression
	}
	source := []rune(expression)
	sql := inSQL(tokens, source)
	var out strings.Builder
	done := 0
	for i := 0; i < len(tokens); i++ {
		if instead, ok := sql[i]; ok {
			out.WriteString(string(source[done:tokens[i].From]) + instead)
			done = tokens[i].To
			continue
		}
		if t := tokens[i]; t.Kind != lexer.Identifier && t.Kind != lexer.Operator || i > 0 && tokens[i-1].Is(lexer.Operator, ".", "?.") {
			continue
		}
		for n := min(3, len(tokens)-i); n > 0; n-- { // the longest first
			instead, ok := ours[joined(tokens[i:i+n])]
			if !ok {
				continue
			}
			out.WriteString(string(source[done:tokens[i].From]) + instead)
			done = tokens[i+n-1].To
			i += n - 1
			break
		}
	}
	return out.String() + string(source[done:])
}

// joined are tokens as one spelling: words with spaces, operators that stand together
// without.
func joined(tokens []lexer.Token) string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		if t.Kind != lexer.Identifier && t.Kind != lexer.Operator {
			return ""
		}
		words[i] = t.Value
	}
	if len(words) == 1 {
		return words[0]
	}
	if upper := strings.ToUpper(strings.Join(words, " ")); strings.HasPrefix(upper, "IS ") {
		return upper
	}
	for i := range tokens[1:] {
		if tokens[i].To != tokens[i+1].From || slices.Contains([]lexer.Kind{tokens[i].Kind, tokens[i+1].Kind}, lexer.Identifier) {
			return ""
		}
	}
	return strings.Join(words, "")
}
