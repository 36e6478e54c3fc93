package openapi

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

var (
	colonParameter = clean.Pattern(`/:([A-Za-z_][A-Za-z0-9_]*)`)
	braceParameter = clean.Pattern(`\{([^{}/]+)\}`)
)

// maxPath is longer than any real path: work on a path grows with its length and
// the number of its parameters.
const maxPath = 4_000

// template checks a path, writes its parameters in braces and percent-encodes
// the rest as a request does.
func template(path string) (string, error) {
	if !strings.HasPrefix(path, "/") {
		return "", errors.New("a path must start with a slash")
	}
	if len(path) > maxPath {
		return "", fmt.Errorf("the path is longer than %d bytes", maxPath)
	}
	path = colonParameter().ReplaceAllString(path, "/{$1}")
	var out strings.Builder
	end := 0
	for _, at := range braceParameter().FindAllStringIndex(path, -1) {
		out.WriteString(encoded(path[end:at[0]]))
		out.WriteString(path[at[0]:at[1]])
		end = at[1]
	}
	out.WriteString(encoded(path[end:]))
	if why := malformed(braceParameter().ReplaceAllString(path, ""), out.String()); why != "" {
		return "", fmt.Errorf("the path's template is malformed: %s", why)
	}
	return out.String(), nil
}

// malformed says what is wrong with a path, "" for nothing. Fixed is the document's
// path without its parameters.
func malformed(fixed, path string) string {
	dots := func(segment string) bool { return segment == "." || segment == ".." }
	switch {
	case strings.ContainsAny(fixed, "{}"):
		return "a brace has no partner, or a parameter no name"
	case strings.Contains(fixed, "?"):
		return `it contains "?", and a query belongs in parameters`
	case strings.Contains(fixed, "#"):
		return `it contains "#", and what follows that is never sent`
	case slices.ContainsFunc(strings.Split(path, "/"), dots):
		return "a segment of dots leads to another path"
	}
	return ""
}

// encoded percent-encodes what a path cannot contain, keeps what is encoded
// already, and decodes what need not be, so that a path has one form.
func encoded(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c, wasEncoded := s[i], false
		if c == '%' && i+2 < len(s) {
			if decoded, err := url.PathUnescape(s[i : i+3]); err == nil {
				c, wasEncoded = decoded[0], true
				i += 2
			}
		}
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || strings.IndexByte("-._~", c) >= 0 || !wasEncoded && strings.IndexByte("!$&'()*+,;=:@/", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}
