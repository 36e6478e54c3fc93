package e2e_test

import (
	"context"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// userAnswers answers the questions that come through a client, as its user would.
type userAnswers struct {
	mu     sync.Mutex
	asked  []string
	answer func(question string) mcp.ElicitationResponse
}

func (p *userAnswers) Elicit(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Params.Message)
	return &mcp.ElicitationResult{ElicitationResponse: p.answer(r.Params.Message)}, nil
}

// take returns what the user was asked since the last time, nothing
// for a nil pointer.
func (p *userAnswers) take() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

func accept(string) mcp.ElicitationResponse {
	return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": true}}
}

// elicitingClients connect clients that can ask their user.
var elicitingClients = map[string]func(t *testing.T, p *userAnswers) *session{
	"stdio, with the handshake": func(t *testing.T, p *userAnswers) *session {
		return connectTo(t, legacy, environment(t), p, "--sandbox")
	},
	"stdio, without": func(t *testing.T, p *userAnswers) *session {
		return connectTo(t, modern, environment(t), p, "--sandbox")
	},
	"HTTP with sessions, with the handshake": func(t *testing.T, p *userAnswers) *session {
		return requireClientOf(t, legacy, overHTTP(t, serveRemote(t, environment(t), "--sandbox", "--stateful").url, nil), p)
	},
	"HTTP with sessions, without": func(t *testing.T, p *userAnswers) *session {
		return requireClientOf(t, modern, overHTTP(t, serveRemote(t, environment(t), "--sandbox", "--stateful").url, nil), p)
	},
	"HTTP, without": func(t *testing.T, p *userAnswers) *session {
		return requireClientOf(t, modern, overHTTP(t, serveRemote(t, environment(t), "--sandbox").url, nil), p)
	},
}

// The user is asked before a destructive call, with and without handshake and
// over every transport, in words that say what happens. Any answer but yes
// sends nothing.
func TestDestructiveCallsAskTheUser(t *testing.T) {
	t.Parallel()
	for name, connected := range elicitingClients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &userAnswers{}
			s := connected(t, p)
			exists := func(id string) bool { return !s.call("get_group", []byte(`{"groupId":"`+id+`"}`)).isError }

			for name, no := range map[string]mcp.ElicitationResponse{
				"declined": {Action: mcp.ElicitationResponseActionDecline}, "closed": {Action: mcp.ElicitationResponseActionCancel},
				"unchecked": {Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": false}},
			} {
				p.answer = func(string) mcp.ElicitationResponse { return no }
				a := s.call("delete_group", []byte(`{"groupId":"9"}`))
				require.True(t, a.isError, name)
				require.Contains(t, a.text, "Not sent: the user declined delete_group", name)
				require.True(t, exists("9"), name)
			}
			asked := p.take()
			require.Len(t, asked, 3)
			require.Regexp(t, `^Delete a group\nGroup: "Operations" \(9\), \d+ members, .*\nThis cannot be undone; [^\n]*\.$`, asked[0])

			p.answer = accept
			require.Contains(t, s.succeed("delete_group", []byte(`{"groupId":"9"}`)), "Done")
			require.False(t, exists("9"))
			require.Len(t, p.take(), 1)

			s.succeed("create_group", []byte(`{"name":"New"}`))
			s.succeed("list_users", []byte(`{"limit":1}`))
			s.succeed("delete_group", []byte(`{"groupId":"10","dry_run":true}`))
			require.Empty(t, p.take(), "only destructive calls are confirmed")

			s.succeed("invalidate_organization_sessions", nil)
			asked = p.take()
			require.Len(t, asked, 1)
			require.Contains(t, asked[0], "affects the whole organization")
		})
	}
}

// A client with a handshake may declare elicitation and be out of reach: over
// HTTP without sessions, and over server-sent events. It is treated as one
// without elicitation.
func TestClientsThatCannotBeReachedDoNotConfirm(t *testing.T) {
	t.Parallel()
	r := serveRemote(t, environment(t), "--sandbox")
	for group, over := range map[string]transport.Interface{"8": overHTTP(t, r.url, nil), "9": overSSE(t, r.url, nil)} {
		p := &userAnswers{answer: accept}
		s := requireClientOf(t, legacy, over, p)
		a := s.call("invalidate_organization_sessions", nil)
		require.True(t, a.isError)
		require.Contains(t, a.text, "Not sent: ")
		require.Contains(t, s.succeed("delete_group", []byte(`{"groupId":"`+group+`"}`)), "Done", "confirmation is up to the client")
		require.Empty(t, p.take())
	}
}

func TestClientsWithoutElicitation(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{legacy, modern} {
		for _, x := range []struct {
			confirm       string
			group, logout string // what stands in the answers
		}{
			{"auto", "Done", "is irreversible and affects the whole organization"},
			{"always", "requires the user's confirmation", "requires the user's confirmation"},
			{"never", "Done", `"success":true`},
		} {
			t.Run(protocol+" "+x.confirm, func(t *testing.T) {
				t.Parallel()
				s := connect(t, protocol, environment(t), "--sandbox", "--confirm", x.confirm)
				group := s.call("delete_group", []byte(`{"groupId":"9"}`))
				require.Contains(t, group.text, x.group)
				require.Equal(t, x.group != "Done", group.isError)
				logout := s.call("invalidate_organization_sessions", nil)
				if x.confirm == "never" {
					require.False(t, logout.isError, logout.text)
					return
				}
				require.True(t, logout.isError)
				require.Contains(t, logout.text, x.logout)
				require.Contains(t, logout.text, "Not sent: ")
			})
		}
	}
}

// A confirmation holds for the state that the user was shown, which may change
// before the answer.
func TestConfirmationHoldsForWhatWasShown(t *testing.T) {
	t.Parallel()
	p := &userAnswers{}
	s := connectTo(t, modern, environment(t), p, "--sandbox")
	p.answer = func(string) mcp.ElicitationResponse {
		renamed := s.call("update_group", []byte(`{"groupId":"9","operations":[{"op":"replace","path":"/name","value":"Somebody else's"}]}`))
		require.False(t, renamed.isError, renamed.text)
		return accept("")
	}
	a := s.call("delete_group", []byte(`{"groupId":"9"}`))
	require.True(t, a.isError)
	require.Contains(t, a.text, "changed after the confirmation")
	require.False(t, s.call("get_group", []byte(`{"groupId":"9"}`)).isError)
}
