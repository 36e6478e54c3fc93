package tools_test

import (
	stdjson "encoding/json"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

func TestJSONKeepsTheWholeCatalog(t *testing.T) {
	for _, document := range referencedata.Documents {
		c := toolgen.WithPrefix(realCatalog(t, document), "r_")
		data, err := json.Marshal(c, json.OmitZeroStructFields(true), jsontext.PreserveRawStrings(true))
		require.NoError(t, err)
		var back tools.Catalog
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, *c, back)
		for _, n := range []int{0, 7, 8, 100, len(data) / 2, len(data) - 1} {
			require.Error(t, json.Unmarshal(data[:n], new(tools.Catalog)), n)
		}
	}
}

// Another program may use the standard library, which escapes HTML.
func TestStandardJSONKeepsTheCatalog(t *testing.T) {
	c := embedded.Catalog()
	data, err := stdjson.Marshal(c)
	require.NoError(t, err)
	var back tools.Catalog
	require.NoError(t, stdjson.Unmarshal(data, &back))
	require.Len(t, back.Tools, len(c.Tools))
	for i := range c.Tools {
		require.JSONEq(t, string(c.Tools[i].Full), string(back.Tools[i].Full))
		back.Tools[i].Schema, back.Tools[i].Full = c.Tools[i].Schema, c.Tools[i].Full
	}
	require.Equal(t, c, &back)
}
