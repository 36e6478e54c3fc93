package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// A stdioOutput is what mcp-go writes its messages to, one per call of Write.
//
// It restores the ids and large texts of responses, leaves out those to canceled requests,
// and takes every other one as the end of its request. A failed write ends the
// service: the client is gone, and mcp-go would only log it.
type stdioOutput struct {
	requests *ledger
	texts    *texts
	stop     context.CancelCauseFunc
	closed   atomic.Bool // not under mu, which a blocked write holds

	mu  sync.Mutex // mcp-go's own lock leaves out its requests to the client
	out io.Writer
	dec jsontext.Decoder
	buf []byte // of the last message that was put together, for the next
}

func newStdioOutput(out io.Writer, requests *ledger, stop context.CancelCauseFunc) *stdioOutput {
	return &stdioOutput{out: out, requests: requests, texts: newTexts(), stop: stop}
}

func (o *stdioOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()

	textFrom, textTo, quoted := o.texts.find(p)
	id, end := answeredID(&o.dec, p)
	seen := string(id)
	request, ok := o.requests.find(seen)
	if ok {
		// Once it is written, and no sooner: then the input may end.
		defer o.requests.leave(seen)
	}
	switch {
	case ok && request.canceled:
		return len(p), nil
	case quoted == nil && (!ok || request.id == seen):
		return len(p), o.send(p)
	}
	o.buf = append(o.buf[:0], p[:end-len(id)]...)
	if ok {
		o.buf = append(o.buf, request.id...)
	} else {
		o.buf = append(o.buf, id...)
	}
	if quoted != nil { // mcp-go writes the id in front of the result
		o.buf = append(append(o.buf, p[end:textFrom]...), quoted...)
		end = textTo
	}
	o.buf = append(o.buf, p[end:]...)
	line := o.buf
	if cap(o.buf) > maxKept {
		o.buf = nil
	}
	return len(p), o.send(line)
}

// maxKept bounds the buffer that is kept for the next message.
const maxKept = 1 << 20

// refuse answers a line that mcp-go does not get to see.
func (o *stdioOutput) refuse(r *refusal) {
	answer, err := json.Marshal(mcp.JSONRPCError{
		JSONRPC: mcp.JSONRPC_VERSION,
		ID:      mcp.NewRequestId(json.RawMessage(r.id)),
		Error:   mcp.NewJSONRPCErrorDetails(r.code, r.reason, nil),
	})
	if err != nil {
		panic("server: " + err.Error()) // a valid id, a number and a string
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.send(append(answer, '\n')) // has ended the service if it failed
}

// answer responds to a request that mcp-go does not get to see.
func (o *stdioOutput) answer(id jsontext.Value, result json.RawMessage) {
	line := slices.Concat([]byte(`{"jsonrpc":"2.0","id":`), []byte(id), []byte(`,"result":`), []byte(result), []byte("}\n"))
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.send(line) // has ended the service if it failed
}

// notify writes a notification, which mcp-go does not get to see either.
func (o *stdioOutput) notify(notification []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.send(append(notification, '\n')) // has ended the service if it failed
}

// send must be called with mu held.
func (o *stdioOutput) send(line []byte) error {
	if o.closed.Load() {
		return nil
	}
	if _, err := o.out.Write(line); err != nil {
		o.close()
		err = fmt.Errorf("write to client: %w", err)
		o.stop(err)
		return err
	}
	return nil
}

// close discards all further messages. It does not wait for one being written.
func (o *stdioOutput) close() { o.closed.Store(true) }
