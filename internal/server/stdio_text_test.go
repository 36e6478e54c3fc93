package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Texts of every size come through whole, whatever is in them and however many
// are on their way at once.
func TestStdioTextsOfEverySize(t *testing.T) {
	const alphabet = "<b>&\"quoted\" \\ \u2028 é 漢 🙂 \t\n text-"
	text := func(size int) string { return strings.Repeat(alphabet, size/len(alphabet)+1)[:size] }
	c := &tools.Catalog{Tools: []tools.Tool{{Name: "say", Title: "Say", Description: "Says.", Schema: `{"type":"object","properties":{}}`}}}
	s := newMCP(c, runFunc(func(_ context.Context, _ string, arguments []byte) (result.Result, error) {
		var given struct {
			Size  int
			Fails bool
		}
		if err := json.Unmarshal(arguments, &given); err != nil {
			return result.Result{}, err
		}
		return result.Result{Text: text(given.Size), IsError: given.Fails}, nil
	}), discard)
	conn := start(t, s, server.StdioOptions{Drain: maxWait})
	want := map[string]string{}
	for _, size := range []int{0, 1, 1000, 1023, 1024, 1025, 5000, 70_000, 3 << 20} {
		for _, fails := range []bool{false, true} {
			for _, form := range []string{"%d", `"id-%d"`, `123456789012345678%d`} {
				id := fmt.Sprintf(form, 100+len(want))
				want[id] = strings.ToValidUTF8(text(size), "\ufffd")
				conn.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"say","arguments":{"size":%d,"fails":%t}}}`, id, size, fails))
			}
		}
	}
	conn.closeInput()
	for _, a := range conn.rest() {
		require.Contains(t, want, string(a.ID))
		got := a.text()
		if got != want[string(a.ID)] { // not by require, whose diff of megabytes takes long
			t.Fatalf("%s: %d bytes came back for %d", a.ID, len(got), len(want[string(a.ID)]))
		}
		delete(want, string(a.ID))
	}
	require.Empty(t, want)
	require.NoError(t, conn.end())
}
