package guard

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// refusal is why a request is not served. The message is for the client, and tells
// an operator which setting to change.
type refusal struct {
	status  int
	code    int
	message string
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, why refusal) {
	level := slog.LevelDebug // a flood of requests must not become a flood of lines
	if why.status == http.StatusForbidden {
		level = slog.LevelInfo // the operator may have to allow it
	}
	g.log.Log(r.Context(), level, "request refused", "status", why.status, "reason", why.message)
	jsonrpc.WriteError(w, why.status, why.code, why.message)
}

// refuseUnread refuses a request whose body was not read to its end, and ends the
// connection.
func (g *Guard) refuseUnread(w http.ResponseWriter, r *http.Request, why refusal) {
	jsonrpc.CloseConnection(w, r)
	g.refuse(w, r, why)
}

func (g *Guard) refuseCrowded(w http.ResponseWriter, r *http.Request, got admission, of limited) {
	g.setRetryAfter(w)
	g.refuse(w, r, crowded(got, of))
}

// limited is something that is limited, with the names of the settings that limit
// it for all callers and for each.
type limited struct{ name, max, maxPerCaller string }

func (g *Guard) limitedCalls() limited {
	return limited{"calls", g.options.SettingNames.MaxCalls, g.options.SettingNames.MaxCallsPerCaller}
}

func (g *Guard) limitedStreams() limited {
	return limited{"streams", g.options.SettingNames.MaxStreams, g.options.SettingNames.MaxStreamsPerCaller}
}

func (g *Guard) limitedBodies() limited {
	return limited{"bytes in request bodies", g.options.SettingNames.MaxBody, g.options.SettingNames.MaxBody}
}

// crowded returns the refusal for a limit that is reached.
func crowded(got admission, of limited) refusal {
	const retry = " at once. Retry later%s."
	switch got {
	case callerLimit:
		return refusal{http.StatusTooManyRequests, jsonrpc.Overloaded, fmt.Sprintf("This caller has too many "+of.name+retry, hint(", or raise %s", of.maxPerCaller))}
	case clientGone:
		return refusal{http.StatusServiceUnavailable, jsonrpc.Overloaded, "The request ended before it could run."}
	default:
		return refusal{http.StatusServiceUnavailable, jsonrpc.Overloaded, fmt.Sprintf("The server has too many "+of.name+retry, hint(", or raise %s", of.max))}
	}
}

// hint fills a setting into a format, and is empty without one.
func hint(format, setting string) string {
	if setting == "" {
		return ""
	}
	return fmt.Sprintf(format, setting)
}

// setRetryAfter tells the client when to retry.
func (g *Guard) setRetryAfter(w http.ResponseWriter) {
	seconds := int((g.options.QueueTimeout + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// maxQuote is how many characters of a header a message quotes.
const maxQuote = 100

func quote(s string) string { return text.Quote(s, maxQuote) }
