package sandbox

import (
	"net/http"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/pipe"
)

// Serve starts to serve the sandbox within the process, until the listener is
// closed. Clients connect with its Dial.
func (s *Sandbox) Serve() *pipe.Listener {
	l := pipe.Listen("sandbox")
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }() // ends with Close, always with an error
	return l
}
