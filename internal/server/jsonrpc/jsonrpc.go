// Package jsonrpc parses JSON-RPC messages and writes errors in the form that MCP
// clients read. It knows neither methods nor the reasons of errors.
package jsonrpc

import "net/http"

// Codes of JSON-RPC 2.0 for requests that are not served. The last three are in
// the range that is left to servers.
const (
	InvalidRequest = -32600
	InternalError  = -32603
	Overloaded     = -32000
	Unauthorized   = -32001
	Forbidden      = -32003

	parseError = -32700
)

// WriteError answers with a status and a JSON-RPC error with a null id.
func WriteError(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(ErrorResponse(nil, code, message)) // the client may be gone
}

// CloseConnection ends the connection with the answer to a request whose body was
// not read to its end: otherwise net/http waits for the rest of the body. HTTP/2
// does not need that.
func CloseConnection(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
}
