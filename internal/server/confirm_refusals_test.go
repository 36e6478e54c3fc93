package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	runners "github.com/retool-mcp/retool-mcp/internal/call"
)

// Answers that are no yes.
var refusals = map[string]string{
	"decline":                   `{"action":"decline"}`,
	"cancel":                    `{"action":"cancel"}`,
	"false":                     `{"action":"accept","content":{"confirm":false}}`,
	"accept alone":              `{"action":"accept"}`,
	"nothing":                   `null`,
	"a text":                    `"no"`,
	"a list":                    `[{"action":"accept","content":{"confirm":true}}]`,
	"an action that is no text": `{"action":5,"content":{"confirm":true}}`,
	"other case beside it":      `{"action":"decline","Action":"accept","content":{"confirm":true}}`,
	"other case before it":      `{"ACTION":"accept","action":"decline","content":{"confirm":true}}`,
	"other case alone":          `{"Action":"accept","content":{"confirm":true}}`,
	"two actions":               `{"action":"decline","action":"accept","content":{"confirm":true}}`,
	"two contents":              `{"action":"accept","content":{"confirm":false},"content":{"confirm":true}}`,
	"content in other case":     `{"action":"accept","content":{"confirm":false},"Content":{"confirm":true}}`,
	"two values":                `{"action":"accept","content":{"confirm":false,"confirm":true}}`,
	"an escape for a letter":    `{"action":"decline","\u0041ction":"accept","content":{"confirm":true}}`,
}

// An answer that is no yes is a refusal, whatever the client says about itself the
// second time, and whatever the setting is by then. Nobody can use its state again.
func TestRefusalCountsWhateverTheClientCan(t *testing.T) {
	retries := map[string]string{ // the _meta of the retry; "" is the era of initialize
		"no capabilities":     `{}`,
		"no elicitation":      `{"elicitation":null}`,
		"questions in URLs":   `{"elicitation":{"url":{}}}`,
		"elicitation":         `{"elicitation":{}}`,
		"era of initialize":   "",
		"other capabilities":  `{"sampling":{},"roots":{}}`,
		"elicitation in case": `{"Elicitation":{}}`,
	}
	for _, setting := range []runners.Confirm{runners.ConfirmAuto, runners.ConfirmAlways, runners.ConfirmNever} {
		for retry, capabilities := range retries {
			t.Run(string(setting)+", "+retry, func(t *testing.T) {
				t.Parallel()
				d := newDestructive(t, nil)
				asks := introduce(t, dialHTTP(ways[1])(t, d, "ada"), mcp.LATEST_PROTOCOL_VERSION, &askedUser{})
				later := serveHTTP(t, d.confirming(setting).HTTP(ways[0].options()))
				for name, answer := range refusals {
					first := round{tool: "delete_group", arguments: deleteGroup9}
					first.state, first.answer = first.ask(t, asks), json.RawMessage(answer)
					text := first.post(t, later, capabilities)
					require.Contains(t, text, "Not sent: the user declined delete_group", name)
					require.Zero(t, d.sent.Load(), name)
					first.answer = yes
					result, err := first.send(t.Context(), asks)
					require.NoError(t, err)
					require.True(t, result.NeedsInput(), name)
				}
				if setting == runners.ConfirmNever {
					return // nobody has said no
				}
				for name, responses := range map[string]string{"no answer": `{}`, "an answer of another name": `{"Confirm":{"action":"accept","content":{"confirm":true}}}`} {
					first := round{tool: "delete_group", arguments: deleteGroup9}
					first.state = first.ask(t, asks)
					first.responses = responses
					text := first.post(t, later, capabilities)
					require.Zero(t, d.sent.Load(), name)
					require.Regexp(t, `Not sent: |"resultType":"input_required"`, text, name)
				}
			})
		}
	}
}

// An older client's answer is read by its exact names, too, wherever it comes in.
func TestAnswersAreReadByTheirExactNames(t *testing.T) {
	for name, w := range confirmWays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDestructive(t, nil)
			conn := introduce(t, w.dial(t, d, ""), w.version, &askedUser{})
			r := round{tool: "delete_group", arguments: deleteGroup9}
			for said, answer := range refusals {
				if mcp.IsModernProtocol(w.version) {
					r.state, r.answer = r.ask(t, conn), json.RawMessage(answer)
				} else {
					conn.GetTransport().(transport.BidirectionalInterface).SetRequestHandler(answering(answer))
				}
				result, err := r.send(t.Context(), conn)
				require.NoError(t, err, said)
				require.True(t, result.IsError, said)
				require.Contains(t, textOf(t, result), "Not sent: ", said)
				require.Zero(t, d.sent.Load(), said)
			}
		})
	}
}

// post sends a round in a request of its own, and returns the answer.
func (r round) post(t testing.TB, s *site, capabilities string) string {
	t.Helper()
	responses := r.responses
	if responses == "" {
		responses = fmt.Sprintf(`{"confirm":%s}`, r.answer)
	}
	meta, headers := "", []string{callerHeader, "ada"}
	if capabilities != "" {
		meta = fmt.Sprintf(`,"_meta":{%q:%q,%q:%s}`, mcp.MetaKeyProtocolVersion, mcp.LATEST_PROTOCOL_VERSION, mcp.MetaKeyClientCapabilities, capabilities)
		headers = append(headers, "Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", "tools/call", "Mcp-Name", r.tool)
	}
	status, _, text := s.post(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s,"requestState":%q,"inputResponses":%s%s}}`,
		r.tool, r.arguments, r.state, responses, meta), headers...)
	require.Equal(t, http.StatusOK, status, text)
	return text
}
