package retool

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// maxRedirects is how many redirects a read follows.
const maxRedirects = 3

// redirectError says why a redirect was not followed. It names the target's
// origin, not its path or query.
type redirectError struct {
	target string
	reason string
}

func (e *redirectError) Error() string {
	return fmt.Sprintf("redirected to %s, not followed: %s", text.RemoveInvisible(e.target), e.reason)
}

// send sends req and returns the response; the caller closes its body.
//
// Reads follow redirects within the same origin or to https on the same host.
// Writes follow none: after a 301, a POST would become a GET. http.Client would
// follow these too.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	for followed := 0; ; followed++ {
		resp, err := c.transport.RoundTrip(req)
		if err != nil || !isRedirect(resp) {
			return resp, err
		}
		// Reading the rest of a short body keeps the connection usable.
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
		resp.Body.Close()

		target, err := resp.Location()
		if err != nil { // not wrapped: it repeats the Location
			return nil, &redirectError{"an unreadable address", "its Location header is malformed"}
		}
		if reason := whyNotFollowed(req, target, followed); reason != "" {
			return nil, &redirectError{target.Scheme + "://" + target.Host, reason}
		}
		req = req.Clone(req.Context())
		req.URL, req.Host = target, ""
	}
}

func isRedirect(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// whyNotFollowed is why the redirect of req to target is not followed, empty if it is.
func whyNotFollowed(req *http.Request, target *url.URL, followed int) string {
	switch {
	case req.Method != http.MethodGet && req.Method != http.MethodHead, req.Body != nil && req.Body != http.NoBody:
		return "only reads follow redirects"
	case !sameOrigin(req.URL, target) && !upgradesToTLS(req.URL, target):
		return "the access token is sent to the configured address only"
	case followed == maxRedirects:
		return fmt.Sprintf("more than %d in a row", maxRedirects)
	}
	return ""
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && canonicalHost(a) == canonicalHost(b)
}

// upgradesToTLS reports whether b is a's host with https, both on the default
// port of their scheme.
func upgradesToTLS(a, b *url.URL) bool {
	host := canonicalHost(b)
	return a.Scheme == "http" && b.Scheme == "https" && host == canonicalHost(a) && (&url.URL{Host: host}).Port() == ""
}
