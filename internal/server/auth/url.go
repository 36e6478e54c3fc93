package auth

import (
	"cmp"
	"fmt"
	"net/url"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
)

// SettingNames are what users call the settings that errors mention. Empty ones
// are described in words.
type SettingNames struct {
	Issuer, Audience, JWKSURL, Resource string
}

func (n SettingNames) withDefaults() SettingNames {
	return SettingNames{
		Issuer:   cmp.Or(n.Issuer, "the issuer"),
		Audience: cmp.Or(n.Audience, "the audience"),
		JWKSURL:  cmp.Or(n.JWKSURL, "the URL of the keys"),
		Resource: cmp.Or(n.Resource, "the resource"),
	}
}

// checkURL reads a URL that names somebody or something.
func checkURL(setting, text string) (*url.URL, error) {
	u, err := parseURL(setting, text)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		return nil, fmt.Errorf("%s must not have a query", setting)
	}
	return u, err
}

// parseURL reads a URL whose answers can be trusted: one of https, or of http on
// this machine.
func parseURL(setting, text string) (*url.URL, error) {
	if text == "" {
		return nil, fmt.Errorf("%s must be set", setting)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // not wrapped: it repeats the URL, in which a password may stand
		return nil, fmt.Errorf("%s is no URL", setting)
	case u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !netaddr.IsLoopback(u.Hostname())):
		return nil, fmt.Errorf("%s must be an https URL, or an http one on a loopback address, not %s", setting, u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("%s must not have a user", setting)
	case u.Fragment != "":
		return nil, fmt.Errorf("%s must not have a fragment", setting)
	}
	return u, nil
}
