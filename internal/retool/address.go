package retool

import (
	"cmp"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CloudAddress is the gateway of Retool's cloud. It serves every organization:
// the access token selects the one.
const CloudAddress = "https://api.retool.com/api/v2"

const apiPath = "/api/v2"

// Address is where a Retool API is. Its parts are normalized: two values for
// the same address are equal with ==. The zero value is not an address.
type Address struct {
	scheme string // "http" or "https"
	host   string // lower case, with a port only if it is not the scheme's own
	path   string // percent-encoded, ends in apiPath
}

// ParseAddress parses the address of a Retool instance in any form people
// paste: with or without scheme, port, sub-path, trailing slash and /api/v2.
// The given scheme is for raw without one; "" means https.
//
// It rejects anything that is not clearly such an address. The error is one
// line and does not repeat raw, which may contain a password.
func ParseAddress(raw, scheme string) (Address, error) {
	// "://" marks a scheme: url.Parse would take the host of "localhost:3000" for
	// one.
	scheme, rest := cmp.Or(scheme, "https"), strings.TrimSpace(raw)
	if before, after, found := strings.Cut(rest, "://"); found {
		scheme, rest = before, after
	}
	scheme = strings.ToLower(scheme)

	switch {
	case rest == "":
		return Address{}, errors.New("the address has no host")
	case scheme != "http" && scheme != "https":
		return Address{}, errors.New("the scheme of the address must be http or https")
	case !utf8.ValidString(rest):
		return Address{}, errors.New("the address is not valid UTF-8")
	case strings.ContainsFunc(rest, isSpaceOrControl):
		return Address{}, errors.New("the address must not contain spaces or control characters")
	case strings.Contains(rest, "@"), strings.Contains(rest, "%40"):
		return Address{}, errors.New("the address must not contain a user name or password")
	case strings.ContainsAny(rest, "?#"):
		return Address{}, errors.New("the address must not contain a query or fragment")
	}

	u, err := url.Parse(scheme + "://" + rest)
	switch {
	case err != nil: // not wrapped: it repeats the address
		return Address{}, errors.New("the address is not a valid URL: check its host and port")
	case u.Hostname() == "":
		return Address{}, errors.New("the address has no host")
	case strings.ContainsAny(u.Host, `<>"!$&'()*+,;=`): // such as the placeholder <org>
		return Address{}, errors.New("the host of the address contains characters that are not allowed in a host name")
	case !validPort(u):
		return Address{}, errors.New("the port of the address must be a number from 1 to 65535")
	}

	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, apiPath), "/")
	return Address{scheme: scheme, host: canonicalHost(u), path: path + apiPath}, nil
}

// String is the base address of the API without a trailing slash:
// <origin>[/subpath]/api/v2.
func (a Address) String() string { return a.Origin() + a.path }

// Origin is scheme, host and any port other than the scheme's own, for example
// https://tools.example.com:8443.
func (a Address) Origin() string {
	return (&url.URL{Scheme: a.scheme, Host: a.host}).String()
}

func isSpaceOrControl(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

// canonicalHost is the host of u in lower case, with its port unless that is
// the default of u's scheme.
func canonicalHost(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
