package cli

import (
	"os"

	configfile "github.com/retool-mcp/retool-mcp/internal/config"
	"github.com/retool-mcp/retool-mcp/internal/doctor"
)

// sources are the names of the settings from which address and token come. The
// instance is that of a configuration file, or nothing.
func (s *Settings) sources(i configfile.Instance) doctor.Sources {
	return doctor.Sources{
		Address: s.sourceOf(i, []string{"url"}, "RETOOL_URL", "RETOOL_HOST", "RETOOL_SCHEME"),
		Token: s.sourceOf(i, []string{"token", "token-file"},
			"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_ACCESS_TOKEN_FILE"),
		Seen: s.given["token"] && i.Values["token"] == "",
	}
}

// sourceOf is where one of the flags or variables is set, in the order in which
// they count.
func (s *Settings) sourceOf(i configfile.Instance, flags []string, variables ...string) (names []string) {
	for _, flag := range flags {
		if i.Values[flag] != "" {
			names = append(names, flag+" of the instance "+i.Name+" in "+s.Config)
		}
	}
	for _, flag := range flags {
		if len(names) == 0 && s.given[flag] {
			return []string{"--" + flag}
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, at := range environment(variables...) {
		name := at.name
		if s.Config != "" { // its values become variables, unless they are set
			name += " or " + s.Config
		}
		names = append(names, name)
	}
	return names
}

// tokenFile is the file that the token comes from, "" for none.
func (s *Settings) tokenFile() string {
	if s.given["token-file"] {
		return s.TokenFile
	}
	if at := environment("RETOOL_ACCESS_TOKEN_FILE"); len(at) > 0 && !s.given["token"] {
		return at[0].value
	}
	return ""
}

// places are where clients keep their files on this machine. What the system does
// not tell stays empty, and nothing is looked for there.
func places() doctor.Places {
	home, _ := os.UserHomeDir()
	config, _ := os.UserConfigDir()
	work, _ := os.Getwd()
	return doctor.Places{
		Home: home, Config: config, Work: work,
		ClaudeHome: os.Getenv("CLAUDE_CONFIG_DIR"), CodexHome: os.Getenv("CODEX_HOME"),
	}
}
