package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
	"github.com/retool-mcp/retool-mcp/tools"
)

// overHTTP tells whether clients connect over HTTP.
func (h *httpSettings) overHTTP() (bool, error) {
	stdio := slices.Contains(h.Transport, transportStdio)
	if stdio && len(h.Transport) > 1 {
		return false, fmt.Errorf("%s: stdio cannot be combined with another transport", label("transport"))
	}
	return !stdio, nil
}

// check refuses settings that contradict each other.
func (h *httpSettings) check() error {
	loopback, err := isLoopback(h.Listen)
	if err != nil {
		return named(label("listen"), err)
	}
	if h.Auth == "" && loopback {
		h.Auth = authNone
	}
	switch {
	case h.Auth == "":
		return fmt.Errorf("%s must be set: %s can be reached from other machines", label("auth"), h.Listen)
	case h.Auth == authNone && !loopback:
		return fmt.Errorf("--auth none is for loopback addresses, and %s can be reached from other machines", h.Listen)
	case h.Auth != authToken && (h.AuthToken != "" || h.AuthTokenFile != ""):
		return fmt.Errorf("--auth-token and --auth-token-file belong to --auth token, not to %s", h.Auth)
	case h.Auth != authOAuth && (h.OAuthIssuer != "" || h.OAuthAudience != "" || h.OAuthJWKSURL != "" || len(h.OAuthRule) > 0):
		return fmt.Errorf("the --oauth-… settings belong to --auth oauth, not to %s", h.Auth)
	case (h.TLSCert == "") != (h.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key must be set together")
	}
	return h.parsePublicURL()
}

// isLoopback tells whether only this machine can reach an address.
func isLoopback(listen string) (bool, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false, fmt.Errorf("%q is not of the form host:port", listen)
	}
	return netaddr.IsLoopback(host), nil
}

// parsePublicURL checks the URL at which clients reach the server.
func (h *httpSettings) parsePublicURL() error {
	if h.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(h.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%s must be a URL such as https://mcp.example.com", label("public-url"))
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	h.public = *u
	return nil
}

// guardOptions are the limits and names that apply before MCP.
func (h *httpSettings) guardOptions() guard.Options {
	hosts, origins := slices.Clone(h.AllowHost), slices.Clone(h.AllowOrigin)
	if u := h.public; u.Host != "" {
		hosts = append(hosts, u.Host)
		if origin := u.Scheme + "://" + u.Host; !slices.Contains(origins, origin) {
			origins = append(origins, origin) // of browsers behind a proxy that ends TLS
		}
	}
	o := guard.Options{
		Hosts: hosts, Origins: origins, MaxBody: int64(h.MaxBody), MaxCalls: h.MaxCalls,
		MaxCallsPerCaller: h.MaxCallsPerCaller, MaxStreams: h.MaxStreams, MaxStreamsPerCaller: h.MaxStreamsPerCaller,
		SettingNames: guard.SettingNames{
			Hosts: label("allow-host"), Origins: label("allow-origin"), MaxBody: label("max-body"),
			MaxCalls: label("max-calls"), MaxCallsPerCaller: label("max-calls-per-caller"),
			MaxStreams: label("max-streams"), MaxStreamsPerCaller: label("max-streams-per-caller"),
		},
	}
	if h.Auth == authNone || h.Auth == authToken { // callers are indistinguishable
		o.MaxCallsPerCaller, o.MaxStreamsPerCaller = h.MaxCalls, h.MaxStreams
	}
	return o
}

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
