package call_test

import (
	"maps"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// writes are calls of all kinds that change something.
var writes = map[string]object{
	"create_group":                     {"name": "New"},
	"update_group":                     {"groupId": "9", "operations": []object{{"op": "replace", "path": "/name", "value": "New"}}},
	"replace_group":                    {"groupId": "9", "name": "New"},
	"delete_group":                     {"groupId": "9"},
	"disable_user":                     {"userId": "user_1"},
	"invalidate_organization_sessions": {},
	"create_access_token":              {"label": "token", "scopes": []string{"users:read"}},
	"delete_sso_config":                {},
}

// The catalog contains tools that write, and nothing but ReadOnly stops them.
func TestReadOnlySendsNoWrite(t *testing.T) {
	u := &upstream{Handler: respond(200, `{"success":true,"data":{}}`)}
	loopback := httptest.NewServer(u)
	t.Cleanup(loopback.Close)
	address, err := retool.ParseAddress(loopback.URL, "")
	require.NoError(t, err)
	runner := func(o call.Options) *call.Runner {
		o.Client = retool.New(retool.Options{Address: address, Token: "retool_x"})
		return serve(t, nil, "", o)
	}
	readOnly, writing := runner(call.Options{ReadOnly: true}), runner(call.Options{SecretSink: secretSink(t, t.TempDir())})
	for name, arguments := range writes {
		tool := toolNamed(t, name)
		require.False(t, tool.Hints.ReadOnly)
		for _, dry := range []bool{false, true} {
			given := object{"dry_run": dry}
			maps.Copy(given, arguments)
			refused(t, run(t, readOnly, name, given), name+" writes, and this server is read-only.")
			require.Empty(t, u.take(), "%s, dry_run %v", name, dry)
		}
		require.False(t, run(t, writing, name, arguments).IsError, name)
		require.Len(t, u.take(), 1, "%s is sent without ReadOnly", name)
	}
	require.False(t, run(t, readOnly, "get_group", object{"groupId": "9"}).IsError)
	require.False(t, run(t, readOnly, "list_subject_access", object{"subject": object{"type": "group", "id": 1}, "object_type": "app"}).IsError, "a POST that reads")
	sent := u.take()
	require.Len(t, sent, 2)
	require.Equal(t, "GET /groups/9", sent[0])
	require.True(t, strings.HasPrefix(sent[1], "POST "), sent[1])
}

func toolNamed(t *testing.T, name string) *tools.Tool {
	t.Helper()
	for i := range embedded.Catalog().Tools {
		if embedded.Catalog().Tools[i].Name == name {
			return &embedded.Catalog().Tools[i]
		}
	}
	t.Fatalf("no tool is named %s", name)
	return nil
}
