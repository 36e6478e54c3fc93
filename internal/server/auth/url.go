package auth

import (
	"fmt"
	"net/url"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
)

// checkURL parses a URL that identifies an issuer or a resource.
func checkURL(setting, text string) (*url.URL, error) {
	u, err := parseURL(setting, text)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		return nil, fmt.Errorf("%s must not have a query", setting)
	}
	return u, err
}

// parseURL parses a URL whose answers can be trusted: https, or http on this machine.
func parseURL(setting, text string) (*url.URL, error) {
	if text == "" {
		return nil, fmt.Errorf("%s must be set", setting)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // not wrapped: it quotes the URL, which may have a password
		return nil, fmt.Errorf("%s is not a URL", setting)
	case u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !netaddr.IsLoopback(u.Hostname())):
		return nil, fmt.Errorf("%s must be an https URL, or an http one on a loopback address, not %s", setting, u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("%s must not have a user", setting)
	case u.Fragment != "":
		return nil, fmt.Errorf("%s must not have a fragment", setting)
	}
	return u, nil
}
