package cli

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

// Transports.
const (
	transportStdio = "stdio"
	transportHTTP  = "http"
	transportSSE   = "sse"
)

// Ways to tell who may call.
const (
	authNone        = "none"
	authToken       = "token"
	authPassthrough = "passthrough"
	authOAuth       = "oauth"
)

// remoteFlags are the settings of serve for the transports over HTTP.
type remoteFlags struct {
	Transport []string `name:"transport" placeholder:"NAME" default:"stdio" env:"RETOOL_MCP_TRANSPORT" help:"How clients connect: stdio, http (streamable HTTP at /mcp), sse (the older transport, at /sse), or http,sse."`
	Listen    string   `name:"listen" placeholder:"ADDRESS" default:"127.0.0.1:8000" env:"RETOOL_MCP_LISTEN" help:"Address to listen on."`
	PublicURL string   `name:"public-url" placeholder:"URL" env:"RETOOL_MCP_PUBLIC_URL" help:"Where clients reach the server, such as https://mcp.example.com; its host is then allowed."`
	Stateful  bool     `name:"stateful" env:"RETOOL_MCP_STATEFUL" help:"Keep sessions, for clients that need them. All requests of a session must then reach the same process."`

	Auth          string `name:"auth" placeholder:"WAY" env:"RETOOL_MCP_AUTH" help:"Who may call: token (a shared secret), passthrough (callers bring their own Retool token), oauth (tokens of an identity provider), or none, which is the default on a loopback address and refused elsewhere."`
	AuthToken     string `name:"auth-token" placeholder:"SECRET" env:"RETOOL_MCP_AUTH_TOKEN" help:"The shared secret. Prefer a file: other users of a machine can see flags."`
	AuthTokenFile string `name:"auth-token-file" placeholder:"FILE" env:"RETOOL_MCP_AUTH_TOKEN_FILE" help:"File that holds the shared secret."`

	OAuthIssuer   string   `name:"oauth-issuer" placeholder:"URL" env:"RETOOL_MCP_OAUTH_ISSUER" help:"Who issues the tokens."`
	OAuthAudience string   `name:"oauth-audience" placeholder:"NAME" env:"RETOOL_MCP_OAUTH_AUDIENCE" help:"For whom the tokens have to be, which is this server."`
	OAuthJWKSURL  string   `name:"oauth-jwks-url" placeholder:"URL" env:"RETOOL_MCP_OAUTH_JWKS_URL" help:"Where the issuer's keys are; found through the issuer if left out."`
	OAuthRule     []string `name:"oauth-rule" sep:"none" placeholder:"CLAIM=VALUE:TOOLSETS" env:"RETOOL_MCP_OAUTH_RULE" help:"What a claim allows, such as groups=admins:all or roles=support:users,groups;read-only; may be repeated. Without one, every token may do everything."`

	AllowHost   []string `name:"allow-host" placeholder:"HOST" env:"RETOOL_MCP_ALLOW_HOST" help:"Further name under which the server may be called."`
	AllowOrigin []string `name:"allow-origin" placeholder:"ORIGIN" env:"RETOOL_MCP_ALLOW_ORIGIN" help:"Origin of web pages that may call, such as https://app.example.com."`
	TLSCert     string   `name:"tls-cert" placeholder:"FILE" env:"RETOOL_MCP_TLS_CERT" help:"Certificate to serve with; read again when it changes."`
	TLSKey      string   `name:"tls-key" placeholder:"FILE" env:"RETOOL_MCP_TLS_KEY" help:"Key of the certificate."`

	MaxBody             int64         `name:"max-body" default:"4194304" env:"RETOOL_MCP_MAX_BODY" help:"How many bytes a request may have."`
	MaxCalls            int           `name:"max-calls" default:"256" env:"RETOOL_MCP_MAX_CALLS" help:"How many calls may be in progress at once."`
	MaxCallsPerCaller   int           `name:"max-calls-per-caller" default:"32" env:"RETOOL_MCP_MAX_CALLS_PER_CALLER" help:"How many of them one caller may have, where callers can be told apart."`
	MaxStreams          int           `name:"max-streams" default:"2000" env:"RETOOL_MCP_MAX_STREAMS" help:"How many streams may be open at once, and how many sessions there may be."`
	MaxStreamsPerCaller int           `name:"max-streams-per-caller" default:"64" env:"RETOOL_MCP_MAX_STREAMS_PER_CALLER" help:"How many of the streams one caller may have, where callers can be told apart."`
	SessionTTL          time.Duration `name:"session-ttl" default:"30m" env:"RETOOL_MCP_SESSION_TTL" help:"How long a session lives without a request."`
	Drain               time.Duration `name:"drain" default:"20s" env:"RETOOL_MCP_DRAIN" help:"How long calls in progress may take once the server has to stop."`
	MetricsListen       string        `name:"metrics-listen" placeholder:"ADDRESS" env:"RETOOL_MCP_METRICS_LISTEN" help:"Address for /metrics alone, without authentication; left out, it is on the main one, behind it."`
}

