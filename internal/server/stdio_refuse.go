package server

import (
	"context"
	"io"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// alongTime is how long requests are still answered that a client sends along with
// the one whose error ends the conversation.
const alongTime = 100 * time.Millisecond

// RefuseStdio tells the client on stdio why the server cannot start: it answers
// requests with an error of that reason. It returns when in ends, soon after the
// first answer, and at the latest when patience ends or ctx does.
//
// Pings are answered. The refusal of a server/discover does not end the
// conversation: clients that know both eras send initialize then.
func RefuseStdio(ctx context.Context, in io.Reader, out io.Writer, reason string, patience time.Duration) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		_ = eachLine(in, func(line []byte) bool { // a client that cannot be read is gone
			select {
			case lines <- line:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	var along <-chan time.Time
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return
			}
			answer, last := refusal(line, reason)
			if _, err := out.Write(answer); err != nil {
				return
			}
			if last && along == nil {
				along = time.After(alongTime)
			}
		case <-along:
			return
		case <-ctx.Done():
			return
		}
	}
}

// refusal is the answer to one line, if any, and whether the client needs no other.
func refusal(line []byte, reason string) (answer []byte, last bool) {
	m, malformed := jsonrpc.Parse(line)
	switch method := mcp.MCPMethod(m.MethodName()); {
	case malformed != nil:
		return jsonrpc.ErrorResponse(malformed.ID, malformed.Code, malformed.Reason), false
	case m.ID == nil || m.IsResponse():
		return nil, false
	case method == mcp.MethodPing:
		return jsonrpc.Response(m.ID, "result", []byte("{}")), false
	default:
		return jsonrpc.ErrorResponse(m.ID, jsonrpc.InternalError, reason), method != mcp.MethodServerDiscover
	}
}
