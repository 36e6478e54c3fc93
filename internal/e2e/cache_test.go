package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// cacheOf returns the cache folder of an environment.
func cacheOf(env []string) string { return strings.TrimPrefix(env[1], "XDG_CACHE_HOME=") }

// cached returns the path of the only file in the cache.
func cached(t testing.TB, env []string) string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.Walk(cacheOf(env), func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	require.Len(t, files, 1)
	return files[0]
}

// listed returns the tool list of a new process, which must log nothing.
func listed(t testing.TB, env []string, args ...string) string {
	t.Helper()
	o := run(t, env, "", append(args, "tools", "--json")...)
	require.Zero(t, o.code, o.stderr)
	require.Empty(t, o.stderr)
	require.Contains(t, o.stdout, `"tools":[{`)
	return o.stdout
}

// A document is parsed once. The second start reads the cache, which the test
// shows by replacing the cached file.
func TestSecondStartReadsTheCache(t *testing.T) {
	t.Parallel()
	env, other := environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, referencedata.Documents[0])), environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, referencedata.Documents[1]))
	first := listed(t, env)
	name := cached(t, env)
	before, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, first, listed(t, env))
	after, err := os.Stat(cached(t, env))
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "the cache was written again")
	require.Equal(t, before.ModTime(), after.ModTime())

	foreign := listed(t, other)
	require.NotEqual(t, first, foreign)
	content, err := os.ReadFile(cached(t, other))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, content, 0o600))
	require.Equal(t, foreign, listed(t, env), "it parsed the document")
}

// A damaged cache changes neither the tool list nor the log.
func TestDamagedCache(t *testing.T) {
	t.Parallel()
	env := environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, referencedata.Documents[1]))
	want := listed(t, env)
	name := cached(t, env)
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	flipped := func(at int) []byte {
		out := bytes.Clone(whole)
		out[at] ^= 0x20
		return out
	}
	for what, content := range map[string][]byte{
		"empty":                   {},
		"one byte":                {0},
		"cut at the start":        whole[:16],
		"cut in the middle":       whole[:len(whole)/2],
		"short of a byte":         whole[:len(whole)-1],
		"a byte too long":         append(bytes.Clone(whole), 0),
		"garbage":                 []byte(strings.Repeat("garbage ", len(whole)/8)),
		"zeros":                   make([]byte, len(whole)),
		"first byte flipped":      flipped(0),
		"byte after sum flipped":  flipped(32),
		"byte of index flipped":   flipped(100),
		"byte in middle flipped":  flipped(len(whole) / 2),
		"last byte flipped":       flipped(len(whole) - 1),
		"nothing but a right sum": whole[:32],
	} {
		t.Run(what, func(t *testing.T) {
			require.NoError(t, os.WriteFile(name, content, 0o600))
			require.Equal(t, want, listed(t, env))
			mended, err := os.ReadFile(cached(t, env))
			require.NoError(t, err)
			require.True(t, bytes.Equal(whole, mended), "the cache was not replaced")
		})
	}
}

// A different document or different options have a cache entry of their own.
func TestCacheIsKeyedByDocumentAndOptions(t *testing.T) {
	t.Parallel()
	document := filepath.Join(t.TempDir(), "document.yaml")
	text, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(document, text, 0o600))
	env := environment(t, "RETOOL_MCP_SPEC="+document)
	first := listed(t, env)
	require.NotContains(t, first, "mine_")

	require.Contains(t, listed(t, env, "--tool-prefix=mine_"), `"mine_list_users"`)
	require.Equal(t, first, listed(t, env))

	changed := bytes.Replace(text, []byte("/settings:"), []byte("/gettings:"), 1)
	require.Len(t, changed, len(text))
	require.NoError(t, os.WriteFile(document, changed, 0o600))
	require.Contains(t, listed(t, env), "_gettings\"")
}

// Without a writable cache folder, everything works.
func TestCacheFolderIsOptional(t *testing.T) {
	t.Parallel()
	document := referencedata.Path(t, referencedata.Documents[0])
	want := listed(t, environment(t, "RETOOL_MCP_SPEC="+document))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o400))
	locked := filepath.Join(t.TempDir(), "locked")
	require.NoError(t, os.Mkdir(locked, 0o500)) // root ignores it
	taken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(taken, "retool-mcp"), nil, 0o600))

	for what, env := range map[string][]string{
		"a file in its place":      environment(t, "XDG_CACHE_HOME="+file),
		"a file in its own place":  environment(t, "XDG_CACHE_HOME="+taken),
		"a folder not to write in": environment(t, "XDG_CACHE_HOME="+locked),
		"a path of no folder":      environment(t, "XDG_CACHE_HOME=/dev/null/cache"),
		"a relative path":          environment(t, "XDG_CACHE_HOME=cache"),
		"no home":                  {},
	} {
		t.Run(what, func(t *testing.T) {
			env := append(env, "RETOOL_MCP_SPEC="+document)
			require.Equal(t, want, listed(t, env))
			require.Equal(t, want, listed(t, env))
		})
	}
}
