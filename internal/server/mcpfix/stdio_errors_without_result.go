package mcpfix

import (
	"net"

	"github.com/go-json-experiment/json/jsontext"
)

// mcp-go takes a client's error response for a request if the request it answers
// is gone, and answers it under an id that the client may use for a request of
// its own. JSON-RPC has no answer to a response.
//
// So an error response gets an empty result: mcp-go then ignores it if the
// request is gone, and looks at the error first if it is not.

func withResult(line []byte, m message) net.Buffers {
	if m.result != nil && m.result.Kind() != jsontext.KindNull {
		return net.Buffers{line, newline}
	}
	return net.Buffers{line[:m.end], []byte(`,"result":{}}`), newline}
}
