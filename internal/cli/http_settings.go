package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
	"github.com/retool-mcp/retool-mcp/internal/server/remote"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Transports.
const (
	transportStdio = "stdio"
	transportHTTP  = "http"
	transportSSE   = "sse"
)

// Ways to authenticate callers.
const (
	authNone        = "none"
	authToken       = "token"
	authPassthrough = "passthrough"
	authOAuth       = "oauth"
)

// httpSettings are the settings of serve over HTTP.
type httpSettings struct {
	Transport         []string
	Listen, PublicURL string
	Stateful          bool

	Auth, AuthToken, AuthTokenFile                       string
	OAuthIssuer, OAuthJWKSURL                            string
	OAuthAudience, OAuthTokenType, OAuthScope, OAuthRule []string

	AllowHost, AllowOrigin []string
	TLSCert, TLSKey        string

	MaxBody, MaxCalls, MaxCallsPerCaller, MaxStreams, MaxStreamsPerCaller int
	SessionTTL, Drain                                                     time.Duration
	MetricsListen                                                         string

	// public is PublicURL as check parsed it; without a host if it is not set.
	public     url.URL
	tokenFiles tokenFiles
}

// group is the only list of these settings.
func (h *httpSettings) group() settingGroup {
	return settingGroup{"HTTP", []*setting{
		{name: "transport", target: &h.Transport, def: transportStdio, placeholder: "NAME", enum: []string{transportStdio, transportHTTP, transportSSE, transportHTTP + "," + transportSSE}, help: "How clients connect: stdio, http (streamable HTTP at /mcp), sse (the older transport, at /sse), or http,sse."},
		{name: "listen", target: &h.Listen, placeholder: "ADDRESS", def: "127.0.0.1:8000", help: "Address to listen on."},
		{name: "public-url", target: &h.PublicURL, placeholder: "URL", help: "URL at which clients reach the server, such as https://mcp.example.com. Its host is then allowed."},
		{name: "stateful", target: &h.Stateful, help: "Keep sessions, for clients that need them. All requests of a session must then reach the same process."},

		{name: "auth", target: &h.Auth, placeholder: "WAY", enum: []string{authNone, authToken, authPassthrough, authOAuth}, help: "Who may call: token (a shared secret), passthrough (callers bring their own Retool token), oauth (tokens of an identity provider), or none, the default on a loopback address and refused on others."},
		{name: "auth-token", target: &h.AuthToken, placeholder: "SECRET", help: "Shared secret. Prefer a file: other users of the machine can see flags."},
		{name: "auth-token-file", target: &h.AuthTokenFile, placeholder: "FILE", help: "File that holds the shared secret."},

		{name: "oauth-issuer", target: &h.OAuthIssuer, placeholder: "URL", help: "Issuer of the tokens."},
		{name: "oauth-audience", target: &h.OAuthAudience, placeholder: "NAME,...", help: "Audience of the tokens, which is this server. A token needs one of several."},
		{name: "oauth-token-type", target: &h.OAuthTokenType, placeholder: "TYPE,...", enum: []string{auth.TypeAccess, auth.TypeJWT, auth.TypeNone}, help: "Type (the header typ) of the issuer's access tokens, if it is not at+jwt, which is always accepted: JWT, or none if they have no type."},
		{name: "oauth-scope", target: &h.OAuthScope, placeholder: "SCOPE,...", help: "Scope that clients request from the issuer. Default: the scopes in the rules. What a token allows is up to the rules."},
		{name: "oauth-jwks-url", target: &h.OAuthJWKSURL, placeholder: "URL", help: "URL of the issuer's keys. Default: as the issuer announces it."},
		{name: "oauth-rule", target: &h.OAuthRule, placeholder: "CLAIM=VALUE:TOOLSETS", lines: true, check: checkRule, help: "What a claim allows, such as groups=admins:all or roles=support:users,groups;read-only. May be repeated; a variable has one in a line. Without a rule, every token may do everything."},

		{name: "allow-host", target: &h.AllowHost, placeholder: "HOST,...", help: "Further host name under which clients may call the server."},
		{name: "allow-origin", target: &h.AllowOrigin, placeholder: "ORIGIN,...", help: "Origin of web pages that may call the server, such as https://app.example.com."},
		{name: "tls-cert", target: &h.TLSCert, placeholder: "FILE", help: "Certificate file. It is read again when it changes."},
		{name: "tls-key", target: &h.TLSKey, placeholder: "FILE", help: "File with the key of the certificate."},

		{name: "max-body", target: &h.MaxBody, def: "1048576", min: 1, help: "Maximum size of a request in bytes. Up to 48 times as much memory is for decoding requests."},
		{name: "max-calls", target: &h.MaxCalls, def: "256", min: 1, help: "Maximum calls in progress."},
		{name: "max-calls-per-caller", target: &h.MaxCallsPerCaller, def: "32", min: 1, help: "Maximum calls in progress of one caller, if callers can be distinguished."},
		{name: "max-streams", target: &h.MaxStreams, def: "2000", min: 1, help: "Maximum open streams, and maximum sessions."},
		{name: "max-streams-per-caller", target: &h.MaxStreamsPerCaller, def: "64", min: 1, help: "Maximum open streams of one caller, if callers can be distinguished."},
		{name: "session-ttl", target: &h.SessionTTL, def: "30m", min: 1, help: "Lifetime of a session without requests."},
		{name: "drain", target: &h.Drain, def: "20s", min: 1, help: "Time for calls in progress to finish when the server stops."},
		{name: "metrics-listen", target: &h.MetricsListen, placeholder: "ADDRESS", help: "Separate address for /metrics, without authentication. Default: on the main address, behind authentication."},
	}}
}

