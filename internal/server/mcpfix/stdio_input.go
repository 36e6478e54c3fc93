package mcpfix

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// stdioInput is the reader that mcp-go reads the client's messages from. It is
// not safe for concurrent use; mcp-go reads one line after the other.
type stdioInput struct {
	ListenOptions
	ctx     context.Context
	lines   *bufio.Reader
	pending *pendingRequests
	output  *stdioOutput
	stop    context.CancelCauseFunc
	drained chan struct{} // closed when the input has ended and everything is answered

	dec  jsontext.Decoder
	rest net.Buffers // of the line mcp-go is reading: parts, to save a copy
	err  error       // what ended the input, returned after rest
	once sync.Once   // guards drain
}

func (in *stdioInput) Read(p []byte) (int, error) {
	for len(in.rest) == 0 {
		if in.err != nil {
			in.once.Do(in.drain)
			return 0, in.err
		}
		line, err := in.readLine()
		if line = bytes.TrimSpace(line); len(line) > 0 {
			in.rest = in.filter(line)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			err = fmt.Errorf("read from client: %w", err)
		}
		in.err = err
	}
	n, _ := in.rest.Read(p) // its EOF is the end of a line
	return n, nil
}

// readLine returns a line and the error that ended it, unless a newline did. The
// line is valid until the next call.
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

// filter returns what mcp-go reads in place of the line.
func (in *stdioInput) filter(line []byte) net.Buffers {
	m, malformed := parseMessage(&in.dec, line)
	if malformed != nil {
		in.Logger.Warn("refused a line of input", "code", malformed.code) // the reason may quote arguments
		in.output.refuse(malformed)
		return nil
	}
	switch method := m.methodName(); {
	case m.isResponse():
		return withResult(line, m)
	case m.id == nil && method == mcp.MethodNotificationCancelled:
		return in.cancel(m)
	case m.id == nil:
		return net.Buffers{line, newline}
	default:
		if in.Respond != nil {
			if result := in.Respond(method, m.params); result != nil {
				in.output.respond(m.id, result)
				return nil
			}
		}
		// A subscription is answered when it ends, so it never delays the end of
		// input.
		awaited := method != mcp.MethodSubscriptionsListen
		seen := in.pending.add(string(m.id), awaited)
		return net.Buffers{line[:m.idEnd-len(m.id)], []byte(seen), line[m.idEnd:], newline}
	}
}
