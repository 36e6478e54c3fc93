package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// leastTokens is the smallest result that can still say how to go on.
const leastTokens = 1000

// secrets checks the settings of results, and opens what they name.
func (s *Settings) secrets(c *config) (err error) {
	if s.MaxResultTokens < leastTokens {
		return fmt.Errorf("--max-result-tokens (RETOOL_MCP_MAX_RESULT_TOKENS) must be at least %d, not %d", leastTokens, s.MaxResultTokens)
	}
	for _, name := range s.SecretEnv {
		if slices.Contains(ownVariables, name) {
			return fmt.Errorf("--secret-env (RETOOL_MCP_SECRET_ENV): %s holds this server's own secret, which no argument may name", name)
		}
	}
	if c.references, err = secret.NewReferences(s.SecretEnv, nil); err != nil {
		return named("--secret-env (RETOOL_MCP_SECRET_ENV)", err)
	}
	if c.references, err = secret.NewReferences(s.SecretEnv, s.SecretFiles); err != nil {
		return named("--secret-files (RETOOL_MCP_SECRET_FILES)", err)
	}
	own := []setting{{"--token-file (RETOOL_ACCESS_TOKEN_FILE)", s.TokenFile}}
	if err := s.apart(append(own, environment("RETOOL_ACCESS_TOKEN_FILE", "RETOOL_MCP_AUTH_TOKEN_FILE")...)...); err != nil {
		return err
	}
	if s.SecretDir == "" {
		return nil
	}
	if c.folder, err = secret.OpenSink(s.SecretDir); err != nil {
		return named("--secret-dir (RETOOL_MCP_SECRET_DIR)", err)
	}
	return nil
}

// ownVariables hold secrets of this program.
var ownVariables = []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_MCP_AUTH_TOKEN"}

// apart refuses files of this program's own secrets that arguments could name.
func (s *Settings) apart(own ...setting) error {
	for _, file := range own {
		if file.value == "" {
			continue
		}
		for _, listed := range s.SecretFiles {
			if holds(listed, file.value) {
				return fmt.Errorf("--secret-files (RETOOL_MCP_SECRET_FILES) allows %s, and with it the file of %s, which no argument may name: "+
					"keep that file elsewhere, or list the others one by one", listed, file.name)
			}
		}
	}
	return nil
}

// holds tells whether a file is the one that is listed, or below the folder that
// is, by its name or where its name leads.
func holds(listed, file string) bool {
	dir := listed != "" && os.IsPathSeparator(listed[len(listed)-1])
	if a, err := os.Stat(listed); err == nil && !dir {
		b, err := os.Stat(file)
		return err == nil && os.SameFile(a, b)
	}
	for _, path := range paths(file) {
		for _, folder := range paths(listed) {
			if below, err := filepath.Rel(folder, path); dir && err == nil && filepath.IsLocal(below) {
				return true
			}
		}
	}
	return false
}

// paths are a path in full, and the one to which it leads.
func paths(path string) (out []string) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	out = append(out, full)
	if target, err := filepath.EvalSymlinks(full); err == nil && target != full {
		out = append(out, target)
	}
	return out
}
