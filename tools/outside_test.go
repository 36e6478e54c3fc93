package tools_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// TestOtherModulesCanCallOperations builds and runs a program of another module,
// which sees what this one exports and nothing else.
func TestOtherModulesCanCallOperations(t *testing.T) {
	root, dir := referencedata.Root(t), t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/outside")))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	run := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	run("mod", "edit", "-replace", "github.com/retool-mcp/retool-mcp="+root)
	require.Equal(t, `GET /api/v2/users?email=a%20b%40example.com&limit=5 Bearer retool_example 
PATCH /api/v2/users/user_1 Bearer retool_example {"operations":[{"op":"replace","path":"/active","value":false}]}
Not sent: the arguments do not fit get_user.
- user: unknown argument (did you mean userId?)
- userId: missing, a string
It needs userId; it also takes includeGroups, fields.
`, run("run", "."))
}
