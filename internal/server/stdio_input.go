package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// A stdioInput is what mcp-go reads the client's messages from.
//
// It enters requests into the ledger, answers lines that are no messages, and
// keeps the end of input back while requests are unanswered. It is not safe
// for concurrent use; mcp-go reads one line after the other.
type stdioInput struct {
	ctx      context.Context
	lines    *bufio.Reader
	requests *ledger
	output   *stdioOutput
	list     func() json.RawMessage
	ready    <-chan struct{} // closed when the tools are there
	drain    time.Duration
	stop     context.CancelCauseFunc
	drained  chan struct{} // closed when the input has ended and all is answered
	logger   *slog.Logger

	dec  jsontext.Decoder
	rest net.Buffers // of the line mcp-go is reading: parts, so as not to copy it
	err  error       // what ended the input, for mcp-go to see behind rest
	once sync.Once   // guards settle
}

func (in *stdioInput) Read(p []byte) (int, error) {
	for len(in.rest) == 0 {
		if in.err != nil {
			in.once.Do(in.settle)
			return 0, in.err
		}
		line, err := in.readLine()
		if line = bytes.TrimSpace(line); len(line) > 0 {
			in.rest = in.pass(line)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			err = fmt.Errorf("read from client: %w", err)
		}
		in.err = err
	}
	n, _ := in.rest.Read(p) // its EOF is the end of a line
	return n, nil
}

// settle waits until everything that has been read is answered.
func (in *stdioInput) settle() {
	select {
	case <-in.requests.settle():
	case <-in.ctx.Done():
		return
	case <-time.After(in.drain):
		if n := in.requests.unanswered(); n > 0 {
			in.stop(fmt.Errorf("%d requests unanswered %s after the end of input", n, in.drain))
			return
		}
	}
	close(in.drained)
}

// readLine returns a line and the error that ended it, if it was not ended by
// a newline. The line is valid until the next call.
func (in *stdioInput) readLine() ([]byte, error) {
	line, err := in.lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	var long bytes.Buffer
	for errors.Is(err, bufio.ErrBufferFull) {
		long.Write(line)
		line, err = in.lines.ReadSlice('\n')
	}
	long.Write(line)
	return long.Bytes(), err
}

// pass returns what mcp-go is to read in place of the line.
func (in *stdioInput) pass(line []byte) net.Buffers {
	m, refused := parseMessage(&in.dec, line)
	if refused != nil {
		in.logger.Warn("refused a line of input", "code", refused.code) // the reason may name arguments
		in.output.refuse(refused)
		return nil
	}
	switch method := m.methodName(); {
	case m.answers():
		return passResponse(line, m)
	case m.id == nil && method == mcp.MethodNotificationCancelled:
		return in.passCancellation(m)
	case m.id == nil:
		return net.Buffers{line, newline}
	case method == mcp.MethodToolsList && in.list != nil && m.plain():
		in.output.answer(m.id, in.list())
		return nil
	default:
		// A subscription is answered when it is over, so never before the
		// end of input.
		if method != mcp.MethodInitialize {
			<-in.ready
		}
		awaited := method != mcp.MethodSubscriptionsListen
		seen := in.requests.enter(string(m.id), awaited)
		return net.Buffers{line[:m.idEnd-len(m.id)], []byte(seen), line[m.idEnd:], newline}
	}
}

// passCancellation tells the ledger, which keeps waiting requests from starting,
// and then mcp-go, which stops running ones. mcp-go does not hear of a request
// that is over: it may know another one by that id.
func (in *stdioInput) passCancellation(m message) (lines net.Buffers) {
	id := canceledID(&in.dec, m.params)
	for _, seen := range in.requests.cancel(string(id)) {
		lines = append(lines, fmt.Appendf(nil,
			`{"jsonrpc":"2.0","method":%q,"params":{"requestId":%s}}`+"\n", mcp.MethodNotificationCancelled, seen))
	}
	return lines
}

// passResponse adds an empty result to an error. If the request it answers is
// gone, mcp-go takes a message without result for a request, and answers it
// under an id which the client may be using for a request of its own; if it is
// not gone, mcp-go looks at the error first.
func passResponse(line []byte, m message) net.Buffers {
	if m.result != nil && m.result.Kind() != jsontext.KindNull {
		return net.Buffers{line, newline}
	}
	return net.Buffers{line[:m.end], []byte(`,"result":{}}`), newline}
}

var newline = []byte("\n")
