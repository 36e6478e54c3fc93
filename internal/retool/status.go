package retool

import (
	"bytes"
	"encoding/json"
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

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title`)

// newStatusError makes the error of a response. The body may be cut to its first
// maxErrorBody bytes.
func newStatusError(resp *http.Response, body []byte, token redact.AccessToken) *StatusError {
	e := &StatusError{
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header.Get("Retry-After")),
		HTML:       isWebPage(resp.Header.Get("Content-Type"), body),
	}
	// Redacted before and after decoding: either may reveal the token, and
	// cutting must not leave half of it.
	body = token.FailedBody(trimStart(body))
	if e.HTML {
		e.Message = text.Clip(strings.TrimSpace(token.Text(pageText(body))), maxText)
		return e
	}
	if message := apiMessage(body); message != "" {
		e.Message = token.Text(message)
		return e
	}
	e.Message = text.Clip(strings.TrimSpace(string(body)), maxText)
	e.Plain = e.Message != ""
	return e
}

// apiMessage finds the message in {"success":false,"message":"…"}, in
// {"error":"…"} or in {"error":{"message":"…"}}; empty if there is none.
func apiMessage(body []byte) string {
	var envelope struct {
		Message any `json:"message"`
		Error   any `json:"error"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return ""
	}
	candidates := []any{envelope.Message, envelope.Error}
	if nested, ok := envelope.Error.(map[string]any); ok {
		candidates = append(candidates, nested["message"])
	}
	for _, candidate := range candidates {
		if message, ok := candidate.(string); ok && message != "" {
			return message
		}
	}
	return ""
}

// pageText is the title of a page, or the body itself if it is bare text with
// the content type of a page.
func pageText(body []byte) string {
	body = body[:min(len(body), maxErrorBody)]
	if found := title.FindSubmatch(body); found != nil {
		return strings.Join(strings.Fields(html.UnescapeString(string(found[1]))), " ")
	}
	if bytes.HasPrefix(body, []byte("<")) {
		return ""
	}
	return string(body)
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
