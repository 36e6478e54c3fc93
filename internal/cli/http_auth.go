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

// authenticator authenticates callers. It reads the files that the settings name.
func (h *httpSettings) authenticator(served []string, log *slog.Logger) (auth.Authenticator, error) {
	switch h.Auth {
	case authToken:
		secret, err := h.secret()
		if err != nil {
			return nil, err
		}
		a, err := auth.Token(secret)
		return a, named("--auth-token", err)
	case authPassthrough:
		return auth.Passthrough(), nil
	case authOAuth:
		o, err := h.oauth()
		if err != nil {
			return nil, err
		}
		for _, rule := range o.Rules {
			for _, name := range rule.Toolsets {
				if name != tools.ToolsetAll && !slices.Contains(served, name) {
					return nil, fmt.Errorf("--oauth-rule allows the toolset %s, which is not served; the served toolsets are %s", name, strings.Join(served, ", "))
				}
			}
		}
		o.Log = log
		return auth.OAuth(o)
	default:
		return auth.None(), nil
	}
}

func (h *httpSettings) secret() (string, error) {
	switch {
	case h.AuthToken != "" && h.AuthTokenFile != "":
		return "", contradict("--auth-token", "--auth-token-file")
	case h.AuthTokenFile != "":
		return readToken("--auth-token-file", h.AuthTokenFile)
	case h.AuthToken != "":
		return checkToken("--auth-token", strings.TrimSpace(h.AuthToken))
	default:
		return "", fmt.Errorf("--auth token needs %s or %s", label("auth-token-file"), label("auth-token"))
	}
}

func (h *httpSettings) oauth() (o auth.OAuthOptions, err error) {
	if h.public.Host == "" {
		return o, errors.New("--auth oauth needs --public-url: clients need the URL that their token is for")
	}
	o = auth.OAuthOptions{
		Issuer: h.OAuthIssuer, Audience: h.OAuthAudience, JWKSURL: h.OAuthJWKSURL,
		Resource: h.public.JoinPath("mcp").String(),
		SettingNames: auth.SettingNames{
			Issuer: label("oauth-issuer"), Audience: label("oauth-audience"), JWKSURL: label("oauth-jwks-url"), Resource: label("public-url"),
		},
	}
	for _, text := range h.OAuthRule {
		rule, err := auth.ParseRule(text)
		if err != nil {
			return o, named("--oauth-rule", err)
		}
		o.Rules = append(o.Rules, rule)
	}
	return o, nil
}
