package perf_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A client is the other end of a server's pipes. It does little, since it shares
// the processors with the server: its requests are prepared, and it counts only
// lines and bytes of the responses. That suffices as a check: IDs have a fixed
// width, so every correct response is as long as the first, which is read.
type client struct {
	in     io.Writer
	out    io.Reader
	buffer []byte
	nextID int
}

func newClient(in io.Writer, out io.Reader) *client {
	return &client{in: in, out: out, buffer: make([]byte, 256<<10), nextID: firstID}
}

// firstID leaves room for 9 million requests with ids of one width.
const firstID = 1_000_000

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},` +
		`"clientInfo":{"name":"perf","version":"1"}}}` + "\n" + `{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"
	listTools = `{"jsonrpc":"2.0","id":2,"method":"tools/list"}` + "\n"
)

// request is a line without its id.
type request struct{ before, after string }

func requestOf(k kind) request {
	return request{`{"jsonrpc":"2.0","id":`, fmt.Sprintf(`,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, k.tool, k.arguments) + "\n"}
}

// send writes n requests at once.
func (c *client) send(r request, n int) error {
	if n == 0 {
		return nil
	}
	lines := make([]byte, 0, n*(len(r.before)+len(r.after)+8))
	for range n {
		lines = append(strconv.AppendInt(append(lines, r.before...), int64(c.nextID), 10), r.after...)
		c.nextID++
	}
	_, err := c.in.Write(lines)
	return err
}

// lines reads n lines and returns them. What it returns is valid until the
// client reads again.
func (c *client) lines(n int) ([]byte, error) {
	have := 0
	for {
		if have == len(c.buffer) {
			c.buffer = append(c.buffer, make([]byte, len(c.buffer))...)
		}
		got, err := c.out.Read(c.buffer[have:])
		n -= bytes.Count(c.buffer[have:have+got], newline)
		have += got
		if n <= 0 || err != nil {
			return c.buffer[:have], err
		}
	}
}

var newline = []byte("\n")

// call sends one request and waits for its answer.
func (c *client) call(r request) ([]byte, error) {
	if err := c.send(r, 1); err != nil {
		return nil, err
	}
	return c.lines(1)
}

// flood makes calls, inFlight at a time, and requires responses of size bytes.
func (c *client) flood(r request, calls, inFlight, size int) error {
	sent := min(calls, inFlight)
	if err := c.send(r, sent); err != nil {
		return err
	}
	total := 0
	for answered := 0; answered < calls; {
		n, err := c.out.Read(c.buffer)
		if err != nil {
			return fmt.Errorf("after %d of %d answers: %w", answered, calls, err)
		}
		ended := bytes.Count(c.buffer[:n], newline)
		total += n
		answered += ended
		more := min(ended, calls-sent)
		sent += more
		if err := c.send(r, more); err != nil {
			return err
		}
	}
	if total != calls*size {
		return fmt.Errorf("%d answers of %d bytes came to %d bytes: some differ", calls, size, total)
	}
	return nil
}

// greet initializes, checks the response of one call of the kind, and returns the
// length of its line.
func (c *client) greet(t testing.TB, k kind) int {
	t.Helper()
	_, err := io.WriteString(c.in, initialize)
	require.NoError(t, err)
	hello, err := c.lines(1)
	require.NoError(t, err)
	require.Contains(t, string(hello), `"serverInfo"`)
	answer, err := c.call(requestOf(k))
	require.NoError(t, err)
	require.Equal(t, k.items, bytes.Count(answer, []byte("@example.com")), string(answer[:min(len(answer), 500)]))
	require.NotContains(t, string(answer), `"isError"`)
	require.Contains(t, string(answer), `"text":"`+k.begins)
	return len(answer)
}

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = r.Close()
		_ = w.Close()
	})
	return r, w
}
