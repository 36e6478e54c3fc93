package cli_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// keepDocument keeps an instance's own document as a server does.
func keepDocument(t testing.TB, home, instance string) {
	t.Helper()
	address, err := retool.ParseAddress(instance, "")
	require.NoError(t, err)
	require.NoError(t, docsource.Refresh(t.Context(), docsource.Options{
		Location: docsource.Auto, Address: address, CacheDir: filepath.Join(home, "cache", "retool-mcp"), Logger: slog.New(slog.DiscardHandler),
		Instance: retool.New(retool.Options{Address: address, Token: goodToken}),
	}))
}

func writeFile(t testing.TB, text string, mode os.FileMode, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
	require.NoError(t, os.WriteFile(name, []byte(text), mode))
	require.NoError(t, os.Chmod(name, mode))
	return name
}

func TestDoctorOnFiles(t *testing.T) {
	t.Parallel()
	address, folder := serveHTTP(t, newEmulated(t)), t.TempDir()
	secrets := filepath.Join(folder, "secrets")
	require.NoError(t, os.Mkdir(secrets, 0o700))
	own := writeFile(t, goodToken, 0o600, folder, "own")
	open := writeFile(t, goodToken, 0o644, folder, "open")

	e := diagnose(t, "RETOOL_URL="+address, "RETOOL_ACCESS_TOKEN_FILE="+own, "RETOOL_MCP_SECRET_DIR="+secrets)
	e.is(t, "settings", "ok", "token from RETOOL_ACCESS_TOKEN_FILE")
	e.is(t, "files", "ok", own, secrets)
	require.NoError(t, os.Chmod(secrets, 0o755))
	e = diagnoseAt(t, t.TempDir(), []string{"RETOOL_URL=" + address, "RETOOL_MCP_SECRET_DIR=" + secrets}, "--token-file", open)
	e.is(t, "settings", "ok", "token from --token-file")
	e.is(t, "files", "warn", open+" can be used by others (mode 0644)", "chmod 600 "+open, "chmod 700 "+secrets)
	entries, err := os.ReadDir(secrets)
	require.NoError(t, err)
	require.Empty(t, entries)
	require.Zero(t, e.code, "it works all the same")

	flag := diagnoseAt(t, t.TempDir(), []string{"RETOOL_URL=" + address}, "--token", goodToken)
	flag.is(t, "settings", "warn", "token from --token", "other users of this machine can see flags")
}

func TestDoctorOnClients(t *testing.T) {
	t.Parallel()
	address, home := serveHTTP(t, newEmulated(t)), t.TempDir()
	writeFile(t, `{"mcpServers":{"retool":{"command":"retool-mcp","env":{"RETOOL_ACCESS_TOKEN":"retool_01literal"}}}}`, 0o600, home, ".claude.json")
	writeFile(t, `{"mcpServers":{"other":{"command":"other"}}}`, 0o600, home, ".cursor", "mcp.json")
	writeFile(t, "[mcp_servers.retool]\ncommand = \"retool-mcp\"\n", 0o600, home, ".codex", "config.toml")
	e := diagnoseAt(t, home, to(address))
	e.is(t, "clients", "warn", "Claude Code ~/.claude.json, Cursor ~/.cursor/mcp.json (without retool-mcp), Codex ~/.codex/config.toml",
		"there is an access token in ~/.claude.json", "RETOOL_ACCESS_TOKEN_FILE")
	require.Zero(t, e.code)

	writeFile(t, `{"mcpServers":{"retool":{"command":"retool-mcp","env":{"RETOOL_ACCESS_TOKEN_FILE":"/t"}}}}`, 0o600, home, ".claude.json")
	diagnoseAt(t, home, to(address)).is(t, "clients", "ok")
}

// Several instances of a configuration file are examined one after the other, and
// the machine once.
func TestDoctorOnSeveralInstances(t *testing.T) {
	t.Parallel()
	good, folder := serveHTTP(t, newEmulated(t)), t.TempDir()
	token := writeFile(t, goodToken, 0o600, folder, "token")
	file := writeFile(t, "instances:\n  prod: {url: "+good+", token_file: "+token+"}\n  lost: {url: 'http://127.0.0.1:1', token_file: "+token+"}\n",
		0o600, folder, "retool.yaml")
	code, out, errs := runDoctor(t, t.TempDir(), nil, "doctor", "--json", "--config", file)
	require.Equal(t, 1, code, errs)
	var list []check
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 2*len(allChecks))
	for i, c := range list {
		require.Equal(t, []string{"prod", "lost"}[i/len(allChecks)], c.Instance)
		require.Equal(t, c.Instance == "lost" && c.Name == "connect", c.Status == "fail", "%+v", c)
		if c.Name == "settings" {
			require.Contains(t, c.Found, "url of the instance "+c.Instance+" in "+file)
		}
	}
	_, out, _ = runDoctor(t, t.TempDir(), nil, "doctor", "--config", file)
	require.Contains(t, out, "instance prod\n")
	require.Contains(t, out, "\ninstance lost\n")
	require.Equal(t, 1, strings.Count(out, "no configuration file of a known client"))
}
