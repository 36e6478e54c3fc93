package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// waitingProcess is a process whose input stays open.
type waitingProcess struct {
	t      testing.TB
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string // of its output; closed at its end
	stderr *lockedBuffer
}

func startWaiting(t testing.TB, env []string, args ...string) *waitingProcess {
	t.Helper()
	w := &waitingProcess{t: t, cmd: exec.Command(binary, args...), stderr: &lockedBuffer{}, lines: make(chan string, 100)}
	w.cmd.Env, w.cmd.Stderr = env, w.stderr
	var err error
	w.in, err = w.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := w.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, w.cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(w.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = w.in.Close()
		<-ended
		_ = w.cmd.Wait()
	})
	return w
}

// rest is what the process still writes until it ends with code 2, and the one
// line of its standard error.
func (w *waitingProcess) rest() (lines []string, reason string) {
	w.t.Helper()
	for line := range w.lines {
		lines = append(lines, line)
	}
	var exit *exec.ExitError
	require.ErrorAs(w.t, w.cmd.Wait(), &exit)
	require.Equal(w.t, 2, exit.ExitCode(), w.stderr)
	reason = strings.TrimSuffix(w.stderr.String(), "\n")
	require.True(w.t, strings.HasPrefix(reason, "retool-mcp: "), reason)
	require.NotContains(w.t, reason, "\n")
	return lines, reason
}

// refusedStarts are settings that stop the start, with what the reason says.
func refusedStarts(t testing.TB) map[string]struct {
	args, env []string
	says      string
} {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it accepts, and never answers
	require.NoError(t, err)
	t.Cleanup(func() { silent.Close() })
	config := fileWith(t, "retool.yaml", "tokn: "+secretToken+"\n")
	return map[string]struct {
		args, env []string
		says      string
	}{
		"missing token file":        {[]string{"--token-file", "/nonexistent/token"}, nil, "--token-file: "},
		"token as file":             {[]string{"--token-file", secretToken}, nil, "seems to hold the token itself"},
		"bad token":                 {nil, []string{"RETOOL_ACCESS_TOKEN=" + secretToken + " and more"}, "character that access tokens do not have"},
		"empty token file":          {[]string{"serve", "--token-file", fileWith(t, "token", "\n")}, nil, "holds no token"},
		"unknown flag":              {[]string{"--tokn", secretToken}, nil, "--tokn"},
		"unknown flag of serve":     {[]string{"serve", "--tokn=" + secretToken}, nil, "--tokn"},
		"unknown command":           {[]string{"server"}, nil, "unknown command"},
		"extra argument":            {[]string{"serve", "now"}, nil, "unexpected argument"},
		"bad number":                {nil, []string{"RETOOL_MCP_RETRIES=" + secretToken}, "whole number"},
		"bad config":                {[]string{"--config", config}, nil, "unknown setting"},
		"missing config":            {nil, []string{"RETOOL_MCP_CONFIG=/nonexistent.yaml"}, "RETOOL_MCP_CONFIG"},
		"bad document":              {[]string{"--spec", fileWith(t, "spec.yaml", "<html>")}, nil, "web page"},
		"missing document":          {[]string{"--spec", "/nonexistent.yaml"}, nil, "/nonexistent.yaml"},
		"unknown toolset":           {[]string{"--toolsets", "nonesuch"}, nil, "nonesuch"},
		"contradiction":             {[]string{"--sandbox", "--url", "https://example.com"}, nil, "contradict"},
		"HTTP flag without HTTP":    {[]string{"serve", "--listen", ":1"}, nil, "--transport http"},
		"transport of another name": {[]string{"serve", "--transport", "streamable-http"}, nil, "--transport (RETOOL_MCP_TRANSPORT) must be"},
		"misspelled transport":      {[]string{"serve", "--transport=stdioo"}, nil, "stdioo"},
		"empty transport":           {[]string{"serve", "--transport=", "--tokn"}, nil, "--tokn"},
		"transport without value":   {[]string{"serve", "--transport"}, nil, "--transport needs a value"},
		"transport in quotes":       {[]string{"--transport", "'STDIO'", "--tokn"}, nil, "--tokn"},
		"stdio and http":            {[]string{"serve", "--transport", "http,stdio"}, nil, "cannot be combined"},
		"http and a misspelled one": {nil, []string{"RETOOL_MCP_TRANSPORT=http,stdout"}, "stdout"},
		"transport as a blank":      {nil, []string{"RETOOL_MCP_TRANSPORT=<transport>"}, "RETOOL_MCP_TRANSPORT"},
		"transport in the config":   {[]string{"--config", fileWith(t, "transport.yaml", "transport: http-stream\n")}, nil, "http-stream"},
		"transport as a value":      {[]string{"--tools", "--transport=http", "--tokn"}, nil, "--tokn"},
		"audit log without place":   {[]string{"--sandbox", "--audit-log", "/nonexistent/log"}, nil, "audit"},
		"silent instance": {
			[]string{"--spec", "live", "--timeout", "200ms", "--retries", "0"},
			[]string{"RETOOL_URL=http://" + silent.Addr().String(), "RETOOL_ACCESS_TOKEN=" + secretToken},
			"document live",
		},
	}
}

