package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/file"
)

// agreements are the confirmations of this process, authenticated with the key of
// --state-key-file or one of its own.
func (s *Settings) agreements() (*confirm.Agreements, error) {
	if s.StateKeyFile == "" {
		return confirm.NewAgreements(nil), nil
	}
	info, err := os.Stat(s.StateKeyFile)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", s.StateKeyFile)
	case !file.IsPrivate(info):
		return nil, fmt.Errorf("others can read %s (mode %04o): chmod 600 it, and replace the key", s.StateKeyFile, info.Mode().Perm())
	case info.Size() > maxStateKey:
		return nil, errors.New("a key of at most 64 KiB is enough")
	}
	key, err := file.ReadText(s.StateKeyFile)
	if err != nil {
		return nil, err
	}
	if key = bytes.TrimSpace(key); len(key) < confirm.MinKey {
		return nil, fmt.Errorf("%s holds %d characters, and a key has at least %d: create one with openssl rand -hex 32", s.StateKeyFile, len(key), confirm.MinKey)
	}
	return confirm.NewAgreements(key), nil
}

const maxStateKey = 64 << 10
