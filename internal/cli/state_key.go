package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/file"
)

// stateKey is the key of --state-key-file, with which confirmations and the ids of plans
// are authenticated; nil stands for one of this process.
func (s *Settings) stateKey() ([]byte, error) {
	if s.StateKeyFile == "" {
		return nil, nil
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
	return key, nil
}

const maxStateKey = 64 << 10
