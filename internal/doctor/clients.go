package doctor

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Places are the folders below which clients keep their files.
type ClientDirs struct {
	// Home is the user's, Config where programs keep settings (~/.config,
	// ~/Library/Application Support or %APPDATA%), Work the present folder.
	Home, Config, Work string
	// ClaudeHome and CodexHome are folders of these programs' own, where the user
	// has moved them (CLAUDE_CONFIG_DIR, CODEX_HOME); "" for the usual ones.
	ClaudeHome, CodexHome string
}

// ClientFile is a file in which a client may name this server.
type ClientFile struct{ Client, Path string }

// ClientFiles are all that we know of, whether they are there or not.
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
	or := func(own, usual string) string {
		if own == "" && p.Home != "" {
			return filepath.Join(p.Home, usual)
		}
		return own
	}
	add("Claude Desktop", p.Config, "Claude", "claude_desktop_config.json")
	add("Claude Code", or(p.ClaudeHome, "."), ".claude.json")
	add("Claude Code", p.Work, ".mcp.json")
	add("Cursor", p.Home, ".cursor", "mcp.json")
	add("Cursor", p.Work, ".cursor", "mcp.json")
	add("VS Code", p.Config, "Code", "User", "mcp.json")
	add("VS Code", p.Work, ".vscode", "mcp.json")
	add("Windsurf", p.Home, ".codeium", "windsurf", "mcp_config.json")
	add("Codex", or(p.CodexHome, ".codex"), "config.toml")
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

// maxClientFile is how much is read of a file. That of Claude Code holds much else.
const maxClientFile = 32 << 20

// program is what a file that names this server holds.
const program = "retool-mcp"

// tokenPattern finds a token that stands in a file itself: whatever is given to
// a variable or flag for tokens and looks like one, or what cannot be anything
// else. Names of tools and placeholders look different.
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
	var found, literal []string
	pattern := tokenPattern(d.SettingNames.TokenSettings)
	for _, f := range ClientFiles(d.ClientDirs, runtime.GOOS) {
		data, err := readSome(f.Path)
		if err != nil {
			continue
		}
		name := f.Client + " " + d.short(f.Path)
		switch {
		case !strings.Contains(data, program):
			found = append(found, name+" (without "+program+")")
		default:
			found = append(found, name)
		}
		if pattern.MatchString(data) || len(d.Token) >= secretLength && !d.inProcess() && strings.Contains(data, d.Token) {
			literal = append(literal, d.short(f.Path))
		}
	}
	switch {
	case d.ClientDirs == ClientDirs{}:
		return skip("they are looked for once")
	case len(found) == 0:
		return ok("no configuration file of a client we know")
	case len(literal) > 0:
		return warn("%s; an access token stands in %s", strings.Join(found, ", "), strings.Join(literal, " and ")).
			withRemedy("put the token into a file that only you can read, and name it there as {token-file-variable} in place of the token; if others have seen the file, make a new token")
	default:
		return ok("%s", strings.Join(found, ", "))
	}
}

func readSome(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", os.ErrInvalid
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxClientFile))
	return string(data), err
}

// short is a path with ~ for the home folder.
func (d *doctor) short(path string) string {
	if below, ok := strings.CutPrefix(path, d.ClientDirs.Home+string(filepath.Separator)); ok && d.ClientDirs.Home != "" {
		return filepath.Join("~", below)
	}
	return path
}
