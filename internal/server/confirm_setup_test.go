package server_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	runners "github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// A destructive service asks before it writes, and counts what it sends.
type destructive struct {
	*server.Service
	runner *runners.Runner // of the one instance
	sent   atomic.Int32    // writes
	url    string          // of the last upstream
	late   atomic.Int64    // how much later than now it is, in nanoseconds
}

func (d *destructive) now() time.Time { return time.Now().Add(time.Duration(d.late.Load())) }

// newDestructive makes a service of two instances, east and west, or of one that
// has no name. A nil key is one of its own.
func newDestructive(t testing.TB, key []byte, names ...string) *destructive {
	t.Helper()
	d := &destructive{}
	agreements := confirm.NewAgreementsAt(key, d.now)
	runner := func(name string, c *tools.Catalog) *runners.Runner {
		box, err := sandbox.New(sandbox.Options{Seed: 1})
		require.NoError(t, err)
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				d.sent.Add(1)
			}
			box.ServeHTTP(w, r)
		}))
		t.Cleanup(upstream.Close)
		d.url = upstream.URL
		return runnerAt(t, d.url, name, c, agreements)
	}
	if len(names) == 0 {
		d.runner = runner("", embedded.Catalog())
		d.Service = newService(embedded.Catalog(), d.runner)
		return d
	}
	joined, each, err := tools.JoinInstances(names, []*tools.Catalog{embedded.Catalog(), embedded.Catalog()})
	require.NoError(t, err)
	all := make([]*runners.Runner, len(names))
	for i, name := range names {
		all[i] = runner(name, each[i])
	}
	d.Service = newService(joined, runners.NewInstances(names, all))
	return d
}

func runnerAt(t testing.TB, url, name string, c *tools.Catalog, agreements *confirm.Agreements) *runners.Runner {
	t.Helper()
	address, err := retool.ParseAddress(url, "")
	require.NoError(t, err)
	return runners.NewRunner(c, runners.Options{
		Client: retool.New(retool.Options{Address: address, Token: sandbox.DefaultToken}), Log: discard,
		Confirm: runners.ConfirmAlways, Agreements: agreements, Instance: name,
	})
}

// confirming is the service of one instance with another setting.
func (d *destructive) confirming(setting runners.Confirm) *server.Service {
	options := d.runner.Options
	options.Confirm = setting
	return newService(embedded.Catalog(), runners.NewRunner(embedded.Catalog(), options))
}

// An asked user answers elicitations, and counts them.
type askedUser struct {
	answer mcp.ElicitationResponse
	err    error
	mu     sync.Mutex
	asked  []string
	before func() // the answer
}

func (u *askedUser) Elicit(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked = append(u.asked, r.Params.Message)
	if u.before != nil {
		u.before()
	}
	return &mcp.ElicitationResult{ElicitationResponse: u.answer}, u.err
}

func (u *askedUser) times() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.asked)
}

// confirmWays are the transports over which a user can be asked.
var confirmWays = map[string]struct {
	version string
	dial    func(t testing.TB, d *destructive, caller string) *mcpclient.Client
}{
	"stdio, initialize":                {mcp.LATEST_LEGACY_PROTOCOL_VERSION, dialStdio},
	"stdio, no handshake":              {mcp.LATEST_PROTOCOL_VERSION, dialStdio},
	"http, no handshake":               {mcp.LATEST_PROTOCOL_VERSION, dialHTTP(ways[1])},
	"http with sessions, initialize":   {mcp.LATEST_LEGACY_PROTOCOL_VERSION, dialHTTP(ways[2])},
	"http with sessions, no handshake": {mcp.LATEST_PROTOCOL_VERSION, dialHTTP(ways[3])},
}

