package mcpfix

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

type messageKey struct{}

// ReadMethod parses the message in each POST and makes its method available to
// Method, which the other middlewares of this package use. Malformed messages are
// refused here, because mcp-go would understand some of them.
func ReadMethod(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		if r, m, ok := readMessage(w, r); ok {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), messageKey{}, m))) //nolint:contextcheck // it is the request's
		}
	})
}

// readMessage parses the message in a POST and keeps it for mcp-go, but for the
// arguments of a call. It refuses a malformed message and returns false.
func readMessage(w http.ResponseWriter, r *http.Request) (short *http.Request, m jsonrpc.Message, ok bool) {
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), 1<<20)) + bytes.MinRead)
	if _, err := body.ReadFrom(r.Body); err != nil {
		jsonrpc.WriteError(w, http.StatusBadRequest, mcp.PARSE_ERROR, "Cannot read the request body.")
		return r, m, false
	}
	given := text.TrimMark(body.Bytes())
	m, malformed := jsonrpc.Parse(given)
	if malformed != nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(jsonrpc.ErrorResponse(malformed.ID, malformed.Code, malformed.Reason)) // the client may be gone
		return r, m, false
	}
	if m.Method == nil && m.Result != nil {
		m.Result = exactAnswer(m.Result)
		given = jsonrpc.Response(m.ID, "result", json.RawMessage(m.Result))
	}
	r, rest, ok := withoutArguments(w, r, given, &m)
	r.Body = io.NopCloser(bytes.NewReader(rest))
	r.ContentLength = int64(len(rest))
	return r, m, ok
}

// Method returns the method of the message in a POST, "" if there is none.
func Method(r *http.Request) mcp.MCPMethod { return mcp.MCPMethod(message(r).MethodName()) }

// message is the message in a POST.
func message(r *http.Request) jsonrpc.Message {
	m, _ := r.Context().Value(messageKey{}).(jsonrpc.Message)
	return m
}
