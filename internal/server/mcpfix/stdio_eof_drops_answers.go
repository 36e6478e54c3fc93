package mcpfix

import (
	"fmt"
	"time"
)

// mcp-go cancels every running request at the end of input, so a client that
// writes its requests and closes the pipe loses answers (`server < requests`
// answers about half of them). The protocol wants a prompt exit, not lost answers.
//
// So the input reports its end only when every request read from it is answered,
// or after a bounded wait.

// drain waits until everything that has been read is answered.
func (in *stdioInput) drain() {
	select {
	case <-in.pending.answered():
	case <-in.ctx.Done():
		return
	case <-time.After(in.Drain):
		if n := in.pending.unanswered(); n > 0 {
			in.stop(fmt.Errorf("%d requests unanswered %s after the end of input", n, in.Drain))
			return
		}
	}
	close(in.drained)
}
