package auth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
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
		asks.RequestID = caller.From(r.Context()).RequestID
		// The header belongs to those who wrap this handler, too: they keep theirs.
		inner := r.WithContext(caller.With(r.Context(), asks))
		inner.Header = r.Header.Clone()
		inner.Header.Del("Authorization")
		next.ServeHTTP(w, inner)
	})
}

// codes of JSON-RPC for a status.
var codes = map[int]int{
	http.StatusBadRequest:         jsonrpc.InvalidRequest,
	http.StatusUnauthorized:       jsonrpc.Unauthorized,
	http.StatusForbidden:          jsonrpc.Forbidden,
	http.StatusServiceUnavailable: jsonrpc.Overloaded,
}

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	var why *DeniedError
	if !errors.As(err, &why) {
		why = &DeniedError{Status: http.StatusInternalServerError, Message: "The server failed inside."}
	}
	code, known := codes[why.Status]
	if !known {
		code = jsonrpc.InternalError
	}
	jsonrpc.HangUp(w, r) // nobody read the body
	if why.Challenge != "" {
		w.Header().Set("WWW-Authenticate", why.Challenge)
	}
	if why.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(fetchPause.Seconds())))
	}
	jsonrpc.Refuse(w, why.Status, code, why.Message)
}
