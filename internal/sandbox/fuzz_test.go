package sandbox_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// FuzzChange sends anything as the change of a group. It is done or refused, each
// in the form that the description promises, and a refusal changes nothing.
func FuzzChange(f *testing.F) {
	for _, body := range []string{
		`{"operations":[{"op":"replace","path":"/name","value":"Ops"}]}`,
		`{"operations":[{"op":"add","path":"/members/-","value":{"id":"user_1"}},{"op":"remove","path":"/members/0"}]}`,
		`{"operations":[{"op":"remove","path":"/universal_app_access"},{"op":"add","path":"/universal_app_access","value":"own"}]}`,
		`{"operations":[{"op":"move","from":"/name","path":"/landing_page_app_id"},{"op":"copy","from":"/members","path":"/name"},{"op":"test","path":"/name","value":1}]}`,
		`{"operations":[{"op":"replace","path":"/members/99999999999999999999","value":null},{"op":"add","path":"","value":{}}]}`,
		`{"operations":{}}`, `{"operations":[[]]}`, `[`, "", "\xff", `{"operations":[{"op":"replace","path":"/~2/~","value":1e999}]}`,
	} {
		f.Add([]byte(body))
	}
	a := start(f, sandbox.Options{})
	change, read := described(f).operations["update_group"], request{path: map[string]string{"groupId": "9"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		b := a.in(t)
		before := b.call("get_group", read)
		answer := b.send(http.MethodPatch, "/api/v2/groups/9", "application/json", bytes.NewReader(body))
		change.check(t, answer)
		require.Less(t, answer.status, http.StatusInternalServerError, "%s", answer.raw)
		if answer.status != http.StatusOK {
			require.Equal(t, before.body, b.call("get_group", read).body)
		}
	})
}
