package mcpfix

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// stdioOutput is the writer that mcp-go writes its messages to, one per call of
// Write. It restores the ids and large texts of responses, drops those to canceled requests, and
// takes every other one as the end of its request.
type stdioOutput struct {
	pending *pendingRequests
	texts   *largeTexts
	stop    context.CancelCauseFunc
	closed  atomic.Bool // not guarded by mu, which a blocked write holds

	mu  sync.Mutex // mcp-go's own lock does not cover its requests to the client
	out io.Writer
	dec jsontext.Decoder
	buf []byte // of the last changed message, for reuse
}

func (o *stdioOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	textFrom, textTo, text := o.texts.take(p)
	id, end := answeredID(&o.dec, p)
	seen := string(id)
	request, ok := o.pending.find(seen)
	if ok {
		// After the write: only then may the input end.
		defer o.pending.remove(seen)
	}
	switch {
	case ok && request.canceled:
		return len(p), nil
	case text == nil && (!ok || request.id == seen):
		return len(p), o.send(p)
	}
	line := append(o.buf[:0], p[:end-len(id)]...)
	if ok {
		line = append(line, request.id...)
	} else {
		line = append(line, id...)
	}
	if text != nil { // after the id, which mcp-go writes first
		line = append(append(line, p[end:textFrom]...), text...)
		end = textTo
	}
	line = append(line, p[end:]...)
	if o.buf = line; cap(line) > maxBuffer {
		o.buf = nil
	}
	return len(p), o.send(line)
}

// maxBuffer bounds the buffer that is kept for the next message.
const maxBuffer = 1 << 20

// respond answers a request that mcp-go does not see.
func (o *stdioOutput) respond(id jsontext.Value, result json.RawMessage) {
	o.writeMessage(slices.Concat([]byte(`{"jsonrpc":"2.0","id":`), []byte(id), []byte(`,"result":`), []byte(result), []byte("}\n")))
}

// notify writes a notification past mcp-go.
func (o *stdioOutput) notify(notification []byte) {
	o.writeMessage(append(notification, '\n'))
}

func (o *stdioOutput) writeMessage(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.send(line) // ends Listen if it fails
}
