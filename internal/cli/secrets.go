package cli

import (
	"fmt"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// secrets are what arguments may refer to, and where one-time secrets go.
type secrets struct {
	references *secret.References
	folder     *secret.Sink // nil for none
}

// openSecrets checks the settings of secrets and opens what they name.
func (s *Settings) openSecrets() (opened secrets, err error) {
	for _, name := range s.SecretEnv {
		if slices.Contains(ownVariables, name) {
			return opened, fmt.Errorf("%s: %s holds this server's own secret, which no argument may name", label("secret-env"), name)
		}
	}
	if opened.references, err = secret.NewReferences(s.SecretEnv, nil); err != nil {
		return opened, named(label("secret-env"), err)
	}
	if opened.references, err = secret.NewReferences(s.SecretEnv, s.SecretFiles); err != nil {
		return opened, named(label("secret-files"), err)
	}
	opened.references.SettingNames = secret.SettingNames{Env: label("secret-env"), Files: label("secret-files")}
	own := []variable{{label("token-file"), s.TokenFile}, {label("auth-token-file"), s.HTTP.AuthTokenFile}, {label("tls-key"), s.HTTP.TLSKey}}
	for _, file := range append(own, variables("RETOOL_ACCESS_TOKEN_FILE", "RETOOL_MCP_AUTH_TOKEN_FILE")...) {
		if listed, ok := opened.references.Includes(file.value); ok {
			return opened, fmt.Errorf("%s allows %s, and with it the file of %s, which no argument may name: "+
				"keep that file elsewhere, or list the others one by one", label("secret-files"), listed, file.name)
		}
	}
	if s.SecretDir != "" {
		opened.folder, err = secret.OpenSink(s.SecretDir)
	}
	return opened, named(label("secret-dir"), err)
}

// ownVariables hold secrets of this program.
var ownVariables = []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_MCP_AUTH_TOKEN"}
