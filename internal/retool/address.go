package retool

import (
	"cmp"
	"errors"
	"net/url"
	pathpkg "path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/text"
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
// paste: with or without scheme, port, sub-path, trailing slash, quotes, /api/v2
// and /api/v2/spec. The given scheme is for raw without one; "" means https.
//
// It rejects anything that is not clearly such an address. The error is one
// line and does not repeat raw, which may contain a password.
func ParseAddress(raw, scheme string) (Address, error) {
	// "://" marks a scheme: url.Parse would take the host of "localhost:3000" for
	// one.
	scheme, rest := cmp.Or(scheme, "https"), text.Unquote(strings.TrimFunc(raw, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) }))
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
	case strings.ContainsFunc(rest, isUnseen):
		return Address{}, errors.New("the address must not contain spaces, invisible or control characters")
	case strings.Contains(rest, "@"), strings.Contains(rest, "%40"):
		return Address{}, errors.New("the address must not contain a user name or password")
	case strings.ContainsAny(rest, "?#"):
		return Address{}, errors.New("the address must not contain a query or fragment: end it before ? or #")
	}

	u, err := url.Parse(scheme + "://" + rest)
	switch {
	case err != nil: // not wrapped: it repeats the address
		return Address{}, errors.New("the address is not a valid URL: check its host and port")
	case strings.TrimSuffix(u.Hostname(), ".") == "":
		return Address{}, errors.New("the address has no host")
	case strings.HasPrefix(u.Host, "."), strings.Contains(u.Host, ".."):
		return Address{}, errors.New("the host of the address has a dot too many")
	case strings.ContainsAny(u.Host, `<>"!$&'()*+,;=`): // such as the placeholder <org>
		return Address{}, errors.New("the host of the address contains characters that are not allowed in a host name")
	case strings.ContainsFunc(u.Host, func(c rune) bool { return c >= utf8.RuneSelf }):
		// Converting it, as browsers do, would hide letters that only look like others.
		return Address{}, errors.New("the host of the address has a letter outside ASCII: write it in its form that begins with xn--")
	case !validPort(u):
		return Address{}, errors.New("the port of the address must be a number from 1 to 65535")
	}
	path, err := subPath(u)
	if err != nil {
		return Address{}, err
	}
	return Address{scheme: scheme, host: canonicalHost(u), path: path + apiPath}, nil
}

// webPages are segments of the addresses of Retool's pages and operations, which
// people copy instead of the instance's own.
var webPages = []string{
	"api", "api-docs", "app", "apps", "auth", "docs", "editor", "folders", "groups", "login", "oauth", "openapi", "organization",
	"querylibrary", "reference", "resources", "settings", "source_control", "spaces", "spec", "swagger", "swagger-ui", "usage",
	"users", "workflows",
}

// notSubPath finds what the path of an instance does not contain: the path of the
// API, of any version and in any spelling.
var notSubPath = text.Pattern(`(?i)(^|[/\\])api[/\\]v\d`)

var endsInVersion = text.Pattern(`(?i)/v\d+$`)

// subPath is the path of an instance, without the API's own. What looks like the
// path of a page, of another version or of an operation is refused, since every
// request would fail; with /api/v2 at its end it is taken as it is.
func subPath(u *url.URL) (string, error) {
	var segments []string
	for segment := range strings.SplitSeq(normalized(u.EscapedPath()), "/") {
		switch {
		case segment == "..":
			return "", errors.New(`the path of the address must not contain ".."`)
		case strings.ContainsFunc(segment, func(c rune) bool { return !unreserved(c) && c != '%' && c != '+' }), strings.Contains(segment, "%25"):
			return "", errors.New("the path of the address contains characters that a path of Retool does not have")
		case segment != "" && segment != ".":
			segments = append(segments, "/"+segment)
		}
	}
	path := strings.Join(segments, "")
	base, isAPI := strings.CutSuffix(strings.TrimSuffix(path, documentPath), apiPath)
	if !isAPI {
		base = path
	}
	decoded, err := url.PathUnescape(base)
	switch {
	case err != nil: // url.Parse has checked it
		return "", errors.New("the address is not a valid URL: check its path")
	case strings.ContainsFunc(decoded, func(c rune) bool { return isControl(c) || strings.ContainsRune(`{}<>$"`, c) }):
		return "", errors.New("the path of the address contains characters that a path of Retool does not have")
	case decoded != "" && (notSubPath().MatchString(decoded) || !isAPI && endsInVersion().MatchString(decoded)): // most have none: no pattern for them
		return "", errors.New("the path of the address must end with /api/v2 or before it: no other version is supported, and what follows is added to it")
	}
	for segment := range strings.SplitSeq(strings.ToLower(decoded), "/") {
		extension := strings.TrimPrefix(pathpkg.Ext(segment), ".")
		if !isAPI && (slices.Contains(webPages, segment) || slices.Contains([]string{"html", "json", "yaml", "yml"}, extension)) {
			return "", errors.New("the address is that of a page: end it before the page's path, or with /api/v2 if Retool is installed below that path")
		}
	}
	if base != "" && strings.HasSuffix("."+strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), ".retool.com") {
		return "", errors.New("the address of an instance in Retool's cloud ends with its host or /api/v2")
	}
	return base, nil
}

// normalized decodes in a path what need not be encoded (RFC 3986, section 6.2.2),
// and writes other escapes in upper case.
func normalized(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	return escape().ReplaceAllStringFunc(path, func(escaped string) string {
		if c, err := url.PathUnescape(escaped); err == nil && unreserved(rune(c[0])) {
			return c
		}
		return strings.ToUpper(escaped)
	})
}

var escape = text.Pattern(`%[0-9A-Fa-f]{2}`)

func unreserved(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-._~", c)
}

// String is the base address of the API without a trailing slash:
// <origin>[/subpath]/api/v2.
func (a Address) String() string { return a.Origin() + a.path }

// Origin is scheme, host and any port other than the scheme's own, for example
// https://tools.example.com:8443.
func (a Address) Origin() string {
	return (&url.URL{Scheme: a.scheme, Host: a.host}).String()
}

func isUnseen(r rune) bool { return unicode.IsSpace(r) || isControl(r) }

// isControl includes byte order marks and other characters that take no space.
func isControl(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

// canonicalHost is the host of u in lower case and without a final dot, with its
// port unless that is the default of u's scheme.
func canonicalHost(u *url.URL) string {
	host, port := strings.ToLower(u.Host), u.Port()
	if port != "" {
		host = strings.TrimSuffix(host, ":"+port)
		port = strings.TrimLeft(port, "0")
	}
	host = strings.TrimSuffix(host, ".")
	if port == "" || port == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		return host
	}
	return host + ":" + port
}
