package cli

import (
	"net/url"
	"time"
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

	Auth, AuthToken, AuthTokenFile           string
	OAuthIssuer, OAuthAudience, OAuthJWKSURL string
	OAuthRule                                []string

	AllowHost, AllowOrigin []string
	TLSCert, TLSKey        string

	MaxBody, MaxCalls, MaxCallsPerCaller, MaxStreams, MaxStreamsPerCaller int
	SessionTTL, Drain                                                     time.Duration
	MetricsListen                                                         string

	// public is PublicURL as check parsed it; without a host if it is not set.
	public url.URL
}

// group is the only list of these settings.
func (h *httpSettings) group() settingGroup {
	return settingGroup{"HTTP", []*setting{
		{name: "transport", target: &h.Transport, def: transportStdio, placeholder: "NAME", enum: []string{transportStdio, transportHTTP, transportSSE}, help: "How clients connect: stdio, http (streamable HTTP at /mcp), sse (the older transport, at /sse), or http,sse."},
		{name: "listen", target: &h.Listen, placeholder: "ADDRESS", def: "127.0.0.1:8000", help: "Address to listen on."},
		{name: "public-url", target: &h.PublicURL, placeholder: "URL", help: "URL at which clients reach the server, such as https://mcp.example.com. Its host is then allowed."},
		{name: "stateful", target: &h.Stateful, help: "Keep sessions, for clients that need them. All requests of a session must then reach the same process."},

		{name: "auth", target: &h.Auth, placeholder: "WAY", enum: []string{authNone, authToken, authPassthrough, authOAuth}, help: "Who may call: token (a shared secret), passthrough (callers bring their own Retool token), oauth (tokens of an identity provider), or none, the default on a loopback address and refused on others."},
		{name: "auth-token", target: &h.AuthToken, placeholder: "SECRET", help: "Shared secret. Prefer a file: other users of the machine can see flags."},
		{name: "auth-token-file", target: &h.AuthTokenFile, placeholder: "FILE", help: "File that holds the shared secret."},

		{name: "oauth-issuer", target: &h.OAuthIssuer, placeholder: "URL", help: "Issuer of the tokens."},
		{name: "oauth-audience", target: &h.OAuthAudience, placeholder: "NAME", help: "Audience of the tokens, which is this server."},
		{name: "oauth-jwks-url", target: &h.OAuthJWKSURL, placeholder: "URL", help: "URL of the issuer's keys. Default: as the issuer announces it."},
		{name: "oauth-rule", target: &h.OAuthRule, placeholder: "CLAIM=VALUE:TOOLSETS", verbatim: true, help: "What a claim allows, such as groups=admins:all or roles=support:users,groups;read-only. May be repeated. Without a rule, every token may do everything."},

		{name: "allow-host", target: &h.AllowHost, placeholder: "HOST,...", help: "Further host name under which clients may call the server."},
		{name: "allow-origin", target: &h.AllowOrigin, placeholder: "ORIGIN,...", help: "Origin of web pages that may call the server, such as https://app.example.com."},
		{name: "tls-cert", target: &h.TLSCert, placeholder: "FILE", help: "Certificate file. It is read again when it changes."},
		{name: "tls-key", target: &h.TLSKey, placeholder: "FILE", help: "File with the key of the certificate."},

		{name: "max-body", target: &h.MaxBody, def: "4194304", min: 1, help: "Maximum size of a request in bytes."},
		{name: "max-calls", target: &h.MaxCalls, def: "256", min: 1, help: "Maximum calls in progress."},
		{name: "max-calls-per-caller", target: &h.MaxCallsPerCaller, def: "32", min: 1, help: "Maximum calls in progress of one caller, if callers can be distinguished."},
		{name: "max-streams", target: &h.MaxStreams, def: "2000", min: 1, help: "Maximum open streams, and maximum sessions."},
		{name: "max-streams-per-caller", target: &h.MaxStreamsPerCaller, def: "64", min: 1, help: "Maximum open streams of one caller, if callers can be distinguished."},
		{name: "session-ttl", target: &h.SessionTTL, def: "30m", min: 1, help: "Lifetime of a session without requests."},
		{name: "drain", target: &h.Drain, def: "20s", min: 1, help: "Time for calls in progress to finish when the server stops."},
		{name: "metrics-listen", target: &h.MetricsListen, placeholder: "ADDRESS", help: "Separate address for /metrics, without authentication. Default: on the main address, behind authentication."},
	}}
}