// transports checks how clients are to connect.
func (f *remoteFlags) transports() (remote bool, err error) {
	for _, name := range f.Transport {
		if !slices.Contains([]string{transportStdio, transportHTTP, transportSSE}, name) {
			return false, fmt.Errorf("--transport (RETOOL_MCP_TRANSPORT) must be stdio, http, sse or http,sse, not %q", name)
		}
		remote = remote || name != transportStdio
	}
	if remote && slices.Contains(f.Transport, transportStdio) {
		return false, errors.New("--transport (RETOOL_MCP_TRANSPORT): stdio goes with no other transport")
	}
	return remote, nil
}

// check refuses settings that contradict each other.
func (f *remoteFlags) check() error {
	loopback, err := isLoopback(f.Listen)
	if err != nil {
		return named("--listen (RETOOL_MCP_LISTEN)", err)
	}
	if f.Auth == "" && loopback {
		f.Auth = authNone
	}
	switch {
	case f.Auth == "":
		return fmt.Errorf("--auth (RETOOL_MCP_AUTH) must be set: %s can be reached from other machines", f.Listen)
	case f.Auth == authNone && !loopback:
		return fmt.Errorf("--auth none is for loopback addresses, and %s can be reached from other machines", f.Listen)
	case !slices.Contains([]string{authNone, authToken, authPassthrough, authOAuth}, f.Auth):
		return fmt.Errorf("--auth (RETOOL_MCP_AUTH) must be none, token, passthrough or oauth, not %q", f.Auth)
	case f.Auth != authToken && (f.AuthToken != "" || f.AuthTokenFile != ""):
		return fmt.Errorf("--auth-token and --auth-token-file belong to --auth token, not to %s", f.Auth)
	case f.Auth != authOAuth && (f.OAuthIssuer != "" || f.OAuthAudience != "" || f.OAuthJWKSURL != "" || len(f.OAuthRule) > 0):
		return fmt.Errorf("the settings --oauth-… belong to --auth oauth, not to %s", f.Auth)
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	}
	for _, setting := range []struct {
		name  string
		value int64
		text  string
	}{
		{"--session-ttl", int64(f.SessionTTL), f.SessionTTL.String()},
		{"--drain", int64(f.Drain), f.Drain.String()},
		{"--max-body", f.MaxBody, fmt.Sprint(f.MaxBody)},
		{"--max-calls", int64(f.MaxCalls), fmt.Sprint(f.MaxCalls)},
		{"--max-calls-per-caller", int64(f.MaxCallsPerCaller), fmt.Sprint(f.MaxCallsPerCaller)},
		{"--max-streams", int64(f.MaxStreams), fmt.Sprint(f.MaxStreams)},
		{"--max-streams-per-caller", int64(f.MaxStreamsPerCaller), fmt.Sprint(f.MaxStreamsPerCaller)},
	} {
		if setting.value <= 0 {
			return fmt.Errorf("%s must be more than zero, not %s", setting.name, setting.text)
		}
	}
	_, err = f.public()
	return err
}

// isLoopback tells whether only this machine can reach an address.
func isLoopback(listen string) (bool, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false, fmt.Errorf("%q must be of the form host:port", listen)
	}
	if strings.EqualFold(host, "localhost") {
		return true, nil
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback(), nil
}

// public is the address at which clients reach the server, nil where none is
// named.
func (f *remoteFlags) public() (*url.URL, error) {
	if f.PublicURL == "" {
		return nil, nil //nolint:nilnil // none is no fault
	}
	u, err := url.Parse(f.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("--public-url (RETOOL_MCP_PUBLIC_URL) must be an address such as https://mcp.example.com")
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}

// guardOptions are those of what stands in front of everything.
func (f *remoteFlags) guardOptions() guard.Options {
	hosts, origins := slices.Clone(f.AllowHost), slices.Clone(f.AllowOrigin)
	if u, _ := f.public(); u != nil {
		hosts = append(hosts, u.Host)
		if origin := u.Scheme + "://" + u.Host; !slices.Contains(origins, origin) {
			origins = append(origins, origin) // what a browser says behind a proxy that ends TLS
		}
	}
	o := guard.Options{
		Hosts: hosts, Origins: origins, MaxBody: f.MaxBody, MaxCalls: f.MaxCalls,
		MaxCallsPerCaller: f.MaxCallsPerCaller, MaxStreams: f.MaxStreams, MaxStreamsPerCaller: f.MaxStreamsPerCaller,
	}
	if f.Auth == authNone || f.Auth == authToken { // all callers look alike
		o.MaxCallsPerCaller, o.MaxStreamsPerCaller = f.MaxCalls, f.MaxStreams
	}
	return o
}
