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

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, why *refusal) {
	level := slog.LevelDebug // a flood of requests must not become a flood of lines
	if why.status == http.StatusForbidden {
		level = slog.LevelInfo // the operator may have to allow it
	}
	g.options.Log.Log(r.Context(), level, "request refused", "status", why.status, "reason", why.message)
	jsonrpc.WriteError(w, why.status, why.code, why.message)
}

// refuseUnread refuses a request whose body was not read to its end, and ends the
// connection.
func (g *Guard) refuseUnread(w http.ResponseWriter, r *http.Request, why *refusal) {
	jsonrpc.CloseConnection(w, r)
	g.refuse(w, r, why)
}

// crowded returns the refusal for a limit that is reached, and tells the client when
// to retry. The settings limit what the request needs for all callers and for each.
func (g *Guard) crowded(w http.ResponseWriter, got admission, what, setting, settingPerCaller string) *refusal {
	seconds := (g.options.QueueTimeout + time.Second - 1) / time.Second
	w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	status, who := http.StatusServiceUnavailable, "The server"
	switch got {
	case clientGone:
		return &refusal{status, jsonrpc.Overloaded, "The request ended before it could run."}
	case callerLimit:
		status, who, setting = http.StatusTooManyRequests, "This caller", settingPerCaller
	}
	return &refusal{status, jsonrpc.Overloaded, fmt.Sprintf("%s has too many %s at once. Retry later%s.", who, what, hint(", or raise %s", setting))}
}

// hint fills a setting into a format, and is empty without one.
func hint(format, setting string) string {
	if setting == "" {
		return ""
	}
	return fmt.Sprintf(format, setting)
}

// maxQuote is how many characters of a header a message quotes.
const maxQuote = 100

func quote(s string) string { return text.Quote(s, maxQuote) }
