package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// With one key, any replica accepts what a user agreed to at another; without, the
// user is asked again.
func TestReplicasWithOneKeyShareConfirmations(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte("0123456789abcdef0123456789abcdef\n"), 0o600))
	a := serveRemote(t, environment(t), "--sandbox", "--state-key-file", key)
	b := serveRemote(t, environment(t), "--sandbox", "--state-key-file", key)
	other := serveRemote(t, environment(t), "--sandbox")
	call := func(r *remote, params string) (result struct {
		ResultType   mcp.ResultType
		RequestState string
	},
	) {
		body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"logout_user","arguments":{"userId":%q},%s
			"_meta":{%q:%q,%q:{"elicitation":{}}}}}`, jane, params, mcp.MetaKeyProtocolVersion, modern, mcp.MetaKeyClientCapabilities)
		o := r.ask("POST", "/mcp", body, "Mcp-Protocol-Version: "+modern, "Mcp-Method: tools/call", "Mcp-Name: logout_user")
		var answer struct{ Result json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(o.body), &answer), o.body)
		require.NoError(t, json.Unmarshal(answer.Result, &result), o.body)
		return result
	}
	asked := call(a, "")
	require.Equal(t, mcp.ResultTypeInputRequired, asked.ResultType)
	yes := fmt.Sprintf(`"inputResponses":{"confirm":{"action":"accept","content":{"confirm":true}}},"requestState":%q,`, asked.RequestState)
	for i, x := range []struct {
		replica *remote
		want    mcp.ResultType
	}{
		{other, mcp.ResultTypeInputRequired},
		{b, mcp.ResultTypeComplete},
		{b, mcp.ResultTypeInputRequired},
		{a, mcp.ResultTypeComplete}, // each process accepts it once
		{a, mcp.ResultTypeInputRequired},
	} {
		require.Equal(t, x.want, call(x.replica, yes).ResultType, i)
	}
}
