package guard

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Codes of JSON-RPC.
const (
	invalidRequest = -32600
	internalError  = -32603
	overloaded     = -32000 // the first of those that servers choose
)

// refusal is why a request is not served. The message is for the client, and
// tells an operator what to set.
type refusal struct {
	status  int
	code    int
	message string
}

// answer is a refusal as MCP clients read it.
type answer struct {
	Version string  `json:"jsonrpc"`
	ID      *int    `json:"id"` // null: nobody looked for one
	Error   problem `json:"error"`
}

type problem struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// refuse answers a request that is not served.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, why refusal) {
	level := slog.LevelDebug // else a flood of requests would be one of lines
	if why.status == http.StatusForbidden {
		level = slog.LevelInfo // the operator may have to allow it
	}
	g.log.Log(r.Context(), level, "request refused", "status", why.status, "reason", why.message)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(why.status)
	_ = json.NewEncoder(w).Encode(answer{Version: "2.0", Error: problem{why.code, why.message}}) // whether the client takes it is its affair
}

// hangUp refuses a request whose body was not read to its end, and takes no
// other on the connection: to find where the next one begins, the rest of the
// body would have to be waited for. HTTP/2 has no need of that.
func (g *Guard) hangUp(w http.ResponseWriter, r *http.Request, why refusal) {
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
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
func echo(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "?"))
	if len(runes) > mostEcho {
		runes = append(runes[:mostEcho-1], '…')
	}
	return `"` + string(runes) + `"`
}
