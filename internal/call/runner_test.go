package call_test

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
)

func TestUnknownTool(t *testing.T) {
	_, err := serve(t, nil, "retool_x", call.Options{}).CallTool(t.Context(), "no_such_tool", nil)
	require.ErrorIs(t, err, call.ErrUnknownTool)
	require.EqualError(t, err, "unknown tool: no_such_tool")
}

func TestInvalidArgumentsAreNotSent(t *testing.T) {
	u := &upstream{Handler: respond(200, `{"data":{}}`)}
	r := serve(t, u, "retool_x", call.Options{References: references(t)})
	for tool, arguments := range map[string]any{
		"get_group": object{}, "list_users": object{"limit": 1000}, "create_group": []int{1}, "delete_group": object{"groupId": ".."},
		"update_user":                   object{"userId": "1", "operations": []object{{"op": "replace", "path": "/first_name", "value": "${env:LISTED}"}}}, // could be read back
		"create_configuration_variable": object{"name": "n", "secret": true, "values": []object{{"environment_id": "e", "value": "${env:UNLISTED}"}}},
	} {
		outcome := run(t, r, tool, arguments)
		require.True(t, outcome.IsError, tool)
		require.NotEmpty(t, outcome.Text)
	}
	inURL := run(t, r, "list_users", object{"email": "${env:LISTED}"})
	require.True(t, inURL.IsError)
	require.Contains(t, inURL.Text, "Not sent: list_users cannot use a secret that it names.\n- email: ")
	require.Empty(t, u.take())
}

func references(t *testing.T) *secret.References {
	t.Helper()
	t.Setenv("LISTED", "the-secret-value")
	references, err := secret.NewReferences([]string{"LISTED"}, nil)
	require.NoError(t, err)
	return references
}

// A secret is sent, and neither shown when the instance repeats it nor recorded.
func TestReferencesAreExpanded(t *testing.T) {
	var body []byte
	log := openAudit(t)
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		respond(200, `{"data":{"note":"got the-secret-value"}}`)(w, r)
	}), "retool_x", call.Options{References: references(t), Audit: log.Log})
	variable := object{"name": "n", "secret": true, "values": []object{{"environment_id": "e", "value": "${env:LISTED}"}}}
	outcome := run(t, r, "create_configuration_variable", variable)
	require.False(t, outcome.IsError, outcome.Text)
	require.Contains(t, string(body), `"value":"the-secret-value"`)
	require.NotContains(t, outcome.Text, "the-secret-value")
	for _, line := range log.lines(t) {
		require.NotContains(t, string(line.Arguments), "the-secret-value")
	}
}

// failTimes responds with 503 so many times, then with h.
func failTimes(n int32, h http.HandlerFunc) http.HandlerFunc {
	var requests atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) <= n {
			respond(503, `{"message":"down"}`)(w, r)
			return
		}
		h(w, r)
	}
}

func TestResultsMentionRetries(t *testing.T) {
	fine := respond(200, `{"data":{"id":1}}`)
	for name, x := range map[string]struct {
		handler   http.HandlerFunc
		tool      string
		arguments object
		says      string
	}{
		"none":       {fine, "get_group", object{"groupId": "9"}, `^{"data":{"id":1}}$`},
		"one":        {failTimes(1, fine), "get_group", object{"groupId": "9"}, `\n\nOne request was retried; the call waited [\d.]+m?s\.$`},
		"two":        {failTimes(2, fine), "get_group", object{"groupId": "9"}, `\n\nRequests were retried 2 times; the call waited [\d.]+m?s\.$`},
		"a list":     {failTimes(1, numbers{items: 3}.ServeHTTP), "list_users", object{}, `\n# One request was retried; the call waited [\d.]+m?s\.\n`},
		"a deletion": {failTimes(1, respond(404, `{"message":"no"}`)), "delete_group", object{"groupId": "9"}, `the object is gone, most likely deleted by that attempt\.\nOne request was retried`},
		"a failure":  {failTimes(9, fine), "get_group", object{"groupId": "9"}, `^HTTP 503 Service Unavailable: "down" \(after 3 retries\)\n`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := serve(t, nil, "", call.Options{Client: client(t, x.handler, retool.Options{Token: "retool_x", Retries: 3})})
				outcome := run(t, r, x.tool, x.arguments)
				require.Equal(t, name == "a failure", outcome.IsError, outcome.Text)
				require.Regexp(t, x.says, outcome.Text)
			})
		})
	}
}

// The error of a canceled list is that of the request in progress alone: a note
// on the retries and waits of other requests would contradict its time.
func TestCanceledListAfterRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		list := numbers{items: 1000, before: func(w http.ResponseWriter, from int) bool {
			if from == 100 && first {
				first = false
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			time.Sleep(time.Second)
			return false
		}}
		ctx, cancel := context.WithCancel(t.Context())
		ctx = progress.With(ctx, func(done, _ int, _ string) {
			if done == 200 {
				time.AfterFunc(17*time.Millisecond, cancel)
			}
		})
		r := serve(t, nil, "", call.Options{Client: client(t, list, retool.Options{Token: "retool_x", Retries: 3})})
		outcome := runIn(t, r, ctx, "list_users", object{"all_pages": true})
		require.True(t, outcome.IsError)
		require.Equal(t, "the request to upstream was canceled after 17ms", outcome.Text)
		time.Sleep(time.Minute) // for the handler
	})
}

// A list has a deadline of its own, and each request that of the client.
func TestDeadlineOfAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := numbers{items: 1000, before: func(_ http.ResponseWriter, from int) bool {
			if from >= 200 {
				time.Sleep(time.Hour)
			}
			return false
		}}
		start := time.Now()
		r := serve(t, nil, "", call.Options{Timeout: 10 * time.Second, Client: client(t, list, retool.Options{Token: "retool_x", Timeout: time.Minute})})
		head, got := ids(t, run(t, r, "list_users", object{"all_pages": true}))
		require.Equal(t, 10*time.Second, time.Since(start))
		require.Len(t, got, 200)
		require.Contains(t, head, "then a page failed, no complete response from upstream within 10s; check the address or raise the timeout")
		time.Sleep(time.Hour) // for the handler
	})
}
