package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// withSecretIn is the number of operations with secrets in their responses,
// counted by hand.
const withSecretIn = 18

// A describedOperation is one of the embedded document. The test reads the
// document as data: a test that relied on the program's reading would miss what
// the program misses.
type describedOperation struct {
	apiOperation
	tool    string
	answer  object // the schema of a success, nil for none
	secrets []secretAt
	// untrusted are paths of free text in the answer.
	untrusted []string
	takes     object // the arguments of the published schema
}

// A secretAt is a path of x-secrets. Flag is the field that says whether the
// value is secret, "" for always.
type secretAt struct{ path, flag string }

func (d describedOperation) String() string { return d.tool }

// describedOperations returns the operations of the embedded document, which
// are shared and must not be changed.
func describedOperations(t testing.TB) []describedOperation {
	t.Helper()
	sharedDescription.Lock()
	defer sharedDescription.Unlock()
	if sharedDescription.operations == nil {
		sharedDescription.operations = readDescription(t)
	}
	return sharedDescription.operations
}

var sharedDescription struct {
	sync.Mutex
	operations []describedOperation
}

func readDescription(t testing.TB) []describedOperation {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(referencedata.Root(t), "schemas", "retool.openapi.yaml"))
	require.NoError(t, err)
	var read any
	require.NoError(t, yaml.Unmarshal(text, &read))
	document := throughJSON(t, read).(object)
	env := environment(t, "RETOOL_MCP_SPEC=embedded")
	names, shown := toolsOf(t, env), shownArguments(t, env)

	var all []describedOperation
	secret := 0
	for path, item := range document["paths"].(object) {
		for method, raw := range item.(object) {
			whole := inlined(raw, document).(object)
			d := describedOperation{apiOperation: operationOf(method, path, whole), answer: successOf(whole)}
			d.tool = names[d.apiOperation.String()]
			require.NotEmpty(t, d.tool, "%s %s has no tool", method, path)
			d.takes, d.untrusted = shown[d.tool], listOf(whole["x-untrusted"])
			for _, at := range listOf(whole["x-secrets"]) {
				field, flag, _ := strings.Cut(at, " if ")
				d.secrets = append(d.secrets, secretAt{field, flag})
			}
			if len(d.secrets) > 0 {
				secret++
			}
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b describedOperation) int { return strings.Compare(a.tool, b.tool) })
	require.Len(t, all, operationsEmbedded)
	require.Equal(t, withSecretIn, secret, "operations with secrets")
	return all
}

// inlined replaces references by their targets, and writes "a type or null" as
// the sampler expects it.
func inlined(v any, document object) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = inlined(v[i], document)
		}
		return out
	case object:
		out := object{}
		if ref, ok := v["$ref"].(string); ok {
			var at any = document
			for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
				at = at.(object)[step]
			}
			maps.Copy(out, inlined(at, document).(object))
		}
		for name, part := range v {
			out[name] = inlined(part, document)
		}
		delete(out, "$ref")
		if types, ok := v["type"].([]any); ok {
			out["type"], out["nullable"] = types[0], true
		}
		return out
	default:
		return v
	}
}

// successOf returns the schema of an operation's success.
func successOf(operation object) object {
	for _, status := range []string{"200", "201"} {
		response, _ := operation["responses"].(object)[status].(object)
		content, _ := response["content"].(object)
		media, _ := content["application/json"].(object)
		if schema, ok := media["schema"].(object); ok {
			return schema
		}
	}
	return nil
}

func listOf(v any) (out []string) {
	list, _ := v.([]any)
	for _, item := range list {
		out = append(out, item.(string))
	}
	return out
}

