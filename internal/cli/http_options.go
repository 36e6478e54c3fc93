package cli

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
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
