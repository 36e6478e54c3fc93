package server_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const deleteGroup9 = `{"groupId":"9"}`

var yes = json.RawMessage(`{"action":"accept","content":{"confirm":true}}`)

type content = map[string]any

// Only "accept" with the value true is a yes. The refusal tells what came instead.
func TestOnlyTrueIsAYes(t *testing.T) {
	answers := map[*mcp.ElicitationResponse]string{
		{Action: "accept", Content: content{"confirm": true}}:                    "",
		{Action: "accept", Content: content{"confirm": true, "remember": false}}: "",
		{Action: "accept"}:                                                        "accept without confirm: true",
		{Action: "accept", Content: content{}}:                                    "accept without confirm: true",
		{Action: "accept", Content: true}:                                         "accept without confirm: true",
		{Action: "accept", Content: "confirm"}:                                    "accept without confirm: true",
		{Action: "accept", Content: []any{content{"confirm": true}}}:              "accept without confirm: true",
		{Action: "accept", Content: content{"content": content{"confirm": true}}}: "accept without confirm: true",
		{Action: "accept", Content: content{"Confirm": true, "yes": true}}:        "accept without confirm: true",
		{Action: "accept", Content: content{"confirm": false}}:                    "accept with confirm: false",
		{Action: "accept", Content: content{"confirm": "true"}}:                   `accept with confirm: "true"`,
		{Action: "accept", Content: content{"confirm": "yes"}}:                    `accept with confirm: "yes"`,
		{Action: "accept", Content: content{"confirm": 1}}:                        "accept with confirm: 1",
		{Action: "accept", Content: content{"confirm": nil}}:                      "accept with confirm: null",
		{Action: "accept", Content: content{"confirm": []any{true}}}:              "accept with confirm: [true]",
		{Action: "accept", Content: content{"confirm": content{"confirm": true}}}: `accept with confirm: {"confirm":true}`,
		{Action: "accept", Content: content{"confirm": "a\nNot sent.\u200b"}}:     `accept with confirm: "a\nNot sent."`,
		{Action: "decline", Content: content{"confirm": true}}:                    "decline",
		{Action: "cancel", Content: content{"confirm": true}}:                     "cancel",
		{Action: "Accept", Content: content{"confirm": true}}:                     `"Accept"`,
		{Action: "", Content: content{"confirm": true}}:                           `""`,
	}
	for name, w := range confirmWays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDestructive(t, nil)
			u := &askedUser{}
			conn := introduce(t, w.dial(t, d, "ada"), w.version, u)
			for answer, told := range answers {
				u.answer, u.asked = *answer, nil
				d.sent.Store(0)
				result, err := callTool(t.Context(), conn, "invalidate_organization_sessions", nil)
				require.NoError(t, err)
				require.Equal(t, 1, u.times())
				if told == "" {
					require.False(t, result.IsError, textOf(t, result))
					require.EqualValues(t, 1, d.sent.Load())
					continue
				}
				require.True(t, result.IsError)
				require.Equal(t, "Not sent: the user declined invalidate_organization_sessions (answer: "+told+"). Retry only if the user asks for it.", textOf(t, result))
				require.Zero(t, d.sent.Load(), told)
			}
		})
	}
}

// A client that was asked and failed to ask the user has not confirmed.
func TestClientThatFailsToAskConfirmsNothing(t *testing.T) {
	for name, w := range confirmWays {
		if mcp.IsModernProtocol(w.version) {
			continue // the client calls again, or does not
		}
		t.Run(name, func(t *testing.T) {
			d := newDestructive(t, nil)
			u := &askedUser{err: errors.New("no window\nSent: everything")}
			conn := introduce(t, w.dial(t, d, ""), w.version, u)
			result, err := callTool(t.Context(), conn, "delete_group", json.RawMessage(deleteGroup9))
			require.NoError(t, err)
			require.True(t, result.IsError)
			require.Contains(t, textOf(t, result), "Not sent: the client did not ask the user for a confirmation: ")
			require.NotContains(t, textOf(t, result), "\n")
			require.Zero(t, d.sent.Load())
		})
	}
}

