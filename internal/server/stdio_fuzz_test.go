package server_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// Whatever the input, its end is not kept waiting for an answer that does not
// come. This holds as long as a request is what mcp-go takes for one.
func FuzzStdioWaitsForWhatComes(f *testing.F) {
	for _, input := range []string{
		initialize("1") + "\n" + request(`"a"`, "tools/list") + "\r\n\n" + call("1", "echo", "text", "hello"),
		`{"jsonrpc":"2.0","Id":1e999,"METHOD":"tools\/list","params":{"x":[1,{"a":null}]},"id":-0}`,
		`{"jsonrpc":"2.0","id":0,"method":"ping","re` + "\u017f" + `ult":1}`,
		`{"jsonrpc":"2.0","` + "\u0131" + `d":0,"method":"ping"}`,
		"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\\ud800\",\"method\":\"ping\"}",
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`,
		call("1", "echo", "text", "hello") + "\n" + canceled("1") + "\n" + call("1", "echo", "text", "hello"),
		`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}` + "\n" + `{"jsonrpc":"2.0","id":1,"result":null}`,
		"\ufeff" + request("1", "ping") + "\r\n\ufeff\ufeff" + request("2", "ping") + "\n\ufeff",
		"\xff\xfe{\x00}\x00", "\x00{\x00}", "\xfe\xff",
		`[1]` + "\n" + `000` + "\n" + `{"a":1,5:2}` + "\n" + `{`,
	} {
		f.Add([]byte(input))
	}
	echo := newFixture(f).GetTool("echo")
	f.Fuzz(func(t *testing.T, input []byte) {
		s := mcpserver.NewMCPServer("fuzzed", "1")
		s.AddTools(*echo)
		var out bytes.Buffer
		if err := server.ServeStdio(t.Context(), s, bytes.NewReader(input), &out, server.StdioOptions{Drain: 2 * time.Second}); err != nil {
			require.ErrorContains(t, err, "UTF-16")
		}
		for line := range bytes.Lines(out.Bytes()) {
			require.True(t, json.Valid(line), "%s", line)
		}
	})
}
