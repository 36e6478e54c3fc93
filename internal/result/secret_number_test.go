package result_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// A number as a secret does not come back in an error, in whatever way it is
// written; numbers that only contain a short one stay.
func TestErrorsHoldNoNumbersThatAreSecrets(t *testing.T) {
	for _, x := range []struct{ arguments, message, want string }{
		{`{"userId":"u","password":4815162342}`, `bad: 4815162342, "4815162342", 4.815162342e9 4.815162342E+09 4,815,162,342 4_815_162_342 4 815 162 342 4815162342.0 x94815162342`, ""},
		{`{"userId":"u","password":"4815162342"}`, `bad: 4815162342 4.815162342e+9 "4.815.162.342"`, ""},
		{`{"userId":"u","password":4.815162342e9}`, `bad: 4815162342`, ""},
		{`{"userId":"u","password":9007199254740993}`, `bad: 9007199254740993 9007199254740992 9.007199254740992e15`, ""},
		{`{"userId":"u","password":{"list":[[48151623],{"pin":-42108151}],"on":true}}`, `bad: 48151623 true -42108151`, ""},
		{`{"userId":"u","password":4815}`, `bad: 4815; 148150 stays`, "bad: [redacted: argument]; 148150 stays"},
		{`{"userId":"u","password":481}`, `481 is too short`, "481 is too short"},
		{`{"userId":"u","name":4815162342}`, `4815162342 is a name`, "4815162342 is a name"},
	} {
		c := call(t, "replace_user", x.arguments)
		failed := result.Failure(c, &retool.StatusError{Status: 400, Message: x.message}, result.Options{}).Text
		told := result.Render(c, answer(`{"success":false,"message":"`+strings.ReplaceAll(x.message, `"`, `\"`)+`"}`), result.Options{}).Text
		for _, text := range []string{failed, told} {
			if x.want != "" {
				require.Contains(t, text, x.want, x.arguments)
				continue
			}
			require.NotRegexp(t, `8[151]{2}|815|900719|210815`, text, x.arguments)
			require.Contains(t, text, "[redacted: argument]")
		}
	}
}