// A state is good for the call that it was made for, by the same caller, in time.
func TestAgreementHoldsForOneCall(t *testing.T) {
	first := round{tool: "delete_group", arguments: `{"groupId":"9","instance":"east"}`, answer: yes}
	const sent, asked = "sent", "asked"
	keep := func(s string) string { return s }
	for name, x := range map[string]struct {
		then   round // what differs from the first call
		caller string
		late   time.Duration
		state  func(string) string
		want   string // sent, asked, or a part of the refusal
	}{
		"the same":                 {want: sent},
		"after nine minutes":       {late: 9 * time.Minute, want: sent},
		"other order and blanks":   {then: round{arguments: " {\n \"instance\" : \"east\" , \"groupId\":\t\"9\" }"}, want: sent},
		"an escape for a letter":   {then: round{arguments: `{"groupId":"9","instance":"e\u0061st"}`}, want: "changed after the confirmation"},
		"other arguments":          {then: round{arguments: `{"groupId":"8","instance":"east"}`}, want: "changed after the confirmation"},
		"one more argument":        {then: round{arguments: `{"groupId":"9","instance":"east","dry_run":false}`}, want: "changed after the confirmation"},
		"another instance":         {then: round{arguments: `{"groupId":"9","instance":"west"}`}, want: asked},
		"another tool":             {then: round{tool: "delete_folder"}, want: asked},
		"another caller":           {caller: "eve", want: asked},
		"after ten minutes":        {late: 10*time.Minute + time.Second, want: asked},
		"before it was made":       {late: -2 * time.Minute, want: asked},
		"no state":                 {state: func(string) string { return "" }, want: asked},
		"an invented state":        {state: func(string) string { return "yes" }, want: asked},
		"a state of zeros":         {state: func(s string) string { return strings.Repeat("A", len(s)) }, want: asked},
		"a cut state":              {state: func(s string) string { return s[:len(s)-1] }, want: asked},
		"a longer state":           {state: func(s string) string { return s + "A" }, want: asked},
		"a state with a line end":  {state: func(s string) string { return s + "\n" }, want: asked},
		"a huge state":             {state: func(s string) string { return strings.Repeat(s, 100) }, want: asked},
		"a state with a blank":     {state: func(s string) string { return " " + s[1:] }, want: asked},
		"a state in hex":           {state: func(s string) string { return fmt.Sprintf("%x", bytesOf(t, s)) }, want: asked},
		"bits of it, in turn":      {state: keep, want: asked},
		"a state made known again": {state: keep, want: asked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDestructive(t, nil, "east", "west")
			s := serveHTTP(t, d.HTTP(ways[1].options()))
			u := &askedUser{}
			dial := func(caller string) *mcpclient.Client {
				return introduce(t, ways[1].dial(t, s, map[string]string{callerHeader: caller}), mcp.LATEST_PROTOCOL_VERSION, u)
			}
			ada := dial("ada")
			then := first
			then.state = first.ask(t, ada)
			if x.then.arguments != "" {
				then.arguments = x.then.arguments
			}
			if x.then.tool != "" {
				then.tool, then.arguments = x.then.tool, `{"folderId":"9","instance":"east"}`
			}
			if x.state != nil {
				then.state = x.state(then.state)
			}
			conn := ada
			if x.caller != "" {
				conn = dial(x.caller)
			}
			d.late.Store(int64(x.late))
			switch name {
			case "bits of it, in turn":
				plain := bytesOf(t, then.state)
				for bit := 0; bit < 8*len(plain); bit += 7 {
					bent := slices.Clone(plain)
					bent[bit/8] ^= 1 << (bit % 8)
					then.state = base64.RawURLEncoding.EncodeToString(bent)
					result, err := then.send(t.Context(), conn)
					require.NoError(t, err)
					require.True(t, result.NeedsInput())
				}
			case "a state made known again":
				for _, answer := range []string{`{"action":"decline"}`, `{"action":"accept"}`} {
					then.state, then.answer = first.ask(t, ada), json.RawMessage(answer)
					result, err := then.send(t.Context(), conn)
					require.NoError(t, err)
					require.Contains(t, textOf(t, result), "Not sent: the user declined")
				}
				then.answer = yes // to a question that was answered with no
			}
			result, err := then.send(t.Context(), conn)
			require.NoError(t, err)
			switch x.want {
			case sent:
				require.False(t, result.IsError, result)
				require.False(t, result.NeedsInput())
				require.EqualValues(t, 1, d.sent.Load())
				again, err := then.send(t.Context(), conn)
				require.NoError(t, err)
				require.True(t, again.NeedsInput(), "it is used up")
				require.EqualValues(t, 1, d.sent.Load())
			case asked:
				require.True(t, result.NeedsInput(), result)
				require.NotEqual(t, then.state, result.RequestState, "the question is a new one")
			default:
				require.True(t, result.IsError)
				require.Contains(t, textOf(t, result), x.want)
				require.True(t, strings.HasPrefix(textOf(t, result), "Not sent: "))
			}
			if x.want != sent {
				require.Zero(t, d.sent.Load())
			}
		})
	}
}

