package call_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Names of settings, as the command line sets them.
var settingNames = call.SettingNames{Confirm: "--confirm (RETOOL_MCP_CONFIRM)", SecretDir: "--secret-dir (RETOOL_MCP_SECRET_DIR)"}

const (
	unconfirmed = " requires the user's confirmation, and this client cannot ask for it. The operator can change that with --confirm (RETOOL_MCP_CONFIRM)."
	forEveryone = " is irreversible and affects the whole organization. It requires the user's confirmation, and this client cannot ask for it. " +
		"The operator can allow it by setting --confirm (RETOOL_MCP_CONFIRM) to never."
)

// What happens to each kind of call, by setting and client.
func TestWhenToConfirm(t *testing.T) {
	const sent, asked = "sent", "asked"
	for _, x := range []struct {
		confirm                         call.Confirm
		canAsk                          bool
		create, delete, logout, listing string // sent, asked, or the end of the refusal
	}{
		{"", false, sent, sent, sent, sent},
		{"", true, sent, sent, sent, sent},
		{call.ConfirmNever, false, sent, sent, sent, sent},
		{call.ConfirmNever, true, sent, sent, sent, sent},
		{call.ConfirmAuto, false, sent, sent, forEveryone, sent},
		{call.ConfirmAuto, true, sent, asked, asked, sent},
		{call.ConfirmAlways, false, sent, unconfirmed, forEveryone, sent},
		{call.ConfirmAlways, true, sent, asked, asked, sent},
	} {
		r, u := onSandbox(t, call.Options{Confirm: x.confirm, SettingNames: settingNames})
		ctx := confirm.With(t.Context(), confirm.Client{CanAsk: x.canAsk})
		for tool, want := range map[string]string{"create_group": x.create, "delete_group": x.delete, "invalidate_organization_sessions": x.logout, "list_users": x.listing} {
			arguments := writes[tool]
			if arguments == nil {
				arguments = object{}
			}
			outcome := runIn(t, r, ctx, tool, arguments)
			writesSent := 0
			for _, request := range u.take() {
				if request[:3] != "GET" {
					writesSent++
				}
			}
			switch want {
			case sent:
				require.False(t, outcome.IsError, "%+v %s: %s", x, tool, outcome.Text)
				require.Nil(t, outcome.Ask)
				require.Equal(t, tool != "list_users", writesSent == 1)
			case asked:
				require.NotNil(t, outcome.Ask, "%+v %s: %s", x, tool, outcome.Text)
				require.Zero(t, writesSent)
			default:
				refused(t, outcome, tool+want)
				require.Nil(t, outcome.Ask)
				require.Zero(t, writesSent)
			}
		}
	}
}

// ask returns the question of a call.
func ask(t *testing.T, r toolCaller, tool string, arguments object) *confirm.Question {
	t.Helper()
	outcome := answered(t, r, nil, tool, arguments)
	require.NotNil(t, outcome.Ask, outcome.Text)
	require.Empty(t, outcome.Text)
	require.False(t, outcome.IsError)
	return outcome.Ask
}

// answered calls a tool for a client that can ask, with the user's answer.
func answered(t *testing.T, r toolCaller, a *confirm.Answer, tool string, arguments object) result.Result {
	t.Helper()
	return runIn(t, r, confirm.With(t.Context(), confirm.Client{CanAsk: true, Answer: a}), tool, arguments)
}

func TestQuestionNamesTheObject(t *testing.T) {
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAuto})
	require.Regexp(t, `^Delete a group\nGroup: "Operations" \(9\), \d+ members, .*\nThis cannot be undone; [^\n]*\.$`, ask(t, r, "delete_group", object{"groupId": "9"}).Text)
	require.Equal(t, []string{"GET /groups/9"}, u.take())
	require.Contains(t, ask(t, r, "invalidate_organization_sessions", object{}).Text, "It affects the whole organization.")
}

