package retool

import (
	"cmp"
	"time"
)

// SettingNames are what users call the settings that messages mention, such as
// "--timeout (RETOOL_MCP_TIMEOUT)". Empty ones are described in words.
type SettingNames struct {
	Address, Token, Timeout, PerMinute, MaxConcurrent string
}

func (n SettingNames) withDefaults() SettingNames {
	return SettingNames{
		Address:       cmp.Or(n.Address, "the address"),
		Token:         cmp.Or(n.Token, "an access token"),
		Timeout:       cmp.Or(n.Timeout, "the timeout"),
		PerMinute:     cmp.Or(n.PerMinute, "the limit of requests per minute"),
		MaxConcurrent: cmp.Or(n.MaxConcurrent, "the limit of concurrent requests"),
	}
}

// refusal refuses a request before it is sent. Its text follows "Not sent: ", or
// says why a request is not retried.
type refusal struct {
	kind       Kind
	text       string
	retryAfter time.Duration // 0 if unknown
}

// Error is the text.
func (r *refusal) Error() string { return r.text }

// forbiddenError refuses a request on behalf of Options.Allow.
type forbiddenError struct{ error }

// Unwrap returns what Options.Allow returned.
func (e *forbiddenError) Unwrap() error { return e.error }
