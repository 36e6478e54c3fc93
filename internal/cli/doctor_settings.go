package cli

import (
	"os"

	"github.com/retool-mcp/retool-mcp/internal/doctor"
)

// sources are the names of the settings that address and token come from.
func (s *Settings) sources() doctor.Sources {
	token := s.origins["token"]
	if file := s.origins["token-file"]; file.level > token.level {
		token = origin{inFile, file.names}
	}
	return doctor.Sources{Address: s.origins["url"].names, Token: token.names, Seen: token.level == byFlag}
}

// usedTokenFile is the file that the token comes from, "" for none.
func (s *Settings) usedTokenFile() string {
	if s.origins["token"].level > s.origins["token-file"].level {
		return ""
	}
	return s.TokenFile
}

// clientDirs are where clients keep their files on this machine. Folders
// that the system does not name stay empty.
func clientDirs() doctor.ClientDirs {
	home, _ := os.UserHomeDir()
	config, _ := os.UserConfigDir()
	work, _ := os.Getwd()
	return doctor.ClientDirs{
		Home: home, Config: config, Work: work,
		ClaudeHome: os.Getenv("CLAUDE_CONFIG_DIR"), CodexHome: os.Getenv("CODEX_HOME"),
	}
}
