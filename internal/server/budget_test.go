package server_test

import (
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

	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"github.com/retool-mcp/retool-mcp/internal/describe"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/scripttool"
	"github.com/retool-mcp/retool-mcp/internal/search"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

var update = flag.Bool("update", false, "rewrite the budget file and the table of docs/tools.md")

// What a list may cost a model that reads it, in tokens of o200k_base: name,
// description, input schema and annotations. Clients keep _meta and icons for
// themselves, so they are reported apart.
const (
	maxTokensByRule   = 23_500 // release 2.12.0, by the rules alone, with its sentences marked
	maxTokensEmbedded = 22_500 // our description of release 4.0.0
	maxTokensCore     = 11_500 // of it, the toolset core
	maxTokensAdded    = 900    // what scripts and the search add to each of these
	maxTokensScripts  = 1_500  // the toolset scripts, which reaches the whole API
)

// localTools are those of the program.
var localTools = []tools.Tool{describe.Definition, scripttool.Query, scripttool.Run, search.Definition}

// The toolset scripts is the compact surface: four tools for the whole API.
func TestTokenBudgetOfScripts(t *testing.T) {
	c := local.With(embedded.Catalog(), localTools...)
	scripts, err := c.Select(tools.Selection{Toolsets: []string{tools.ToolsetScripts}})
	require.NoError(t, err)
	require.Len(t, scripts.Listed().Tools, len(localTools))
	require.Len(t, scripts.Tools, len(c.Tools), "all operations are reached")
	alone, each := costs(t, scripts.Listed())
	require.LessOrEqual(t, alone, maxTokensScripts)
	require.LessOrEqual(t, added(each), maxTokensAdded)
}

// added is what the toolset scripts adds to a list.
func added(each []cost) (tokens int) {
	for _, e := range each {
		if e.tool.Toolset == tools.ToolsetScripts {
			tokens += e.tokens
		}
	}
	return tokens
}

// metaOfTool is what stays with the client.
var metaOfTool = regexp.MustCompile(`"_meta":\{[^{}]*\},`)

type cost struct {
	tool   tools.Tool
	tokens int
}

// costs counts the list as it goes over the wire, and each of its tools.
func costs(t *testing.T, c *tools.Catalog) (total int, each []cost) {
	t.Helper()
	encoding, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	meta := 0
	count := func(list *tools.Catalog) int {
		whole := server.List(list)
		n, err := encoding.Count(string(metaOfTool.ReplaceAll(whole, nil)))
		require.NoError(t, err)
		all, err := encoding.Count(string(whole))
		require.NoError(t, err)
		meta = all - n
		return n
	}
	none := count(&tools.Catalog{})
	for _, tool := range c.Tools {
		each = append(each, cost{tool, count(&tools.Catalog{Tools: []tools.Tool{tool}}) - none})
	}
	total = count(c)
	t.Logf("%d tools, %d tokens, and %d of _meta; the ten dearest:", len(c.Tools), total, meta)
	byCost := slices.SortedFunc(slices.Values(each), func(a, b cost) int { return b.tokens - a.tokens })
	for _, dear := range byCost[:min(10, len(byCost))] {
		t.Logf("%5d  %s", dear.tokens, dear.tool.Name)
	}
	return total, each
}

func TestTokenBudgetByRule(t *testing.T) {
	c := catalog(t, referencedata.Documents[0])
	require.Len(t, c.Tools, 144)
	total, each := costs(t, local.With(c, localTools...))
	require.LessOrEqual(t, total-added(each), maxTokensByRule)
}

// The total may creep up by 2 % before somebody has to look at it and change
// the budget file, and to the limit whatever anybody says.
func TestTokenBudgetOfTheEmbeddedDocument(t *testing.T) {
	c := local.With(embedded.Catalog(), localTools...)
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
	requireCounts(t, "docs/description.md", `\d+( operations\b)`, strconv.Itoa(len(c.Tools)-len(localTools)))
	core, err := c.Select(tools.Selection{Toolsets: []string{tools.ToolsetCore}})
	require.NoError(t, err)
	core = core.Listed()
	ofCore, _ := costs(t, core)
	require.LessOrEqual(t, total-added(each), maxTokensEmbedded) // last: -update has written all pages
	require.LessOrEqual(t, ofCore-added(each), maxTokensCore)
	require.LessOrEqual(t, len(core.Tools), 80, "what the client with the least patience takes")
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
			e.tool.Name, e.tool.Summary(), cmp.Or(e.tool.Toolset, "every"), core, access, e.tool.Scopes, e.tokens)
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
