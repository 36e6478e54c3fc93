package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// A key that others know or can guess stops the start.
func TestStateKeyFileMustHoldAPrivateKey(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	dir := t.TempDir()
	for name, x := range map[string]struct {
		content string
		mode    os.FileMode
		says    string // "" if the key is used
	}{
		"private":                     {key, 0o600, ""},
		"read-only":                   {key + "\r\n", 0o400, ""},
		"with a byte order mark":      {"\ufeff" + key, 0o600, ""},
		"for the group":               {key, 0o640, "others can read"},
		"for all":                     {key, 0o604, "others can read"},
		"writable for the group":      {key, 0o620, "others can read"},
		"short":                       {key[1:], 0o600, "holds 31 characters, and a key has at least 32"},
		"short, with blanks":          {"  " + key[1:] + "\n\n\n", 0o600, "at least 32"},
		"a byte order mark and short": {"\ufeff" + key[1:], 0o600, "at least 32"},
		"empty":                       {"", 0o600, "at least 32"},
		"huge":                        {strings.Repeat(key, 1<<12), 0o600, "at most 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			if !file.HasModes && x.says == "others can read" {
				t.Skip("the system has no modes")
			}
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			require.NoError(t, os.WriteFile(path, []byte(x.content), 0o600))
			require.NoError(t, os.Chmod(path, x.mode))
			for _, given := range []struct {
				env  map[string]string
				args []string
			}{{args: []string{"--state-key-file", path}}, {env: map[string]string{"RETOOL_MCP_STATE_KEY_FILE": path}}} {
				code, _, errs := run(t, given.env, append(given.args, "serve", "--sandbox")...)
				if x.says == "" {
					require.Zero(t, code, errs)
					continue
				}
				require.Equal(t, 2, code)
				require.True(t, strings.HasPrefix(errs, "retool-mcp: --state-key-file (RETOOL_MCP_STATE_KEY_FILE): "), errs)
				require.Contains(t, errs, x.says)
				require.Equal(t, 1, strings.Count(errs, "\n"))
				require.NotContains(t, errs, key[1:])
			}
		})
	}
	for name, says := range map[string]string{dir: "is not a regular file", filepath.Join(dir, "missing"): "no such file"} {
		code, _, errs := run(t, nil, "serve", "--sandbox", "--state-key-file", name)
		require.Equal(t, 2, code)
		require.Contains(t, errs, says)
	}
	code, _, errs := run(t, nil, "serve", "--sandbox", "--state-key-file", filepath.Join(dir, "private"), "--secret-files", dir+"/")
	require.Equal(t, 2, code)
	require.Contains(t, errs, "and with it the file of --state-key-file", "no argument may name it")
}