const (
	secretToken = "retool_01canary4815162342"
	initialize  = `{"jsonrpc":"2.0","id":"first","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
)

// Whatever stops the start, a client on standard input learns why, in both eras,
// and so does a person who reads standard error. Nobody learns the token.
func TestSettingsThatStopTheStartAnswerTheClient(t *testing.T) {
	t.Parallel()
	for name, x := range refusedStarts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := environment(t, x.env...)
			w := startWaiting(t, env, x.args...)
			_, err := io.WriteString(w.in, initialize+"\n")
			require.NoError(t, err)
			lines, reason := w.rest()
			require.Contains(t, reason, x.says)
			require.NotContains(t, reason, secretToken)
			require.Len(t, lines, 1)
			require.Equal(t, refusalOf(t, `"first"`, reason), lines[0])

			o := run(t, env, "", x.args...) // closed at once
			require.Equal(t, 2, o.code)
			require.Empty(t, o.stdout)
			require.Equal(t, reason+"\n", o.stderr)

			for _, protocol := range []string{legacy, modern} {
				cmd := transport.NewStdioWithOptions(binary, env, x.args, transport.WithCommandFunc(
					func(_ context.Context, command string, env, args []string) (*exec.Cmd, error) {
						cmd := exec.Command(command, args...)
						cmd.Env = env
						return cmd, nil
					}))
				c := client.NewClient(cmd, client.WithProtocolVersion(protocol))
				require.NoError(t, c.Start(context.Background()))
				_, err = c.Initialize(t.Context(), mcp.InitializeRequest{})
				require.ErrorContains(t, err, x.says, protocol)
				_ = c.Close() // the exit code is 2
			}
		})
	}
}

// refusalOf is the line that refuses a request.
func refusalOf(t testing.TB, id, reason string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"code": -32603, "message": reason})
	require.NoError(t, err)
	return `{"jsonrpc":"2.0","id":` + id + `,"error":` + string(text) + `}`
}

// What a client says before its first request, and beside it.
func TestRefusedStartAnswersOddClients(t *testing.T) {
	t.Parallel()
	const (
		ping     = `{"jsonrpc":"2.0","id":5,"method":"ping"}`
		discover = `{"jsonrpc":"2.0","id":-1,"method":"server/discover"}`
		list     = `{"jsonrpc":"2.0","id":2.50,"method":"tools/list"}`
		notice   = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
		response = `{"jsonrpc":"2.0","id":9,"result":{}}`
	)
	for name, x := range map[string]struct {
		in     string
		closed bool     // the input, after what is sent
		ids    []string // of the refused requests
		also   string   // that stands in the output
	}{
		"notification first": {in: notice + "\n" + initialize + "\n", ids: []string{`"first"`}},
		"response first":     {in: response + "\n" + initialize + "\n", ids: []string{`"first"`}},
		"ping first":         {in: ping + "\n" + initialize + "\n", ids: []string{`"first"`}, also: `{"jsonrpc":"2.0","id":5,"result":{}}`},
		"garbage first":      {in: "hello\n\x00\xff\n" + initialize + "\n", ids: []string{`"first"`}, also: `"code":-32700`},
		"batch first":        {in: "[" + ping + "]\n" + initialize + "\n", ids: []string{`"first"`}, also: `"code":-32600`},
		"blank lines first":  {in: "\r\n \n\n" + initialize + "\r\n", ids: []string{`"first"`}},
		"mark first":         {in: "\ufeff" + initialize + "\r\n", ids: []string{`"first"`}},
		"two requests":       {in: initialize + "\n" + list + "\n", ids: []string{`"first"`, "2.50"}},
		"no handshake":       {in: list + "\n", ids: []string{"2.50"}},
		"both eras":          {in: discover + "\n" + initialize + "\n", ids: []string{"-1", `"first"`}},
		"discover, and away": {in: discover + "\n", closed: true, ids: []string{"-1"}},
		"no line end":        {in: initialize, closed: true, ids: []string{`"first"`}},
		"half a line":        {in: initialize[:40], closed: true, also: `"code":-32700`},
		"notification alone": {in: notice + "\n", closed: true},
		"nothing":            {closed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startWaiting(t, environment(t), "serve", "--toolsets", "nonesuch")
			before := time.Now()
			_, err := io.WriteString(w.in, x.in)
			require.NoError(t, err)
			if x.closed {
				require.NoError(t, w.in.Close())
			}
			lines, reason := w.rest()
			require.Less(t, time.Since(before), 9*time.Second, "it does not wait for more")
			for _, id := range x.ids {
				require.Contains(t, lines, refusalOf(t, id, reason))
			}
			require.Equal(t, len(x.ids), strings.Count(strings.Join(lines, "\n"), `"code":-32603`))
			require.Contains(t, strings.Join(lines, "\n"), x.also)
			if x.also == "" {
				require.Len(t, lines, len(x.ids))
			}
		})
	}
}

// A client that knows both eras has time to try the older one.
func TestRefusedDiscoveryLeavesTimeForInitialize(t *testing.T) {
	t.Parallel()
	w := startWaiting(t, environment(t), "serve", "--toolsets", "nonesuch")
	_, err := io.WriteString(w.in, `{"jsonrpc":"2.0","id":1,"method":"server/discover"}`+"\n")
	require.NoError(t, err)
	require.Contains(t, receive(t, w.lines, "the refusal"), `"id":1,"error"`)
	time.Sleep(time.Second)
	_, err = io.WriteString(w.in, initialize+"\n")
	require.NoError(t, err)
	lines, reason := w.rest()
	require.Equal(t, []string{refusalOf(t, `"first"`, reason)}, lines)
}

// A client that sends nothing, or half a line, holds the process for ten seconds.
func TestRefusedStartDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", initialize[:40], initialize[:40] + "\n" + `{"jsonrpc":"2.0","id":1,"method":"server/discover"}` + "\n"} {
		t.Run(fmt.Sprint(len(in)), func(t *testing.T) {
			t.Parallel()
			w := startWaiting(t, environment(t), "serve", "--toolsets", "nonesuch")
			before := time.Now()
			_, err := io.WriteString(w.in, in)
			require.NoError(t, err)
			w.rest()
			require.Greater(t, time.Since(before), 8*time.Second)
			require.Less(t, time.Since(before), waitTime)
		})
	}
}

// Where no client of stdio can be waiting, nothing is read or answered.
func TestOtherCommandsAnswerNoClient(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ args, env []string }{
		{[]string{"serve", "--transport", "http", "--listen", "nowhere"}, nil},
		{[]string{"serve", "--transport=http", "--tokn"}, nil},
		{[]string{"serve", "--tokn", "--transport", "http,sse"}, nil},
		{[]string{"--toolsets", "nonesuch"}, []string{"RETOOL_MCP_TRANSPORT=sse", "RETOOL_MCP_AUTH=none"}},
		{[]string{"serve", "--retries", "many"}, []string{"RETOOL_MCP_TRANSPORT=http"}},
		{[]string{"serve", "--retries", "many"}, []string{"RETOOL_MCP_TRANSPORT='HTTP, sse'"}},
		{[]string{"serve", "--tokn", "--transport=http", "--transport", "sse"}, nil},
		{[]string{"--config", fileWith(t, "c.yaml", "toolsets: nonesuch\ntransport: http\n")}, nil},
		{[]string{"--config", fileWith(t, "c.yaml", "transport: http\nretries: many\n")}, nil},
		{[]string{"tools", "--toolsets", "nonesuch"}, nil},
		{[]string{"--tokn", "tools"}, nil},
		{[]string{"call", "get_group", "--tokn"}, nil},
		{[]string{"doctor", "--tokn"}, nil},
		{[]string{"audit", "verify"}, nil},
	} {
		t.Run(strings.Join(append(x.args, x.env...), " "), func(t *testing.T) {
			t.Parallel()
			w := startWaiting(t, environment(t, x.env...), x.args...)
			_, _ = io.WriteString(w.in, initialize+"\n") // it may have ended
			lines, _ := w.rest()
			require.Empty(t, lines)
		})
	}
	t.Run("input from nowhere", func(t *testing.T) {
		t.Parallel()
		null, err := os.Open(os.DevNull)
		require.NoError(t, err)
		defer null.Close()
		cmd := exec.Command(binary, "--toolsets", "nonesuch")
		var out bytes.Buffer
		cmd.Env, cmd.Stdin, cmd.Stdout = environment(t), null, &out
		require.Error(t, cmd.Run())
		require.Empty(t, out.String())
	})
}
