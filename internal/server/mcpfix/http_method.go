package mcpfix

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

type methodKey struct{}

// ReadMethod reads the body of each POST and makes the method of its message
// available to Method. The other middlewares of this package need it.
func ReadMethod(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			jsonrpc.WriteError(w, http.StatusBadRequest, mcp.PARSE_ERROR, "Cannot read the request body.")
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), methodKey{}, methodOf(body)))
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// Method returns the method of the message in a POST, "" if there is none.
func Method(r *http.Request) mcp.MCPMethod {
	m, _ := r.Context().Value(methodKey{}).(mcp.MCPMethod)
	return m
}

// methodOf reads a message the way mcp-go does, which accepts names in any case
// and takes the last of several: a message that the two read differently would
// slip through.
func methodOf(message []byte) mcp.MCPMethod {
	var m struct {
		Method mcp.MCPMethod `json:"method"`
	}
	_ = json.Unmarshal(message, &m) // mcp-go refuses what is not a message
	return m.Method
}
