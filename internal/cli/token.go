package cli

import (
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// tokenFiles are the tokens in files that were read since the start, or since a
// reload: several things need them, and a pipe can be read only once.
type tokenFiles map[string]string

// read returns the token in a file, which a setting names.
func (t tokenFiles) read(setting, path string) (string, error) {
	if token, ok := t[path]; ok {
		return token, nil
	}
	data, err := file.ReadText(path)
	if err != nil && strings.HasPrefix(path, "retool_") {
		return "", fmt.Errorf("%s must name a file, and seems to hold the token itself", setting)
	}
	if err != nil {
		return "", named(setting, err)
	}
	token, err := checkToken(setting, text.Unquote(string(data)))
	if err == nil {
		t[path] = token
	}
	return token, err
}

// checkToken refuses what cannot be sent as a token, without repeating it.
func checkToken(name, token string) (string, error) {
	if token == "" {
		return "", fmt.Errorf("%s holds no token", name)
	}
	if other := text.NotToken(token); other != "" {
		return "", fmt.Errorf("%s holds %s in place of a token", name, other)
	}
	if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", fmt.Errorf("%s holds a character that access tokens do not have", name)
	}
	return token, nil
}

// readTokensAgain forgets the tokens that were read.
func (p *program) readTokensAgain() {
	p.settings.tokenFiles, p.hidden = tokenFiles{}, nil
	p.settings.HTTP.tokenFiles = p.settings.tokenFiles
}

// tokens are those that must appear in no text, whichever instance sends it: of all
// instances, and the shared secret of callers. What cannot be read is reported where
// it is used.
func (p *program) tokens() []string {
	if p.hidden != nil {
		return p.hidden
	}
	p.hidden = []string{}
	_ = p.eachInstance(func(s *Settings, _ string) error {
		if token, err := s.token(); err == nil {
			p.hidden = append(p.hidden, token)
		}
		return nil
	})
	if h := &p.settings.HTTP; h.Auth == authToken {
		if shared, err := h.secret(); err == nil {
			p.hidden = append(p.hidden, shared)
		}
	}
	return p.hidden
}
