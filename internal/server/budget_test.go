package server_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

var update = flag.Bool("update", false, "rewrite the budget file and the table of docs/tools.md")

// What the whole list may cost a model that reads it, in tokens of o200k_base.
// The arguments that shape a result stand on every tool that answers with
// something, and are counted both with the rest and by themselves.
const (
	maxTokensByRule   = 18_500 // release 2.12.0, by the rules alone, with its sentences marked
	maxTokensEmbedded = 18_500 // our description of release 4.0.0
	maxTokensControls = 6_000  // fields, where, resolve, max_items, all_pages, format, dry_run, and the paging of lists that have none
)

type cost struct {
	tool   tools.Tool
	tokens int
}

// costs counts the list as it goes over the wire, and each of its tools.
func costs(t *testing.T, c *tools.Catalog) (total int, each []cost) {
	t.Helper()
	encoding, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	count := func(list *tools.Catalog) int {
		n, err := encoding.Count(string(server.List(list)))
		require.NoError(t, err)
		return n
	}
	none := count(&tools.Catalog{})
	for _, tool := range c.Tools {
		each = append(each, cost{tool, count(&tools.Catalog{Tools: []tools.Tool{tool}}) - none})
	}
	total = count(c)
	t.Logf("%d tools, %d tokens; the ten dearest:", len(c.Tools), total)
	byCost := slices.SortedFunc(slices.Values(each), func(a, b cost) int { return b.tokens - a.tokens })
	for _, dear := range byCost[:10] {
		t.Logf("%5d  %s", dear.tokens, dear.tool.Name)
	}
	return total, each
}

// operationsOnly is a catalog without the arguments that shape results.
func operationsOnly(t *testing.T, c *tools.Catalog) *tools.Catalog {
	t.Helper()
	bare := *c
	bare.Tools = slices.Clone(c.Tools)
	for i := range bare.Tools {
		tool := &bare.Tools[i]
		for _, arg := range tool.Args {
			if arg.In == tools.NotSent {
				tool.Schema = tools.Schema(without(t, jsontext.Value(tool.Schema), arg.Name))
			}
		}
	}
	return &bare
}

// without takes a property out of a schema, and leaves every other byte.
func without(t *testing.T, schema jsontext.Value, name string) jsontext.Value {
	t.Helper()
	dec := jsontext.NewDecoder(bytes.NewReader(schema))
	for dec.StackPointer() != jsontext.Pointer("/properties").AppendToken(name) {
		from := dec.InputOffset()
		_, err := dec.ReadToken()
		if err != nil { // one that is not listed
			return schema
		}
		if dec.StackPointer() == jsontext.Pointer("/properties").AppendToken(name) {
			require.NoError(t, dec.SkipValue())
			out := slices.Concat(schema[:from], schema[dec.InputOffset():])
			return bytes.Replace(out, []byte("{,"), []byte("{"), 1)
		}
	}
	return schema
}

func requireBudget(t *testing.T, c *tools.Catalog, total, operations int) {
	t.Helper()
	bare, _ := costs(t, operationsOnly(t, c))
	t.Logf("%d tokens for the operations, %d for the arguments that shape results", bare, total-bare)
	require.LessOrEqual(t, bare, operations, "tokens of the operations: shorten titles and first sentences in schemas/retool.openapi.yaml")
	require.LessOrEqual(t, total-bare, maxTokensControls, "tokens of the arguments that shape results")
}

func TestTokenBudgetByRule(t *testing.T) {
	c := catalog(t, referencedata.Documents[0])
	require.Len(t, c.Tools, 144)
	total, _ := costs(t, c)
	requireBudget(t, c, total, maxTokensByRule)
}

// The total may creep up by 2 % before somebody has to look at it and change
// the budget file, and to the sum of both limits whatever anybody says.
func TestTokenBudgetOfTheEmbeddedDocument(t *testing.T) {
	c := embedded.Catalog()
	total, each := costs(t, c)
	file := filepath.Join(referencedata.Root(t), "schemas", "budget.txt")
	if *update {
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "%d\n", total), 0o600))
	}
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	budget, err := strconv.Atoi(strings.TrimSpace(string(data)))
	require.NoError(t, err)
	require.LessOrEqual(t, total*100, budget*102, "more than 2 %% above the budget of schemas/budget.txt: run this test with -update if that is meant")
	toolsPage(t, c, total, each)
	requireCounts(t, "README.md", `\d+( tools\b)`, strconv.Itoa(len(c.Tools)))
	requireCounts(t, "README.md", `[\d,]+( tokens\. A)`, fmt.Sprintf("%d,000", (total+500)/1000))
	requireCounts(t, "docs/description.md", `\d+( operations\b)`, strconv.Itoa(len(c.Tools)))
	requireBudget(t, c, total, maxTokensEmbedded) // last: -update has written all pages
}

// requireCounts holds what a page says of the catalog to a number.
func requireCounts(t *testing.T, page, pattern, number string) {
	t.Helper()
	name := filepath.Join(referencedata.Root(t), page)
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	expression := regexp.MustCompile(pattern)
	require.True(t, expression.Match(data), "%s does not match %s", page, pattern)
	want := expression.ReplaceAll(data, []byte(number+"$1"))
	if *update {
		require.NoError(t, os.WriteFile(name, want, 0o600))
		return
	}
	require.Equal(t, string(want), string(data), "%s is stale: run this test with -update", page)
}

// toolsPage holds the table of docs/tools.md, between two markers.
func toolsPage(t *testing.T, c *tools.Catalog, total int, each []cost) {
	t.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "%d tools, %d tokens in all.\n\n| tool | what it does | toolset | access | scope | tokens |\n| --- | --- | --- | --- | --- | ---: |\n", len(c.Tools), total)
	order := c.Toolsets()
	slices.SortStableFunc(each, func(a, b cost) int {
		return cmp.Compare(slices.Index(order, a.tool.Toolset), slices.Index(order, b.tool.Toolset))
	})
	for _, e := range each {
		access := "write"
		if e.tool.Hints.ReadOnly {
			access = "read"
		}
		core := ""
		if e.tool.Core {
			core = ", core"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s%s | %s | %s | %d |\n",
			e.tool.Name, e.tool.Summary(), e.tool.Toolset, core, access, e.tool.Scopes, e.tokens)
	}
	name := filepath.Join(referencedata.Root(t), "docs", "tools.md")
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	const begin, end = "<!-- tools -->\n", "<!-- /tools -->"
	before, rest, ok := strings.Cut(string(data), begin)
	require.True(t, ok, "docs/tools.md has no %s", begin)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok, "docs/tools.md has no %s", end)
	page := before + begin + table.String() + end + after
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(page), 0o600))
		return
	}
	require.Equal(t, page, string(data), "the table of docs/tools.md is stale: run this test with -update")
}
