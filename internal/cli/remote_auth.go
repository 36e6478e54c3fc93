package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
	"github.com/retool-mcp/retool-mcp/tools"
)

// authenticator is who may call; it reads the files that the settings name.
func (f *remoteFlags) authenticator(served []string, log *slog.Logger) (auth.Authenticator, error) {
	switch f.Auth {
	case authToken:
		secret, err := f.secret()
		if err != nil {
			return nil, err
		}
		a, err := auth.Token(secret)
		return a, named("--auth-token", err)
	case authPassthrough:
		return auth.Passthrough(), nil
	case authOAuth:
		o, err := f.oauth()
		if err != nil {
			return nil, err
		}
		for _, rule := range o.Rules {
			for _, name := range rule.Toolsets {
				if name != tools.ToolsetAll && !slices.Contains(served, name) {
					return nil, fmt.Errorf("--oauth-rule allows the toolset %s, which is not served: there are %s", name, strings.Join(served, ", "))
				}
			}
		}
		o.Log = log
		return auth.OAuth(o)
	default:
		return auth.None(), nil
	}
}

func (f *remoteFlags) secret() (string, error) {
	switch {
	case f.AuthToken != "" && f.AuthTokenFile != "":
		return "", contradict("--auth-token", "--auth-token-file")
	case f.AuthTokenFile != "":
		return readToken(setting{"--auth-token-file", f.AuthTokenFile})
	case f.AuthToken != "":
		return checkToken(setting{"--auth-token", strings.TrimSpace(f.AuthToken)})
	default:
		return "", errors.New("--auth token needs --auth-token-file or --auth-token (RETOOL_MCP_AUTH_TOKEN)")
	}
}

func (f *remoteFlags) oauth() (o auth.OAuthOptions, err error) {
	u, err := f.public()
	if err != nil {
		return o, err
	}
	if u == nil {
		return o, errors.New("--auth oauth needs --public-url: clients are told for what they need a token")
	}
	o = auth.OAuthOptions{
		Issuer: f.OAuthIssuer, Audience: f.OAuthAudience, JWKSURL: f.OAuthJWKSURL,
		Resource: u.JoinPath("mcp").String(),
	}
	for _, text := range f.OAuthRule {
		rule, err := auth.ParseRule(text)
		if err != nil {
			return o, named("--oauth-rule", err)
		}
		o.Rules = append(o.Rules, rule)
	}
	return o, nil
}
