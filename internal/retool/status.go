package retool

import (
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// maxText is how many bytes are kept of a message that is not the API's own.
const maxText = 500

// parts are where a web page says what happened, the most exact first: web
// frameworks put "Cannot POST /users" below the title "Error".
var parts = []func() *regexp.Regexp{
	text.Pattern(`(?is)<pre[^>]*>(.*?)</pre`),
	text.Pattern(`(?is)<title[^>]*>(.*?)</title`),
	text.Pattern(`(?is)<h1[^>]*>(.*?)</h1`),
}

var tag = text.Pattern(`<[^>]*>`)

// newStatusError makes the error of a response. The body may be cut to its first
// maxErrorBody bytes.
func newStatusError(resp *http.Response, body []byte, token redact.AccessToken) *StatusError {
	e := &StatusError{
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header.Get("Retry-After")),
		HTML:       isWebPage(resp.Header.Get("Content-Type"), body),
		API:        envelopeOf(body) != noEnvelope,
	}
	// The token is removed once, after decoding and before cutting, which must not
	// leave half of it.
	remove := token.Text
	if len(body) == maxErrorBody {
		remove = token.CutText
	}
	body = trimStart(body)
	if e.HTML {
		e.Message = text.Clip(strings.TrimSpace(remove(pageText(body))), maxText)
		return e
	}
	if message := redactedReason(body, token.Text); message != "" {
		e.Message = message
		return e
	}
	e.Message = text.Clip(strings.TrimSpace(remove(string(body))), maxText)
	e.Plain = e.Message != ""
	return e
}

// pageText is what a web page says in short.
func pageText(body []byte) string {
	body = body[:min(len(body), maxErrorBody)]
	for _, part := range parts {
		if found := part().FindSubmatch(body); found != nil {
			if said := text.OneLine(html.UnescapeString(tag().ReplaceAllString(string(found[1]), " "))); said != "" {
				return said
			}
		}
	}
	return ""
}

// retryAfter parses the header Retry-After, in seconds or as an HTTP date; 0 if
// it is absent, invalid or in the past.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