func dialStdio(t testing.TB, d *destructive, _ string) *mcpclient.Client {
	t.Helper()
	in, toServer, err := os.Pipe()
	require.NoError(t, err)
	fromServer, out, err := os.Pipe()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.ServeStdio(ctx, in, out, server.StdioOptions{Logger: discard})
		_ = out.Close()
		_ = in.Close()
	}()
	conn := mcpclient.NewClient(transport.NewIO(fromServer, toServer, nil))
	t.Cleanup(func() {
		cancel()
		_ = conn.Close()
		<-ended
	})
	require.NoError(t, conn.Start(ctx))
	return conn
}

func dialHTTP(w way) func(testing.TB, *destructive, string) *mcpclient.Client {
	return func(t testing.TB, d *destructive, caller string) *mcpclient.Client {
		t.Helper()
		w.listens = w.stateful && !w.modern()
		s := serveHTTP(t, d.HTTP(w.options()))
		return w.dial(t, s, map[string]string{callerHeader: caller})
	}
}

// introduce tells the server that the client can ask the user.
func introduce(t testing.TB, conn *mcpclient.Client, version string, u *askedUser) *mcpclient.Client {
	t.Helper()
	return introduceWith(t, conn, version, u, &mcp.ElicitationCapability{})
}

func introduceWith(t testing.TB, conn *mcpclient.Client, version string, u *askedUser, can *mcp.ElicitationCapability) *mcpclient.Client {
	t.Helper()
	mcpclient.WithElicitationHandler(u)(conn)
	_, err := conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: version, ClientInfo: mcp.Implementation{Name: "test", Version: "1"},
		Capabilities: mcp.ClientCapabilities{Elicitation: can},
	}})
	require.NoError(t, err)
	require.Equal(t, version, conn.ProtocolVersion())
	return conn
}

// A round is one tools/call as an odd client sends it.
type round struct {
	tool, arguments, state string
	answer                 json.RawMessage // under the id of the question; nil for none
	can                    json.RawMessage // how the client elicits; nil for in a form
	responses              string          // in place of answer
}

// answering answers each request of the server with a result as it is.
func answering(result string) transport.RequestHandler {
	return func(_ context.Context, r transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
		return &transport.JSONRPCResponse{JSONRPC: mcp.JSONRPC_VERSION, ID: r.ID, Result: json.RawMessage(result)}, nil
	}
}

// send sends a round past what the client makes of it.
func (r round) send(ctx context.Context, conn *mcpclient.Client) (*mcp.CallToolResult, error) {
	params := map[string]any{"name": r.tool, "arguments": json.RawMessage(r.arguments)}
	if r.answer != nil {
		params["inputResponses"] = map[string]any{"confirm": r.answer}
	}
	if r.state != "" {
		params["requestState"] = r.state
	}
	request := transport.JSONRPCRequest{JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(fmt.Sprintf("round %d", nextID.Add(1))), Method: string(mcp.MethodToolsCall), Params: params}
	if version := conn.ProtocolVersion(); mcp.IsModernProtocol(version) {
		params["_meta"] = map[string]any{mcp.MetaKeyProtocolVersion: version, mcp.MetaKeyClientCapabilities: map[string]any{"elicitation": json.RawMessage(cmp.Or(string(r.can), "{}"))}}
		request.Header = http.Header{"Mcp-Method": {request.Method}, "Mcp-Name": {r.tool}}
	}
	response, err := conn.GetTransport().SendRequest(ctx, request)
	if err != nil {
		return nil, err
	}
	if response.Error != nil {
		return nil, response.Error.AsError()
	}
	return mcp.ParseCallToolResult(&response.Result)
}

var nextID atomic.Int64

// ask sends a first call and returns the state of its question.
func (r round) ask(t testing.TB, conn *mcpclient.Client) (state string) {
	t.Helper()
	r.answer, r.state = nil, ""
	result, err := r.send(t.Context(), conn)
	require.NoError(t, err)
	require.True(t, result.NeedsInput(), "%+v", result)
	require.Contains(t, result.InputRequests, "confirm")
	return result.RequestState
}
