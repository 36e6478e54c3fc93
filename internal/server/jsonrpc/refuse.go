// Package jsonrpc refuses requests over HTTP in the form that MCP clients read.
// It knows nothing of why, nor of what is served to others.
package jsonrpc

import (
	"encoding/json"
	"net/http"
)

// Codes of JSON-RPC 2.0 for requests that are not served. The last three are of
// the range that is left to servers.
const (
	InvalidRequest = -32600
	InternalError  = -32603
	Overloaded     = -32000
	Unauthorized   = -32001
	Forbidden      = -32003
)

type answer struct {
	Version string  `json:"jsonrpc"`
	ID      *int    `json:"id"` // null: nobody looked for one
	Error   problem `json:"error"`
}

type problem struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Refuse answers with a status and an error of JSON-RPC that stands for no
// request in particular.
func Refuse(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer{Version: "2.0", Error: problem{code, message}}) // whether the client takes it is its affair
}

// HangUp lets the connection end with the answer to a request whose body was not
// read to its end: to find where the next one begins, the rest of the body would
// have to be waited for. HTTP/2 has no need of that.
func HangUp(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
}