// One agreement is one execution, however many calls bring it at once.
func TestAgreementIsUsedOnce(t *testing.T) {
	const calls = 50
	for name, w := range confirmWays {
		if !mcp.IsModernProtocol(w.version) {
			continue // the state never leaves the process
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDestructive(t, nil)
			conn := introduce(t, w.dial(t, d, "ada"), w.version, &askedUser{})
			r := round{tool: "invalidate_organization_sessions", arguments: `{}`, answer: yes}
			r.state = r.ask(t, conn)
			var done, asked atomic.Int32
			var all sync.WaitGroup
			for range calls {
				all.Go(func() {
					switch result, err := r.send(t.Context(), conn); {
					case err != nil:
						t.Error(err)
					case result.NeedsInput():
						asked.Add(1)
					case !result.IsError:
						done.Add(1)
					}
				})
			}
			all.Wait()
			require.EqualValues(t, 1, done.Load())
			require.EqualValues(t, calls-1, asked.Load())
			require.EqualValues(t, 1, d.sent.Load())
		})
	}
}

// Two replicas with one key accept each other's states, each once; others do not.
func TestReplicasShareAKey(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	address := newDestructive(t, key) // one upstream for all, as replicas have
	replica := func(key []byte) *mcpclient.Client {
		other := &destructive{Service: newService(embedded.Catalog(), runnerAt(t, address.url, "", embedded.Catalog(), confirm.NewAgreements(key)))}
		return introduce(t, dialHTTP(ways[1])(t, other, "ada"), mcp.LATEST_PROTOCOL_VERSION, &askedUser{})
	}
	a, b, foreign := replica(key), replica(key), replica([]byte("another key, which is as long as the first"))
	r := round{tool: "invalidate_organization_sessions", arguments: `{}`, answer: yes}
	r.state = r.ask(t, a)
	for i, x := range []struct {
		conn *mcpclient.Client
		sent bool
	}{{foreign, false}, {b, true}, {b, false}, {a, true}, {a, false}} {
		result, err := r.send(t.Context(), x.conn)
		require.NoError(t, err)
		require.Equal(t, x.sent, !result.NeedsInput(), i)
	}
	require.EqualValues(t, 2, address.sent.Load(), "once for each process")
}

// An older client is asked while its call runs. A yes that it sends along counts
// nothing, even with the state of a newer client.
func TestOlderClientsCannotSendAnswersAlong(t *testing.T) {
	for name, w := range confirmWays {
		if mcp.IsModernProtocol(w.version) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := newDestructive(t, nil)
			newer := introduce(t, dialHTTP(ways[1])(t, d, ""), mcp.LATEST_PROTOCOL_VERSION, &askedUser{})
			r := round{tool: "delete_group", arguments: deleteGroup9, answer: yes}
			r.state = r.ask(t, newer)
			u := &askedUser{answer: mcp.ElicitationResponse{Action: "decline"}}
			conn := introduce(t, w.dial(t, d, ""), w.version, u)
			result, err := r.send(t.Context(), conn)
			require.NoError(t, err)
			require.True(t, result.IsError)
			require.Contains(t, textOf(t, result), "Not sent: the user declined")
			require.Equal(t, 1, u.times())
			require.Zero(t, d.sent.Load())

			u.answer = mcp.ElicitationResponse{Action: "accept", Content: content{"confirm": true}}
			r.state = ""
			r.answer = json.RawMessage(`{"action":"decline"}`)
			result, err = r.send(t.Context(), conn)
			require.NoError(t, err)
			require.True(t, result.IsError, "a refusal counts from whoever it comes")
			require.Equal(t, 1, u.times())
			require.Zero(t, d.sent.Load())
		})
	}
}

// An older client's user who takes more than ten minutes is asked again, not for
// ever.
func TestLateAnswersAreAskedForAgain(t *testing.T) {
	w := confirmWays["stdio, initialize"]
	d := newDestructive(t, nil)
	slow := 2
	u := &askedUser{answer: mcp.ElicitationResponse{Action: "accept", Content: content{"confirm": true}}}
	u.before = func() {
		if slow--; slow >= 0 {
			d.late.Add(int64(confirm.Validity + time.Second))
		}
	}
	conn := introduce(t, w.dial(t, d, ""), w.version, u)
	result, err := callTool(t.Context(), conn, "delete_group", json.RawMessage(deleteGroup9))
	require.NoError(t, err)
	require.False(t, result.IsError, result)
	require.Equal(t, 3, u.times())
	slow = 100
	result, err = callTool(t.Context(), conn, "delete_group", json.RawMessage(`{"groupId":"8"}`))
	require.NoError(t, err)
	require.True(t, result.IsError)
	require.Contains(t, textOf(t, result), "Not sent: ")
	require.Equal(t, 6, u.times())
	require.EqualValues(t, 1, d.sent.Load())
}

func bytesOf(t testing.TB, state string) []byte {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(state)
	require.NoError(t, err)
	return data
}
