package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// site serves the tools of a fixture over a transport.
func (f *fixture) site(t testing.TB, w way) *site {
	t.Helper()
	f.Use(server.ToolMiddleware)
	return serveHTTP(t, server.Transports(f.MCPServer, w.options()))
}

// begin starts a call in the background and waits until it runs.
func (f *fixture) begin(t testing.TB, s *site, body string, pairs ...string) <-chan string {
	t.Helper()
	answers := make(chan string, 1)
	go func() {
		resp, err := s.send(context.Background(), http.MethodPost, "/mcp", body, pairs...)
		if err != nil {
			answers <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answers <- string(text)
	}()
	receive(t, f.entered, "the call to begin")
	return answers
}

// spares requires that no call is stopped for a while.
func (f *fixture) spares(t testing.TB) {
	t.Helper()
	select {
	case tag := <-f.stopped:
		require.FailNow(t, "a call was stopped", tag)
	case <-time.After(shortWait):
	}
}

// modernCall and modernCancel are messages of the newer era, with their headers.
func modernCall(id, tool, key, value string) (body string, pairs []string) {
	body = fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,"arguments":{%q:%q},%s}}`, id, tool, key, value, modernMeta)
	return body, []string{"Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", "tools/call", "Mcp-Name", tool}
}

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"` + mcp.LATEST_PROTOCOL_VERSION + `","io.modelcontextprotocol/clientCapabilities":{}}`

// Without a session two clients easily use the same id. However one of them
// writes it, a cancellation must not reach the other's call.
func TestCancellationCannotReachOtherClients(t *testing.T) {
	modern := []string{"Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", "notifications/cancelled"}
	for name, attack := range map[string]struct {
		body  string
		pairs []string
	}{
		"as clients write it":         {canceled("7"), nil},
		"of the newer era":            {`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,` + modernMeta + `}}`, modern},
		"of the newer era by header":  {canceled("7"), modern},
		"under an invented session":   {canceled("7"), []string{"Mcp-Session-Id", "mcp-session-1"}},
		"with the method twice":       {`{"jsonrpc":"2.0","method":"ping","method":"notifications/cancelled","params":{"requestId":7}}`, nil},
		"in capitals":                 {`{"jsonrpc":"2.0","METHOD":"notifications/cancelled","params":{"requestId":7}}`, nil},
		"in escapes":                  {`{"jsonrpc":"2.0","\u006dethod":"notifications\/c\u0061ncelled","params":{"requestId":7}}`, nil},
		"behind text that is invalid": {"{\"jsonrpc\":\"2.0\",\"x\":\"\xff\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}", nil},
		"behind a member named twice": {`{"jsonrpc":"2.0","x":1,"x":2,"method":"notifications/cancelled","params":{"requestId":7}}`, nil},
		"behind blanks":               {" \n\t" + canceled("7"), nil},
		"as a batch":                  {"[" + canceled("7") + "]", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			s := f.site(t, way{})
			legacy := f.begin(t, s, call("7", "slow", "tag", "legacy"))
			body, pairs := modernCall("7", "slow", "tag", "modern")
			newer := f.begin(t, s, body, pairs...)
			status, _, _ := s.post(t, attack.body, attack.pairs...)
			require.Contains(t, []int{http.StatusAccepted, http.StatusBadRequest}, status)
			f.spares(t)
			f.release <- struct{}{}
			f.release <- struct{}{}
			require.Contains(t, receive(t, legacy, "the answer"), "released")
			require.Contains(t, receive(t, newer, "the answer"), "released")
		})
	}
}

// A client without a session cancels by closing its connection, and that ends
// its own call alone.
func TestClosedConnectionCancelsItsCall(t *testing.T) {
	for _, w := range ways[:4] {
		t.Run(w.name, func(t *testing.T) {
			f := newFixture(t)
			s := f.site(t, w)
			leaves, stays := w.client(t, s, nil), w.client(t, s, nil)
			answers := make(chan string, 1)
			go func() {
				answer, err := callTool(t.Context(), stays, "slow", map[string]any{"tag": "stays"})
				answers <- fmt.Sprint(answer, err)
			}()
			require.Equal(t, "stays", receive(t, f.entered, "the call that stays"))
			ctx, leave := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() {
				_, err := callTool(ctx, leaves, "slow", map[string]any{"tag": "leaves"})
				left <- err
			}()
			require.Equal(t, "leaves", receive(t, f.entered, "the call that leaves"))
			leave()
			require.Error(t, receive(t, left, "the client's own error"))
			require.Equal(t, "leaves", receive(t, f.stopped, "the call to be stopped"))
			f.spares(t)
			f.release <- struct{}{}
			require.Contains(t, receive(t, answers, "the other's answer"), "released")
		})
	}
}

func TestCancellationInASession(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{stateful: true})
	mine, others := s.session(t), s.session(t)
	own := f.begin(t, s, call("7", "slow", "tag", "mine"), "Mcp-Session-Id", mine)
	other := f.begin(t, s, call("7", "slow", "tag", "other"), "Mcp-Session-Id", others)

	status, _, _ := s.post(t, canceled("8"), "Mcp-Session-Id", mine)
	require.Equal(t, http.StatusAccepted, status)
	f.spares(t)
	status, _, _ = s.post(t, canceled("7"), "Mcp-Session-Id", mine)
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, "mine", receive(t, f.stopped, "the call to be stopped"))
	require.Contains(t, receive(t, own, "the end of the canceled call"), `"error"`)
	f.spares(t)
	f.release <- struct{}{}
	require.Contains(t, receive(t, other, "the other's answer"), "released")
}

// session opens a session and returns its id.
func (s *site) session(t testing.TB, pairs ...string) string {
	t.Helper()
	status, header, body := s.post(t, initialize("1"), pairs...)
	require.Equal(t, http.StatusOK, status, body)
	id := header.Get("Mcp-Session-Id")
	require.NotEmpty(t, id)
	require.NotContains(t, strings.ToLower(body), strings.ToLower(id))
	return id
}
