package e2e_test

import (
	"context"
	"os/exec"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// person answers the questions that come through a client.
type person struct {
	mu     sync.Mutex
	asked  []string
	answer func(question string) mcp.ElicitationResponse
}

func (p *person) Elicit(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Params.Message)
	return &mcp.ElicitationResult{ElicitationResponse: p.answer(r.Params.Message)}, nil
}

func (p *person) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

func agree(string) mcp.ElicitationResponse {
	return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": true}}
}

// withPerson connects a client behind which a person can be asked.
func withPerson(t *testing.T, protocol string, p *person, args ...string) *session {
	t.Helper()
	s := &session{t: t, stderr: &lockedBuffer{}}
	process := transport.NewStdioWithOptions(binary, environment(t), append([]string{"--sandbox"}, args...), transport.WithCommandFunc(
		func(_ context.Context, command string, env, args []string) (*exec.Cmd, error) {
			cmd := exec.Command(command, args...)
			cmd.Env, cmd.Stderr = env, s.stderr
			return cmd, nil
		}))
	s.client = client.NewClient(process, client.WithProtocolVersion(protocol), client.WithElicitationHandler(p))
	require.NoError(t, s.client.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, s.client.Close(), "%s", s.stderr) })
	request := mcp.InitializeRequest{}
	request.Params.ClientInfo = mcp.Implementation{Name: "e2e", Version: "1"}
	request.Params.Capabilities = mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapability{}}
	_, err := s.client.Initialize(t.Context(), request)
	require.NoError(t, err, "%s", s.stderr)
	return s
}

// Before anything is destroyed a person is asked, in both eras, in words that say
// what it is; whatever is not a yes sends nothing.
func TestAPersonIsAskedFirst(t *testing.T) {
	for _, protocol := range []string{legacy, modern} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			p := &person{}
			s := withPerson(t, protocol, p)
			exists := func(id string) bool { return !s.call("get_group", []byte(`{"groupId":"`+id+`"}`)).isError }

			for name, no := range map[string]mcp.ElicitationResponse{
				"declined": {Action: mcp.ElicitationResponseActionDecline}, "closed": {Action: mcp.ElicitationResponseActionCancel},
				"unchecked": {Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": false}},
			} {
				p.answer = func(string) mcp.ElicitationResponse { return no }
				a := s.call("delete_group", []byte(`{"groupId":"9"}`))
				require.True(t, a.isError, name)
				require.Contains(t, a.text, "Nothing was sent: the person who was asked did not agree", name)
				require.True(t, exists("9"), name)
			}
			asked := p.take()
			require.Len(t, asked, 3)
			require.Regexp(t, `^Delete a group: 'Operations' with \d+ members, .*\(9\)\. This cannot be undone\.$`, asked[0])

			p.answer = agree
			require.Contains(t, s.succeed("delete_group", []byte(`{"groupId":"9"}`)), "Done")
			require.False(t, exists("9"))
			require.Len(t, p.take(), 1)

			s.succeed("create_group", []byte(`{"name":"New"}`))
			s.succeed("list_users", []byte(`{"limit":1}`))
			s.succeed("delete_group", []byte(`{"groupId":"10","dry_run":true}`))
			require.Empty(t, p.take(), "only what destroys is asked about")

			s.succeed("invalidate_organization_sessions", nil)
			asked = p.take()
			require.Len(t, asked, 1)
			require.Contains(t, asked[0], "reaches everybody in the organisation")
		})
	}
}

func TestWhoCannotBeAsked(t *testing.T) {
	for _, protocol := range []string{legacy, modern} {
		for _, x := range []struct {
			confirm       string
			group, logout string // what stands in the answers
		}{
			{"auto", "Done", "cannot be undone and reaches everybody"},
			{"always", "has to be confirmed by a person", "has to be confirmed by a person"},
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
				require.Contains(t, logout.text, "Nothing was sent")
			})
		}
	}
}

// Who agreed to one thing did not agree to another: what is there may change
// while the person thinks.
func TestAgreementIsToWhatWasShown(t *testing.T) {
	t.Parallel()
	p := &person{}
	s := withPerson(t, modern, p)
	p.answer = func(string) mcp.ElicitationResponse {
		renamed := s.call("update_group", []byte(`{"groupId":"9","operations":[{"op":"replace","path":"/name","value":"Somebody else's"}]}`))
		require.False(t, renamed.isError, renamed.text)
		return agree("")
	}
	a := s.call("delete_group", []byte(`{"groupId":"9"}`))
	require.True(t, a.isError)
	require.Contains(t, a.text, "is not what the person agreed to any more")
	require.False(t, s.call("get_group", []byte(`{"groupId":"9"}`)).isError)
}
