package doctor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/doctor"
)

func TestClientFiles(t *testing.T) {
	for system, c := range map[string]struct {
		config string
		want   []string
	}{
		"linux": {"/h/.config", []string{
			"/h/.config/Claude/claude_desktop_config.json", "/h/.claude.json", "/w/.mcp.json", "/h/.cursor/mcp.json", "/w/.cursor/mcp.json",
			"/h/.config/Code/User/mcp.json", "/w/.vscode/mcp.json", "/h/.codeium/windsurf/mcp_config.json", "/h/.codex/config.toml",
			"/w/.codex/config.toml", "/h/.config/zed/settings.json", "/w/.zed/settings.json",
		}},
		"darwin": {"/h/Library/Application Support", []string{
			"/h/Library/Application Support/Claude/claude_desktop_config.json", "/h/.claude.json",
			"/h/Library/Application Support/Code/User/mcp.json", "/h/.config/zed/settings.json",
		}},
		"windows": {"/h/AppData/Roaming", []string{
			"/h/AppData/Roaming/Claude/claude_desktop_config.json", "/h/.codex/config.toml", "/h/AppData/Roaming/Code/User/mcp.json",
			"/h/AppData/Roaming/Zed/settings.json",
		}},
	} {
		var paths []string
		for _, f := range doctor.ClientFiles(doctor.ClientDirs{Home: "/h", Config: c.config, Work: "/w"}, system) {
			paths = append(paths, filepath.ToSlash(f.Path))
		}
		require.Subset(t, paths, c.want, system)
		require.Len(t, paths, 12, system)
	}
	files := doctor.ClientFiles(doctor.ClientDirs{Home: "/h", Work: "/h", ClaudeHome: "/c", CodexHome: "/x"}, "linux")
	var paths []string
	for _, f := range files {
		paths = append(paths, filepath.ToSlash(f.Path))
	}
	require.Contains(t, paths, "/c/.claude.json")
	require.Contains(t, paths, "/x/config.toml")
	require.Equal(t, 1, strings.Count(strings.Join(paths, " "), "/h/.cursor/mcp.json"), "the present folder is home")
	require.Empty(t, doctor.ClientFiles(doctor.ClientDirs{}, "linux"))
}

// A literal token is found in the formats of all clients; placeholders and names
// are not tokens.
func TestLiteralTokens(t *testing.T) {
	for text, literal := range map[string]bool{
		`{"env":{"RETOOL_ACCESS_TOKEN":"retool_01abc"}}`:                          true,
		`{"env": { "RETOOL_TOKEN" : "retool_x-y_z" }}`:                            true,
		`env = { RETOOL_API_KEY = "retool_01abc" }`:                               true,
		`RETOOL_ACCESS_TOKEN = 'retool_01abc'`:                                    true,
		`"args":["serve","--token","retool_01abc"]`:                               true,
		`"args":["serve","--token=retool_01abc"]`:                                 true,
		`claude mcp add --env RETOOL_ACCESS_TOKEN=retool_01abc`:                   true,
		`"Authorization: Bearer retool_01kabcdefghijklmnopq"`:                     true,
		`"a word ` + token + ` anywhere"`:                                         true,
		`{"env":{"RETOOL_ACCESS_TOKEN_FILE":"/home/me/retool_token"}}`:            false,
		`{"env":{"RETOOL_ACCESS_TOKEN":"${env:RETOOL_ACCESS_TOKEN}"}}`:            false,
		`{"env":{"RETOOL_ACCESS_TOKEN":"${input:token}"}}`:                        false,
		`{"env":{"RETOOL_ACCESS_TOKEN":"retool_..."}}`:                            false,
		`"allow":["mcp__retool__list_users","retool_list_custom_components"]`:     false,
		`"command":"/opt/retool_mcp_2024/retool-mcp","args":["--token-file","x"]`: false,
	} {
		home := t.TempDir()
		file := filepath.Join(home, ".claude.json")
		require.NoError(t, os.WriteFile(file, []byte(text+" retool-mcp"), 0o600))
		c := examine(t, newInstance(t, fine), func(o *doctor.Options) { o.ClientDirs = doctor.ClientDirs{Home: home} })["clients"]
		require.Contains(t, c.Found, filepath.Join("~", ".claude.json"))
		require.Equal(t, literal, c.Status == doctor.Warn, text)
		require.NotContains(t, c.Found+c.Remedy, "retool_0")
		if literal {
			require.Contains(t, c.Remedy, "RETOOL_ACCESS_TOKEN_FILE")
		}
	}
}
