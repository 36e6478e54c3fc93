package openapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// patterns are patterns with their portable forms, "" for none.
var patterns = []struct{ name, in, want string }{
	{"Retool: user", `user_([a-z0-9]+)`, `user_([a-z0-9]+)`},
	{"Retool: folder", `^(app|workflow|resource|agent|library)_([0-9]\d*)$`, `^(app|workflow|resource|agent|library)_([0-9]\d*)$`},
	{"Retool: name, with an escape that ECMAScript refuses", `^[a-z0-9\_]+$`, `^[a-z0-9_]+$`},
	{"Retool: colour", `^#[A-Fa-f0-9]{6}$`, `^#[A-Fa-f0-9]{6}$`},
	{"Retool: number", `^\d+$`, `^\d+$`},
	{"Retool: version", `^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`, `^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`},

	{"shared classes", `\d\D\w\W\s\S`, `\d\D\w\W\s\S`},
	{"shared classes in a class", `[\d\s][^\w]`, `[\d\s][^\w]`},
	{"word boundaries", `\ba\B`, `\ba\B`},
	{"control characters", `\n\r\t\f\v`, `\n\r\t\f\v`},
	{"escaped syntax", `\^\$\\\.\*\+\?\(\)\[\]\{\}\|\/`, `\^\$\\\.\*\+\?\(\)\[\]\{\}\|\/`},
	{"escaped syntax in a class", `[\]\[\\\^\-\/]`, `[\]\[\\\^\-\/]`},
	{"needless escapes", `\_\@\-\%\#\:\é\😀\ `, `_@-%#:é😀 `},
	{"needless escapes in a class", `[\_\@\%\é]`, `[_@%é]`},
	{"slash", `^a\/b/c$`, `^a\/b/c$`},
	{"unicode", `^[äöü]+😀$`, `^[äöü]+😀$`},
	{"repetitions", `a{2}b{2,}c{2,5}d*e+f?g{2,5}?h*?`, `a{2}b{2,}c{2,5}d*e+f?g{2,5}?h*?`},
	{"groups", `(a|b)(?:c|d)|`, `(a|b)(?:c|d)|`},
	{"dash at an end of a class", `[-a][a-][^-a][\w-][-\w]`, `[-a][a-][^-a][\w-][-\w]`},
	{"brackets in a class", `[[(){}.*+?|^$]`, `[[(){}.*+?|^$]`},
	{"none", ``, ``},

	{"lookahead", `^(?=a)`, ``},
	{"negative lookahead", `^(?!a)`, ``},
	{"lookbehind", `(?<=a)b`, ``},
	{"negative lookbehind", `(?<!a)b`, ``},
	{"back reference", `(a)\1`, ``},
	{"named group", `(?<n>a)`, ``},
	{"named group of RE2", `(?P<n>a)`, ``},
	{"named back reference", `\k<n>`, ``},
	{"flags", `(?i)a`, ``},
	{"flags in a group", `(?i:a)`, ``},
	{"POSIX class", `[[:alpha:]]`, ``},
	{"POSIX class by itself", `[:alpha:]`, `[:alpha:]`},
	{"Unicode class", `\p{L}`, ``},
	{"hexadecimal escape", `\x41`, ``},
	{"Unicode escape", `\u0041`, ``},
	{"octal escape", `\0`, ``},
	{"control escape", `\cA`, ``},
	{"letter that is no escape", `\y`, ``},
	{"anchors of RE2", `\Aa\z`, ``},
	{"quotation of RE2", `\Qa\E`, ``},
	{"backspace", `[\b]`, ``},
	{"range that starts in a set", `[\w-x]`, ``},
	{"range that ends in a set", `[a-\d]`, ``},
	{"range the wrong way round", `[z-a]`, ``},
	{"bracket first in a class", `[]a]`, ``},
	{"bracket first in a negated class", `[^]a]`, ``},
	{"empty class", `[]`, ``},
	{"class without an end", `[a`, ``},
	{"class without a start", `a]`, ``},
	{"group without an end", `(a`, ``},
	{"group without a start", `a)`, ``},
	{"braces without a start", `a}`, ``},
	{"braces without a number", `a{b}`, ``},
	{"braces without an end", `a{2`, ``},
	{"braces without a first number", `a{,2}`, ``},
	{"empty braces", `{}`, ``},
	{"repetition of nothing", `*a`, ``},
	{"repetition of a repetition", `a**`, ``},
	{"possessive repetition", `a++`, ``},
	{"repeated start", `^*a`, ``},
	{"repeated end", `a${2}`, ``},
	{"repeated boundary", `\b+a`, ``},
	{"optional boundary", `a\B?`, ``},
	{"too many repetitions for RE2", `a{1001}`, ``},
	{"far too many repetitions", `a{99999999999999999999}`, ``},
	{"longer than anybody writes", strings.Repeat("a", 10_001), ``},
	{"backslash at the end", `a\`, ``},
	{"backslash at the end of a class", `[a\`, ``},
}

func TestPatterns(t *testing.T) {
	for _, p := range patterns {
		t.Run(p.name, func(t *testing.T) {
			require.Equal(t, []string{p.want}, portable(t, p.in))
		})
	}
}

// Patterns that come out compile in Go, and in ECMAScript with the flag that
// Ajv sets.
func TestPatternsCompile(t *testing.T) {
	sources := map[string][]string{"table": {}, "random": portable(t, randomPatterns(20_000)...)}
	for _, p := range patterns {
		sources["table"] = append(sources["table"], p.want)
	}
	t.Run("Go", func(t *testing.T) {
		require.Greater(t, len(slices.Compact(sources["random"])), 2_000)
		for _, p := range slices.Concat(sources["table"], sources["random"]) {
			_, err := regexp.Compile(p)
			require.NoError(t, err)
		}
	})
	for name, list := range sources {
		t.Run("ECMAScript/"+name, func(t *testing.T) { requireECMAScript(t, list) })
	}
	for _, name := range referencedata.Documents {
		t.Run("ECMAScript/"+name, func(t *testing.T) {
			var list []string
			for _, op := range read(t, string(referencedata.Read(t, name))).Operations {
				eachSchema(t, op, func(s map[string]any) {
					if p, ok := s["pattern"].(string); ok {
						list = append(list, p)
					}
				})
			}
			require.GreaterOrEqual(t, len(list), 20)
			require.Contains(t, list, `^[a-z0-9_]+$`)
			requireECMAScript(t, list)
		})
	}
}

// portable takes patterns through a document.
func portable(t *testing.T, in ...string) []string {
	t.Helper()
	var paths []string
	for n, chunk := range slices.Collect(slices.Chunk(in, 1_000)) {
		properties := map[string]any{}
		for i, p := range chunk {
			properties[fmt.Sprint(i)] = map[string]any{"type": "string", "pattern": p}
		}
		encoded, err := json.Marshal(map[string]any{"properties": properties})
		require.NoError(t, err)
		paths = append(paths, fmt.Sprintf(`"/%d":{"put":{"requestBody":{"content":{"application/json":{"schema":%s}}}}}`, n, encoded))
	}
	var out []string
	for _, op := range read(t, withPaths(strings.Join(paths, ","))).Operations {
		for i := range op.Body.Schema.Properties.Len() {
			property, ok := op.Body.Schema.Properties.Get(fmt.Sprint(i))
			require.True(t, ok)
			out = append(out, property.Pattern)
		}
	}
	require.Len(t, out, len(in))
	return out
}

// randomPatterns strings together what patterns are made of.
func randomPatterns(n int) []string {
	parts := strings.Fields(`a z 0 9 - - _ ^ $ . * + ? | ( ) (?: [ ] [^ { } {2} {2,} {2,5} {,3} , \d \W \s \S \b \B \/ \- \_ \@ \. \\ \^ \[ \]
		\( \) \{ \n \: \& é 😀 : & && / = ! < (?= (?! (?i) (?<n> [:alpha:] [[:alpha:]] \p{L} \x41 \1 \cA \A \z \Q`)
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]string, n)
	for i := range out {
		for range 1 + random.IntN(7) {
			out[i] += parts[random.IntN(len(parts))]
		}
	}
	return out
}

func requireECMAScript(t *testing.T, patterns []string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node on PATH, whose engine the patterns are compiled with")
	}
	const script = `
		const faults = [];
		for (const p of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
			try { new RegExp(p, "u"); } catch (e) { faults.push(e.message); }
		}
		console.log(JSON.stringify(faults));`
	encoded, err := json.Marshal(patterns)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), node, "-e", script)
	command.Stdin = strings.NewReader(string(encoded))
	out, err := command.Output()
	require.NoError(t, err)
	require.JSONEq(t, `[]`, string(out))
}

// eachSchema calls see with every schema and sub-schema of an operation.
func eachSchema(t testing.TB, op openapi.Operation, see func(map[string]any)) {
	t.Helper()
	for _, s := range schemasOf(op) {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text(t, s)), &value))
		walk(value, see)
	}
}
