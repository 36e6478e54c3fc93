package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// The protocol with a handshake, and without.
const (
	legacy = mcp.LATEST_LEGACY_PROTOCOL_VERSION
	modern = mcp.LATEST_PROTOCOL_VERSION
)

// A session is a client of a process of its own.
type session struct {
	t         testing.TB
	client    *client.Client
	stderr    *lockedBuffer
	process   *exec.Cmd // nil over HTTP
	killed    bool
	user      *userAnswers      // of the client, nil without elicitation
	arguments map[string]object // of tools, once they were listed
}

// connect starts the program and connects to it. The program must end cleanly
// with the test.
func connect(t testing.TB, protocol string, env []string, args ...string) *session {
	t.Helper()
	return connectTo(t, protocol, env, nil, args...)
}

// connectTo is connect for a client whose user can be asked, if p is not nil.
func connectTo(t testing.TB, protocol string, env []string, p *userAnswers, args ...string) *session {
	t.Helper()
	stderr := &lockedBuffer{}
	var cmd *exec.Cmd
	process := transport.NewStdioWithOptions(binary, env, args, transport.WithCommandFunc(
		func(_ context.Context, command string, env, args []string) (*exec.Cmd, error) {
			cmd = exec.Command(command, args...)
			cmd.Env, cmd.Stderr = env, stderr // the client would add the environment of the test
			return cmd, nil
		}))
	s := begin(t, protocol, process, p)
	s.stderr, s.process = stderr, cmd
	t.Cleanup(func() {
		if !s.killed {
			require.NoError(t, s.client.Close(), "%s", s.stderr)
		}
	})
	s.introduce(protocol)
	return s
}

// begin starts a client before the handshake. It supports elicitation if p is
// not nil.
func begin(t testing.TB, protocol string, over transport.Interface, p *userAnswers) *session {
	t.Helper()
	s := &session{t: t, stderr: &lockedBuffer{}, user: p}
	options := []client.ClientOption{client.WithProtocolVersion(protocol)}
	if p != nil {
		options = append(options, client.WithElicitationHandler(p))
	}
	s.client = client.NewClient(over, options...)
	require.NoError(t, s.client.Start(context.Background()))
	return s
}

func (s *session) introduce(protocol string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	request := mcp.InitializeRequest{}
	request.Params.ClientInfo = mcp.Implementation{Name: "e2e", Version: "1"}
	if s.user != nil {
		request.Params.Capabilities = mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapability{}}
	}
	_, err := s.client.Initialize(ctx, request)
	require.NoError(s.t, err, "%s", s.stderr)
	require.Equal(s.t, protocol, s.client.ProtocolVersion())
}

// answer is a tool's result as an agent sees it.
type answer struct {
	text    string
	isError bool
}

// call calls a tool with arguments as JSON text, which is sent unchanged.
func (s *session) call(name string, arguments []byte) answer {
	s.t.Helper()
	a, err := s.try(context.Background(), name, arguments)
	require.NoError(s.t, err, "%s %s", name, arguments)
	return a
}

// succeed is call for a tool that must succeed.
func (s *session) succeed(name string, arguments []byte) string {
	s.t.Helper()
	a := s.call(name, arguments)
	require.False(s.t, a.isError, "%s %s: %s", name, arguments, a.text)
	return a.text
}

// try is call for goroutines and for canceled calls.
func (s *session) try(ctx context.Context, name string, arguments []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = name, json.RawMessage(arguments)
	result, err := s.client.CallTool(ctx, request)
	if err != nil {
		return answer{}, err
	}
	if len(result.Content) != 1 {
		return answer{}, fmt.Errorf("%d pieces of content, not one", len(result.Content))
	}
	text, ok := result.Content[0].(mcp.TextContent)
	if !ok {
		return answer{}, fmt.Errorf("content is a %T", result.Content[0])
	}
	return answer{text.Text, result.IsError}, nil
}

var lists atomic.Int64

// list returns the result of tools/list as it came, without the client's own
// types.
func (s *session) list() json.RawMessage {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	// mcp-go's client can lose the response to an id that it has just seen.
	id := mcp.NewRequestId(fmt.Sprintf("list %d", lists.Add(1)))
	request := transport.JSONRPCRequest{JSONRPC: mcp.JSONRPC_VERSION, ID: id, Method: string(mcp.MethodToolsList)}
	if mcp.IsModernProtocol(s.client.ProtocolVersion()) {
		request.Params = object{"_meta": object{mcp.MetaKeyProtocolVersion: modern, mcp.MetaKeyClientCapabilities: object{}}}
	}
	response, err := s.client.GetTransport().SendRequest(ctx, request)
	require.NoError(s.t, err)
	require.Nil(s.t, response.Error)
	return response.Result
}
