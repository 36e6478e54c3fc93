package auth

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// Middleware is next for those who may call. It puts the caller into the context,
// narrowed to what the request asks for, keeps the Request of a caller that is in
// there, and takes the Authorization header away. All others are answered with a
// JSON-RPC error.
//
// Served are the toolsets that there are, by name; "all" need not be among them and
// always means all.
func Middleware(a Authenticator, served []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asks, err := a.Authenticate(r)
		if err == nil {
			asks, err = narrow(asks, r.Header, served)
		}
		if err != nil {
			refuse(w, r, err)
			return
		}
		asks.Request = caller.From(r.Context()).Request
		// The header belongs to those who wrap this handler, too: they keep theirs.
		inner := r.WithContext(caller.With(r.Context(), asks))
		inner.Header = r.Header.Clone()
		inner.Header.Del("Authorization")
		next.ServeHTTP(w, inner)
	})
}

// codes of JSON-RPC for a status. Those of 401 and 403 are of the range that is
// left to servers.
var codes = map[int]int{
	http.StatusBadRequest:         -32600,
	http.StatusUnauthorized:       -32001,
	http.StatusForbidden:          -32003,
	http.StatusServiceUnavailable: -32000,
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

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	var why *DeniedError
	if !errors.As(err, &why) {
		why = &DeniedError{Status: http.StatusInternalServerError, Message: "The server failed inside."}
	}
	code, known := codes[why.Status]
	if !known {
		code = -32603
	}
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		// Nobody read the body. To keep the connection, its end would have to be
		// waited for, on behalf of somebody who may not call.
		w.Header().Set("Connection", "close")
	}
	if why.Challenge != "" {
		w.Header().Set("WWW-Authenticate", why.Challenge)
	}
	if why.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(fetchPause.Seconds())))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(why.Status)
	_ = json.NewEncoder(w).Encode(answer{Version: "2.0", Error: problem{code, why.Message}}) // whether the client takes it is its affair
}
