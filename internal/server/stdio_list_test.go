package server_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// A plain request for the list gets the prepared answer, under its own id; one
// that asks for more than the list goes to the library.
func TestStdioPreparedList(t *testing.T) {
	prepared := func(out []byte) []byte { return append(out, `{"tools":[],"prepared":true}`...) }
	c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait, List: prepared})
	for _, x := range []struct {
		name, line string
		prepared   bool
	}{
		{"no params", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, true},
		{"empty params", `{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{ }}`, true},
		{"an id of many digits", `{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/list"}`, true},
		{"a page", `{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"cursor":""}}`, false},
		{"metadata", `{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"_meta":{"progressToken":1}}}`, false},
		{"a later protocol", `{"jsonrpc":"2.0","id":5,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`, false},
	} {
		c.send(x.line)
		var asked, answer struct {
			ID     json.RawMessage
			Result struct {
				Tools    []any
				Prepared bool
			}
		}
		require.NoError(t, json.Unmarshal([]byte(x.line), &asked), x.name)
		require.NoError(t, json.Unmarshal([]byte(c.next().raw), &answer), x.name)
		require.Equal(t, string(asked.ID), string(answer.ID), x.name)
		require.Equal(t, x.prepared, answer.Result.Prepared, x.name)
		require.Equal(t, x.prepared, len(answer.Result.Tools) == 0, x.name)
	}
	c.closeInput()
	require.NoError(t, c.end())
}
