package sandbox_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// furnished serves an organization that holds what the test put there, beside
// what every organization has.
func startWith(t testing.TB, change func(*model.Org)) *api {
	t.Helper()
	o := model.New(1, model.At(sandbox.Today))
	change(o)
	data, err := json.Marshal(o)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(name, data, 0o600))
	return start(t, sandbox.Options{State: name})
}

// organization is what the sandbox holds now, for what no operation shows.
func (a *api) organization() *model.Org {
	a.t.Helper()
	data, err := a.box.MarshalJSON()
	require.NoError(a.t, err)
	var o model.Org
	require.NoError(a.t, json.Unmarshal(data, &o))
	return &o
}

// uuid is one that a test can tell from others.
func uuid(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// field takes one field of every item.
func field(items []map[string]any, name string) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item[name]
	}
	return out
}

// appFolder creates a folder of apps, in the root for nil, and returns its id.
func (a *api) appFolder(name string, parent any) string {
	a.t.Helper()
	return text(a.object("create_folder", request{}.with(map[string]any{
		"folder_type": "app", "name": name, "parent_folder_id": parent,
	}))["id"])
}

// folders lists those whose name has a part in it, all for "".
func (a *api) folders(part string) []map[string]any {
	a.t.Helper()
	return a.items("list_folders", request{}.where("name_contains", part))
}
