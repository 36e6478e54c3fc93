package auth

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// Middleware returns next behind authentication. It puts the caller into the
// context, restricted to what the request asks for, keeps the RequestID of a caller
// in there, and removes the Authorization header. It answers others with a JSON-RPC
// error.
//
// Served are the names of the served toolsets; "all" is always valid.
func Middleware(a Authenticator, served []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := a(r)
		if err == nil {
			c, err = restrict(c, r.Header, served)
		}
		if err != nil {
			refuse(w, r, err)
			return
		}
		c.RequestID = caller.From(r.Context()).RequestID
		// The handlers around this one share the header: they keep it.
		inner := r.WithContext(caller.With(r.Context(), c))
		inner.Header = r.Header.Clone()
		inner.Header.Del("Authorization")
		next.ServeHTTP(w, inner)
	})
}

// codes are the JSON-RPC codes by status.
var codes = map[int]int{
	http.StatusBadRequest:         jsonrpc.InvalidRequest,
	http.StatusUnauthorized:       jsonrpc.Unauthorized,
	http.StatusForbidden:          jsonrpc.Forbidden,
	http.StatusServiceUnavailable: jsonrpc.Overloaded,
}

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	why, denied := errors.AsType[*DeniedError](err)
	if !denied {
		why = &DeniedError{Status: http.StatusInternalServerError, Message: "Internal error."}
	}
	jsonrpc.CloseConnection(w, r) // the body is not read
	if why.Challenge != "" {
		w.Header().Set("WWW-Authenticate", why.Challenge)
	}
	if why.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(fetchPause.Seconds())))
	}
	jsonrpc.WriteError(w, why.Status, cmp.Or(codes[why.Status], jsonrpc.InternalError), why.Message)
}