func TestAnswers(t *testing.T) {
	group := object{"groupId": "9"}
	for name, x := range map[string]struct {
		answer func(q *confirm.Question) *confirm.Answer
		change func(t *testing.T, r *call.Runner) // between question and answer
		call   object
		says   string // of the refusal, empty if the call is sent
	}{
		"yes": {answer: func(q *confirm.Question) *confirm.Answer {
			return &confirm.Answer{State: q.State, Confirmed: true}
		}},
		"no": {
			answer: func(q *confirm.Question) *confirm.Answer { return &confirm.Answer{State: q.State, Said: "decline"} },
			says:   "the user declined delete_group (answer: decline). Retry only if the user asks for it.",
		},
		"yes, then the object changes": {
			answer: func(q *confirm.Question) *confirm.Answer {
				return &confirm.Answer{State: q.State, Confirmed: true}
			},
			change: func(t *testing.T, r *call.Runner) {
				t.Helper()
				require.False(t, run(t, r, "update_group", writes["update_group"]).IsError)
			},
			says: "the object or the arguments of delete_group changed after the confirmation. Read the object again and retry.",
		},
		"yes, then the arguments change": {
			answer: func(q *confirm.Question) *confirm.Answer {
				return &confirm.Answer{State: q.State, Confirmed: true}
			},
			call: object{"groupId": "8"},
			says: "the object or the arguments of delete_group changed after the confirmation. Read the object again and retry.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAlways})
			answer := x.answer(ask(t, r, "delete_group", group))
			if x.change != nil {
				x.change(t, r)
			}
			u.take()
			arguments := x.call
			if arguments == nil {
				arguments = group
			}
			outcome := answered(t, r, answer, "delete_group", arguments)
			if x.says != "" {
				refused(t, outcome, x.says)
				require.NotContains(t, u.take(), "DELETE /groups/9")
				return
			}
			require.Contains(t, outcome.Text, "Done")
			require.Equal(t, []string{"GET /groups/9", "DELETE /groups/9"}, u.take())
		})
	}
}

// The object is read with tools that need not be served.
func TestReadersReadTheObject(t *testing.T) {
	only := *embedded.Catalog()
	only.Tools = nil
	for _, tool := range embedded.Catalog().Tools {
		if tool.Name == "delete_group" {
			only.Tools = append(only.Tools, tool)
		}
	}
	box, u := onSandbox(t, call.Options{})
	for readers, text := range map[bool]string{true: `"Operations"`, false: "Group: 9\n"} {
		o := box.Options
		o.Confirm, o.Readers = call.ConfirmAuto, nil
		if readers {
			o.Readers = embedded.Catalog()
		}
		require.Contains(t, ask(t, call.NewRunner(&only, o), "delete_group", object{"groupId": "9"}).Text, text)
		require.Equal(t, readers, len(u.take()) == 1)
	}
}

// Whoever has a token that Retool does not accept is told so, not asked. A page of a
// proxy says nothing about the token.
func TestTokenThatIsNotAcceptedEndsTheQuestion(t *testing.T) {
	for name, x := range map[string]struct {
		status int
		body   string
		asked  bool
	}{
		"no token":          {http.StatusUnauthorized, `{"success":false,"message":"No."}`, false},
		"a proxy's page":    {http.StatusUnauthorized, "<html><body>Sign in</body></html>", true},
		"a scope is absent": {http.StatusForbidden, `{"success":false,"message":"No."}`, true},
		"no route":          {http.StatusNotFound, "<html><body>Not found</body></html>", true},
		"a limit":           {http.StatusTooManyRequests, `{"success":false,"message":"No."}`, true},
		"down":              {http.StatusServiceUnavailable, `{"success":false,"message":"No."}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", http.DetectContentType([]byte(x.body)))
				w.WriteHeader(x.status)
				_, _ = io.WriteString(w, x.body)
			})}
			r := serve(t, u, "token", call.Options{Confirm: call.ConfirmAuto})
			outcome := answered(t, r, nil, "delete_group", object{"groupId": "9"})
			require.Equal(t, x.asked, outcome.Ask != nil, outcome.Text)
			require.Equal(t, !x.asked, outcome.IsError)
			if !x.asked {
				require.Contains(t, outcome.Text, "401")
			}
			require.NotContains(t, u.take(), "DELETE /groups/9")
		})
	}
}

func TestCanceledQuestionReadsNothingMore(t *testing.T) {
	r, _ := onSandbox(t, call.Options{Confirm: call.ConfirmAuto})
	ctx, cancel := context.WithCancel(confirm.With(t.Context(), confirm.Client{CanAsk: true}))
	cancel()
	outcome := runIn(t, r, ctx, "delete_group", object{"groupId": "9"})
	require.Equal(t, "Delete a group\nGroup: 9, which could not be read\nThis cannot be undone; a new group has a new id and none of the access.", outcome.Ask.Text)
}
