package auth

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Authenticator returns the caller of a request without RequestID and Address, or a
// *DeniedError. It is safe for concurrent use.
type Authenticator func(*http.Request) (caller.Caller, error)

// DeniedError is a refused request. It never holds a token.
type DeniedError struct {
	// Status is the HTTP status: 400, 401, 403, or 503 if the token cannot be
	// checked now.
	Status int
	// Challenge is the WWW-Authenticate header, "" for none.
	Challenge string
	// Message tells the client what to do.
	Message string
	// Reason is one word for log and metrics, Detail what only the operator may learn.
	Reason, Detail string
}

func (e *DeniedError) Error() string { return e.Message }

// None accepts every request as coming from one local caller.
func None() Authenticator {
	return func(*http.Request) (caller.Caller, error) { return caller.Caller{ID: "local"}, nil }
}

// callerID derives the id of a caller from text that must not be seen.
func callerID(mode, secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return mode + ":" + hex.EncodeToString(sum[:8])
}

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
		c.RequestID, c.Address = caller.From(r.Context()).RequestID, peer(r)
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

// Headers by which a request restricts what its caller may do.
const (
	toolsetsHeader = "X-MCP-Toolsets"
	readOnlyHeader = "X-MCP-Readonly"
)

// restrict returns c with the restrictions of the headers.
func restrict(c caller.Caller, headers http.Header, served []string) (caller.Caller, error) {
	if given := headers.Values(toolsetsHeader); len(given) > 0 {
		wanted, all, err := toolsets(strings.Join(given, ","), served)
		if err != nil {
			return c, err
		}
		scriptsOnly := slices.Equal(wanted, []string{scriptsToolset}) && (c.Toolsets == nil || slices.Contains(c.Toolsets, scriptsToolset))
		switch {
		case all:
		case scriptsOnly:
			c.ScriptsOnly = true
		default:
			c.Toolsets = intersect(c.Toolsets, wanted)
		}
	}
	if given := headers.Values(readOnlyHeader); len(given) > 0 {
		switch value := strings.Join(given, ","); value {
		case "true", "1":
			c.ReadOnly = true
		case "false", "0": // no restriction
		default:
			return c, badRequest(fmt.Sprintf("%s must be true or false, not %s.", readOnlyHeader, text.Quote(value, maxQuote)))
		}
	}
	return c, nil
}

// toolsets returns the names in a header, and whether "all" is among them.
func toolsets(header string, served []string) (names []string, all bool, err error) {
	for name := range strings.SplitSeq(header, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == allToolsets:
			all = true
		case !slices.Contains(served, name):
			available := append([]string{allToolsets}, slices.DeleteFunc(slices.Clone(served), func(s string) bool { return s == allToolsets })...)
			return nil, false, badRequest(fmt.Sprintf("%s names %s, which is not served. Available: %s.", toolsetsHeader, text.Quote(name, maxQuote), strings.Join(available, ", ")))
		default:
			names = union(names, []string{name})
		}
	}
	return names, all, nil
}

// intersect removes from the wanted names those that the caller may not use, where
// nil means all. Nothing left is an empty list, which means nothing, not nil.
func intersect(may, wanted []string) []string {
	return slices.DeleteFunc(wanted, func(name string) bool { return may != nil && !slices.Contains(may, name) })
}

func badRequest(message string) *DeniedError {
	return &DeniedError{Status: http.StatusBadRequest, Message: message}
}

// maxQuote is how many characters of a header a message quotes.
const maxQuote = 64
