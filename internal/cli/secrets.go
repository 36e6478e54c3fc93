package cli

import (
	"fmt"
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
	if s.SecretDir == "" {
		return nil
	}
	if c.folder, err = secret.OpenFolder(s.SecretDir); err != nil {
		return named("--secret-dir (RETOOL_MCP_SECRET_DIR)", err)
	}
	return nil
}

// ownVariables hold secrets of this program.
var ownVariables = []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_MCP_AUTH_TOKEN"}