// check refuses settings that contradict each other.
func (h *httpSettings) check() error {
	host, _, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return fmt.Errorf("%s: %q is not of the form host:port", label("listen"), h.Listen)
	}
	loopback := netaddr.IsLoopback(host)
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
	case h.Auth != authOAuth && (h.OAuthIssuer+h.OAuthJWKSURL != "" || len(h.OAuthAudience)+len(h.OAuthTokenType)+len(h.OAuthScope)+len(h.OAuthRule) > 0):
		return fmt.Errorf("the --oauth-… settings belong to --auth oauth, not to %s", h.Auth)
	case (h.TLSCert == "") != (h.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key must be set together")
	}
	return h.parsePublicURL()
}

// callersAreOthers reports whether who calls need not be who set the settings.
func (h *httpSettings) callersAreOthers() bool {
	return !slices.Contains(h.Transport, transportStdio) && h.Auth != "" && h.Auth != authNone
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
	if mark := text.Unfilled(h.PublicURL); mark != "" {
		return fmt.Errorf("%s has a placeholder (%s): replace it", label("public-url"), mark)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	for _, route := range []string{remote.Streamable, remote.Stream, remote.Messages, remote.Metrics, remote.Health, remote.Ready, remote.Metadata} {
		if without := len(u.Path) - len(route); without >= 0 && strings.EqualFold(u.Path[without:], route) {
			u.Path, u.RawPath = u.Path[:without], ""
			return fmt.Errorf("%s must be without %s, which the server adds: %s", label("public-url"), route, u)
		}
	}
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
		return h.tokenFiles.read("--auth-token-file", h.AuthTokenFile)
	case h.AuthToken != "":
		return checkToken("--auth-token", h.AuthToken)
	default:
		return "", fmt.Errorf("--auth token needs %s or %s", label("auth-token-file"), label("auth-token"))
	}
}

func (h *httpSettings) oauth() (o auth.OAuthOptions, err error) {
	if h.public.Host == "" {
		return o, errors.New("--auth oauth needs --public-url: clients need the URL that their token is for")
	}
	o = auth.OAuthOptions{
		Issuer: h.OAuthIssuer, Audiences: h.OAuthAudience, TokenTypes: h.OAuthTokenType, JWKSURL: h.OAuthJWKSURL, Scopes: h.OAuthScope,
		SettingNames: auth.SettingNames{
			Issuer: label("oauth-issuer"), Audience: label("oauth-audience"), TokenType: label("oauth-token-type"),
			JWKSURL: label("oauth-jwks-url"), Resource: label("public-url"), Scope: label("oauth-scope"),
		},
	}
	endpoint := func(paths ...string) {
		o.Resources = append(o.Resources, auth.Resource{URL: h.public.JoinPath(paths[0]).String(), Paths: paths})
	}
	if slices.Contains(h.Transport, transportHTTP) {
		endpoint(remote.Streamable)
	}
	if slices.Contains(h.Transport, transportSSE) {
		endpoint(remote.Stream, remote.Messages)
	}
	for _, one := range h.OAuthRule {
		rule, err := auth.ParseRule(one)
		if err != nil {
			return o, named("--oauth-rule", err)
		}
		o.Rules = append(o.Rules, rule)
	}
	return o, nil
}
