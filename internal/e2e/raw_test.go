package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Messages as a client writes them, one per line.
const (
	initializeLine  = `{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"e2e","version":"1"}}}`
	initializedLine = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	listLine        = `{"jsonrpc":"2.0","id":"list","method":"tools/list"}`
)

func callLine(id, tool, arguments string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, id, tool, arguments)
}

// reply is an answer as a client reads it.
type reply struct {
	ID     string `json:"id"`
	Result struct {
		Tools   []json.RawMessage `json:"tools"`
		IsError bool              `json:"isError"`
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
	} `json:"result"`
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
}

func (r reply) text() string {
	if len(r.Result.Content) == 0 {
		return ""
	}
	return r.Result.Content[0].Text
}

// readReplies reads the lines that a process wrote, by the IDs of the requests.
// Each request must have one response only.
func readReplies(stdout string) (map[string]reply, error) {
	replies := map[string]reply{}
	for line := range strings.Lines(stdout) {
		var r reply
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, fmt.Errorf("%w in %q", err, line)
		}
		if _, again := replies[r.ID]; again || r.ID == "" {
			return nil, fmt.Errorf("answered twice, or nobody's: %q", line)
		}
		replies[r.ID] = r
	}
	return replies, nil
}

// A pipe is a process whose stdin and stdout the test holds, without a client.
type pipe struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr *lockedBuffer
}

func openPipe(t testing.TB, env []string, args ...string) *pipe {
	t.Helper()
	p := &pipe{t: t, cmd: exec.Command(binary, args...), stderr: &lockedBuffer{}}
	p.cmd.Env, p.cmd.Stderr = env, p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewReader(stdout)
	p.stdin, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails if the process has ended, as it should
		_ = p.cmd.Wait()
	})
	return p
}

func (p *pipe) send(lines ...string) {
	p.t.Helper()
	_, err := io.WriteString(p.stdin, strings.Join(lines, "\n")+"\n")
	require.NoError(p.t, err)
}

// next returns the next answer.
func (p *pipe) next() reply {
	p.t.Helper()
	lines := make(chan string, 1)
	go func() {
		line, _ := p.stdout.ReadString('\n') // an incomplete line is not JSON
		lines <- line
	}()
	line := receive(p.t, lines, "an answer")
	var r reply
	require.NoError(p.t, json.Unmarshal([]byte(line), &r), "%q; %s", line, p.stderr)
	return r
}
