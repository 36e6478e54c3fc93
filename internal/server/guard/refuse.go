package guard

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// refusal is why a request is not served. The message is for the client, and
// tells an operator what to set.
type refusal struct {
	status  int
	code    int
	message string
}

// refuse answers a request that is not served.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, why refusal) {
	level := slog.LevelDebug // else a flood of requests would be one of lines
	if why.status == http.StatusForbidden {
		level = slog.LevelInfo // the operator may have to allow it
	}
	g.log.Log(r.Context(), level, "request refused", "status", why.status, "reason", why.message)
	jsonrpc.Refuse(w, why.status, why.code, why.message)
}

// hangUp refuses a request whose body was not read to its end, and takes no
// other on the connection.
func (g *Guard) hangUp(w http.ResponseWriter, r *http.Request, why refusal) {
	jsonrpc.HangUp(w, r)
	g.refuse(w, r, why)
}

// tryLater tells the client when to come back.
func tryLater(w http.ResponseWriter, after time.Duration) {
	seconds := int((after + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// mostEcho is how many characters of a header a message repeats.
const mostEcho = 100

// echo is the part of a client's text that a message repeats.
func echo(s string) string { return text.Quote(s, mostEcho) }
