package doctor

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// ClientDirs are the folders in which clients keep their files.
type ClientDirs struct {
	// Home is the user's, Config that of programs (~/.config, ~/Library/Application
	// Support or %APPDATA%), Work the current one.
	Home, Config, Work string
	// ClaudeHome and CodexHome override the folders of these programs
	// (CLAUDE_CONFIG_DIR, CODEX_HOME); "" for the default.
	ClaudeHome, CodexHome string
}

// ClientFile is a file in which a client may configure this server.
type ClientFile struct{ Client, Path string }

// ClientFiles returns all known ones, whether they exist or not.
func ClientFiles(p ClientDirs, system string) []ClientFile {
	var files []ClientFile
	add := func(client, folder string, path ...string) {
		if folder == "" {
			return
		}
		f := ClientFile{client, filepath.Join(append([]string{folder}, path...)...)}
		if !slices.ContainsFunc(files, func(other ClientFile) bool { return other.Path == f.Path }) {
			files = append(files, f)
		}
	}
	if p.CodexHome == "" && p.Home != "" {
		p.CodexHome = filepath.Join(p.Home, ".codex")
	}
	add("Claude Desktop", p.Config, "Claude", "claude_desktop_config.json")
	add("Claude Code", cmp.Or(p.ClaudeHome, p.Home), ".claude.json")
	add("Claude Code", p.Work, ".mcp.json")
	add("Cursor", p.Home, ".cursor", "mcp.json")
	add("Cursor", p.Work, ".cursor", "mcp.json")
	add("VS Code", p.Config, "Code", "User", "mcp.json")
	add("VS Code", p.Work, ".vscode", "mcp.json")
	add("Windsurf", p.Home, ".codeium", "windsurf", "mcp_config.json")
	add("Codex", p.CodexHome, "config.toml")
	add("Codex", p.Work, ".codex", "config.toml")
	switch system {
	case "windows":
		add("Zed", p.Config, "Zed", "settings.json")
	case "darwin":
		add("Zed", p.Home, ".config", "zed", "settings.json")
	default:
		add("Zed", p.Config, "zed", "settings.json")
	}
	add("Zed", p.Work, ".zed", "settings.json")
	return files
}

// maxClientFile is the maximum size of a file that is read. Claude Code's holds much
// else.
const maxClientFile = 32 << 20

// program is in a file that configures this server.
const program = "retool-mcp"

// tokenPattern matches a literal token in a file: what follows a setting for tokens
// and looks like one, or what can be nothing else. Tool names and placeholders do
// not match.
func tokenPattern(settings []string) *regexp.Regexp {
	alone := `\bretool_[0-9][0-9A-Za-z]{15,}`
	if len(settings) == 0 {
		return regexp.MustCompile(alone)
	}
	names := make([]string, len(settings))
	for i, name := range settings {
		names[i] = regexp.QuoteMeta(name)
	}
	return regexp.MustCompile(`(?:` + strings.Join(names, "|") + `)["'\]]*[\s,:=]+["'\[]*retool_[0-9A-Za-z_-]*[0-9A-Za-z]|` + alone)
}

func (d *doctor) checkClients(context.Context) Check {
	if d.ClientDirs == (ClientDirs{}) {
		return Skip.found("checked once for all instances")
	}
	var found, literal []string
	pattern := tokenPattern(d.SettingNames.TokenSettings)
	for _, f := range ClientFiles(d.ClientDirs, runtime.GOOS) {
		info, err := os.Stat(f.Path)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxClientFile {
			continue
		}
		data, err := file.ReadText(f.Path)
		if err != nil {
			continue
		}
		path := d.short(f.Path)
		name := f.Client + " " + path
		if !bytes.Contains(data, []byte(program)) {
			name += " (without " + program + ")"
		}
		found = append(found, name)
		if pattern.Match(data) || len(d.Token) >= minSecret && !d.inProcess() && bytes.Contains(data, []byte(d.Token)) {
			literal = append(literal, path)
		}
	}
	switch {
	case len(found) == 0:
		return OK.found("no configuration file of a known client")
	case len(literal) > 0:
		return Warn.found("%s; there is an access token in %s", strings.Join(found, ", "), strings.Join(literal, " and ")).
			withRemedy("put the token into a file that only you can read, and configure {token-file-variable} instead of the token; if others have seen the file, create a new token")
	default:
		return OK.found("%s", strings.Join(found, ", "))
	}
}

// short abbreviates the home folder as ~.
func (d *doctor) short(path string) string {
	if below, ok := strings.CutPrefix(path, d.ClientDirs.Home+string(filepath.Separator)); ok && d.ClientDirs.Home != "" {
		return filepath.Join("~", below)
	}
	return path
}

// checkFiles checks who can read the files that hold secrets.
func (d *doctor) checkFiles(context.Context) Check {
	if d.TokenFile == "" && d.SecretDir == "" {
		return Skip.found("no token file and no folder for secrets is configured")
	}
	var private, open, remedies []string
	for _, f := range []struct{ what, path, mode string }{
		{"token file", d.TokenFile, "600"},
		{"folder for secrets", d.SecretDir, "700"},
	} {
		if f.path == "" {
			continue
		}
		info, err := os.Stat(f.path)
		if err != nil { // it existed when the settings were read
			return Fail.found("%s %s: %s", f.what, f.path, brief(file.Cause(err).Error())).withRemedy("check that it exists and that this user may read it")
		}
		name := f.what + " " + f.path
		if mode := info.Mode().Perm(); file.HasModes && mode&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s can be used by others (mode %04o)", name, mode))
			remedies = append(remedies, "chmod "+f.mode+" "+f.path)
			continue
		}
		private = append(private, name+" is private")
	}
	if len(open) > 0 {
		return Warn.found("%s", strings.Join(append(open, private...), "; ")).withRemedy("%s", strings.Join(remedies, " && "))
	}
	return OK.found("%s", strings.Join(private, "; "))
}
