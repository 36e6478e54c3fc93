package cli

import (
	"fmt"
	"os"
	"path/filepath"
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
	own := []variable{{label("token-file"), s.TokenFile}}
	if err := s.refuseOwnFiles(append(own, variables("RETOOL_ACCESS_TOKEN_FILE", "RETOOL_MCP_AUTH_TOKEN_FILE")...)); err != nil {
		return opened, err
	}
	if s.SecretDir != "" {
		opened.folder, err = secret.OpenSink(s.SecretDir)
	}
	return opened, named(label("secret-dir"), err)
}

// ownVariables hold secrets of this program.
var ownVariables = []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_MCP_AUTH_TOKEN"}

// refuseOwnFiles refuses --secret-files that include files with this program's
// own secrets.
func (s *Settings) refuseOwnFiles(own []variable) error {
	for _, file := range own {
		for _, listed := range s.SecretFiles {
			if file.value != "" && includes(listed, file.value) {
				return fmt.Errorf("%s allows %s, and with it the file of %s, which no argument may name: "+
					"keep that file elsewhere, or list the others one by one", label("secret-files"), listed, file.name)
			}
		}
	}
	return nil
}

// includes tells whether a file is the one that is listed, or below the folder
// that is, by its name or by the target of a link.
func includes(listed, file string) bool {
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

// paths are a path in full, and the target of its links.
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