// shownArguments returns the arguments of each tool, as a process lists them.
func shownArguments(t testing.TB, env []string) map[string]object {
	t.Helper()
	o := run(t, env, strings.Join([]string{initializeLine, initializedLine, listLine}, "\n")+"\n")
	replies, err := readReplies(o.stdout)
	require.NoError(t, err)
	out := map[string]object{}
	for _, raw := range replies["list"].Result.Tools {
		var tool struct {
			Name        string `json:"name"`
			InputSchema object `json:"inputSchema"`
		}
		require.NoError(t, json.Unmarshal(raw, &tool))
		out[tool.Name], _ = tool.InputSchema["properties"].(object)
	}
	return out
}

// A canarySet holds canaries. No two are alike, so that a leaked one identifies
// its place.
type canarySet struct {
	places          []string
	withoutOpenMaps bool // no wild maps
	closed          bool // within a body that takes no other fields
}

// Either end of a canary is searched for: a truncated one is a leak too.
// Numeric passwords have digits alone.
const (
	head   = "k4n4ry"
	tail   = "yr4n4k"
	digits = "8675309"
)

func (n *canarySet) text(place string) string {
	n.places = append(n.places, place)
	return fmt.Sprintf("%s%05d%s", head, len(n.places)-1, tail)
}

func (n *canarySet) number(place string) json.Number {
	n.places = append(n.places, place)
	return json.Number(fmt.Sprintf("%s%05d", digits, len(n.places)-1))
}

// in returns the numbers of the canaries in a text, and whether it contains
// part of one.
func (n *canarySet) in(text string) (numbers map[int]bool, piece bool) {
	numbers = map[int]bool{}
	if !strings.Contains(text, head) && !strings.Contains(text, tail) && !strings.Contains(text, digits) {
		return numbers, false // the usual case, faster than a regular expression
	}
	for _, at := range anyCanary.FindAllStringSubmatch(text, -1) {
		i, err := strconv.Atoi(at[1] + at[2])
		if err != nil || i >= len(n.places) {
			piece = true
			continue
		}
		numbers[i] = true
	}
	return numbers, piece
}

// none fails if a text contains a canary, and shows the text around the first.
func (n *canarySet) none(t testing.TB, what, text string) {
	t.Helper()
	numbers, piece := n.in(text)
	if len(numbers) == 0 && !piece {
		return
	}
	var places []string
	for _, i := range slices.Sorted(maps.Keys(numbers)) {
		places = append(places, n.places[i])
	}
	first := anyCanary.FindStringIndex(text)
	around := strings.ToValidUTF8(text[max(0, first[0]-60):min(len(text), first[1]+30)], "")
	t.Errorf("%s: %d secrets came out, such as %q, in %q", what, len(places), places[:min(len(places), 3)], around)
}

// openMap returns a map that no schema describes, with secrets in it.
func (n *canarySet) openMap(at string) object {
	c := func(shape string) string { return n.text(at + ": " + shape) }
	return object{
		"password":     c("password"),
		"clientSecret": c("clientSecret"),
		"API_KEY":      c("API_KEY"),
		"x-api-key":    c("x-api-key"),
		"headers": []any{
			object{"key": "Authorization", "value": "Bearer " + c("a header with its key")},
			object{"name": "X-Auth-Token", "value": c("a header with its name")},
		},
		"rows":              []any{[]any{"X-Api-Key", c("a header as a pair")}, []any{"Accept", "text/plain"}},
		"connection_string": "Server=db.example.com;User Id=app;Password=" + c("connection_string") + ";",
		"url":               "postgres://app:" + c("a url") + "@db.example.com/orders",
		"notes":             "the key is\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n" + c("a key in a text") + "\n-----END RSA PRIVATE KEY-----\nkeep it",
		"steps":             "curl -H 'Authorization: Bearer " + c("a command") + "' https://api.example.com",
		"a":                 []any{object{"b": []any{[]any{object{"c": object{"d": object{"private_key": c("deep down")}}}}}}},
		"db_passwd":         n.number(at + ": a number as a password"),
		"api_keys":          []any{c("a list of secrets"), c("a list of secrets, its second")},
		"credentials":       object{"user": c("an object of secrets"), "more": []any{object{"n": n.number(at + ": a number in an object of secrets")}}},
	}
}
