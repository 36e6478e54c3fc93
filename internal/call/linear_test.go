package call_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/testcost"
)

// list is n texts with their numbers, separated by commas.
func list(n int, format string) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, format, i)
	}
	return out.String()
}

func names(n int) string    { return "{" + list(n, `"k%d":"text %[1]d"`) + "}" }
func reversed(n int) string { return "{" + list(n, `"k-%d":1`) + "}" }

// wide are calls whose arguments or answers grow with n.
var wide = map[string]struct {
	tool      string
	arguments func(n int) string
	answer    func(n int) string
}{
	"unknown arguments": {"get_user", func(n int) string { return `{"userId":"user_1",` + names(n)[1:] }, nil},
	"unknown fields":    {"create_group", func(n int) string { return `{"name":"x","members":[` + names(n) + `]}` }, nil},
	"invalid items":     {"replace_group", func(n int) string { return `{"groupId":"9","name":"x","members":[` + list(n, `{"x%d":1}`) + `]}` }, nil},
	"a free object":     {"create_resource", func(n int) string { return resource("", names(n)) }, nil},
	"a dry run":         {"create_resource", func(n int) string { return resource(`"dry_run":true,`, names(n)) }, nil},
	"a dry run of secrets": {"create_resource", func(n int) string {
		return resource(`"dry_run":true,`, `{"a":[`+list(n, `{"password":"secret%d"}`)+`]}`)
	}, nil},
	"paths of a deep argument": {"create_resource", func(n int) string {
		return resource("", strings.Repeat(`{"`+strings.Repeat("k", n/100)+`":`, 900)+names(n)+strings.Repeat("}", 900))
	}, nil},
	"a patch":              {"update_group", func(n int) string { return patch("", list(n, `{"op":"add","path":"/m%d","value":"x"}`)) }, nil},
	"a dry run of a patch": {"update_group", func(n int) string { return patch(`"dry_run":true,`, list(n, `{"op":"add","path":"/m%d","value":"x"}`)) }, nil},
	"a patch of one list": {"update_group", func(n int) string {
		return patch(`"dry_run":true,`, list(n, `{"op":"add","path":"/k/0","value":"x%d"}`))
	}, func(int) string { return `{"data":{"k":[]}}` }},
	"a patch of a wide object": {"update_group", func(n int) string { return patch(`"dry_run":true,`, list(n, `{"op":"remove","path":"/k%d"}`)) }, func(n int) string { return `{"data":` + names(n) + `}` }},
	"a replaced wide object":   {"replace_group", func(int) string { return `{"groupId":"9","name":"x","dry_run":true}` }, func(n int) string { return `{"data":` + names(n) + `}` }},
	"an object":                {"get_user", user, func(n int) string { return `{"data":` + names(n) + `}` }},
	"an object without data":   {"get_user", user, names},
	"one name, over and over":  {"get_user", user, func(n int) string { return `{"data":{` + list(n, `"k":%d`) + `}}` }},
	"pairs of name and value":  {"get_user", user, func(n int) string { return `{"data":{"a":[` + list(n, `{"key":"password","value":"v%d"}`) + `]}}` }},
	"a long text":              {"get_user", user, func(n int) string { return `{"data":{"a":"` + strings.Repeat(`a=b: c `, n) + `"}}` }},
	"halves of pairs":          {"get_user", user, func(n int) string { return `{"data":{"a":"` + strings.Repeat(`\ud83d`, n) + `"}}` }},
	"a wide item":              {"list_users", bare, func(n int) string { return items(names(n)) }},
	"a wide row":               {"list_users", asTable, func(n int) string { return items(names(n)) }},
	"wide rows, other order":   {"list_users", asTable, func(n int) string { return items(names(n) + "," + reversed(n)) }},
	"a column for each item":   {"list_users", asTable, func(n int) string { return items(list(n, `{"k%d":1}`)) }},
	"a key for each item":      {"list_users", asTable, func(n int) string { return items(list(n, `{"id":1,"g":[{"k%d":1}]}`)) }},
	"lists of wide objects": {"list_users", asTable, func(n int) string {
		return items(`{"g":[` + list(n, `{"a%d":1}`) + `]},{"g":[` + reversed(n) + `,` + reversed(n) + `]}`)
	}},
	"many items":           {"list_users", bare, func(n int) string { return items(list(n, `{"id":%d,"name":"text"}`)) }},
	"fields of wide items": {"list_users", func(int) string { return `{"fields":[` + list(200, `"k%d"`) + `]}` }, func(n int) string { return items(names(n)) }},
	"too many fields":      {"list_users", func(n int) string { return `{"fields":"` + list(n, "f%d") + `"}` }, nil},
	"secrets that come back": {"create_resource", passwords, func(n int) string {
		return `{"success":false,"message":"` + list(n, "s3cret-%d no") + `","a":[` + list(n, `"s3cret-%d"`) + `]}`
	}},
	"secrets that nearly come back": {"create_resource", passwords, func(n int) string { return `{"success":false,"message":"` + list(n, "s3cre %d-") + `"}` }},
	"secrets in a text":             {"create_resource", passwords, func(n int) string { return list(n, "s3cret-%d no") }},
	"secrets that are numbers": {"create_resource", func(n int) string {
		return resource("", `{`+list(n, `"password%d":4815%[1]d`)+`}`)
	}, func(n int) string { return list(n, "4815%d no") }},
	"secrets of next to nothing": {"create_resource", func(n int) string {
		return resource("", `{"password":["`+strings.Repeat(`\"`, n)+`",`+list(n, `"'%d' '"`)+`]}`)
	}, func(n int) string { return strings.Repeat(`'\"`, n) }},
	"a secret of one letter":           {"create_resource", letters, func(n int) string { return strings.Repeat("a", 99*n) }},
	"a secret of one letter in a name": {"create_resource", letters, func(n int) string { return `{"success":false,"` + strings.Repeat("a", 99*n) + `":1}` }},
	"a secret of one letter and more":  {"create_resource", letters, func(n int) string { return strings.Repeat("a", 300*n) }},
	"a failure in its own words":       {"create_group", func(int) string { return `{"name":"x"}` }, func(n int) string { return `{"success":false,` + names(n)[1:] }},
}

func passwords(n int) string { return resource("", `{`+list(n, `"password%d":"s3cret-%[1]d"`)+`}`) }
func letters(n int) string   { return resource("", `{"password":"`+strings.Repeat("a", 100*n)+`"}`) }

func user(int) string          { return `{"userId":"user_1"}` }
func bare(int) string          { return `{}` }
func asTable(int) string       { return `{"format":"table"}` }
func items(list string) string { return `{"data":[` + list + `],"has_more":false}` }

func patch(control, ops string) string {
	return `{"groupId":"9",` + control + `"operations":[` + ops + `]}`
}

func resource(control, options string) string {
	return `{` + control + `"type":"postgresql","display_name":"x","options":` + options + `}`
}

// WIDE sets another size, such as 25000 for 200,000 names.
func TestCallsTakeLinearTime(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("WIDE"))
	n = max(n, 1_000)
	for name, x := range wide {
		t.Run(name, func(t *testing.T) {
			testcost.RequireLinear(t, n, 2*time.Millisecond, func(n int) time.Duration {
				body := `{"success":true,"data":{"id":1}}`
				if x.answer != nil {
					body = x.answer(n)
				}
				o := call.Options{}
				o.Results.MaxTokens = 20_000
				r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if body[0] != '{' {
						w.Header().Set("Content-Type", "text/plain")
					}
					_, _ = io.WriteString(w, body)
				}), "retool_x", o)
				arguments := []byte(x.arguments(n))
				return testcost.Of(func() {
					_, err := r.CallTool(t.Context(), x.tool, arguments)
					require.NoError(t, err)
				})
			})
		})
	}
}

// What is beyond the limits is refused with words that say so.
func TestCallsBeyondTheLimits(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 1_001) + "1" + strings.Repeat("}", 1_001)
	for _, x := range []struct{ tool, arguments, answer, says string }{
		{"create_resource", resource("", deep), ``, "Not sent: the arguments of create_resource are more than this server reads: it nests deeper than 1000 levels."},
		{"create_resource", resource("", names(100_001)), ``, "Not sent: the arguments of create_resource are more than this server reads: an object has more than 100000 members."},
		{"get_user", names(100_001), ``, "Not sent: the arguments of get_user are more than this server reads: an object has more than 100000 members."},
		{"list_users", `{"fields":[` + list(201, `"f%d"`) + `]}`, ``, "fields: must have at most 200 names, not 201"},
		{"list_users", `{"fields":["` + strings.Repeat("a.", 251) + `"]}`, ``, "fields: a name must have at most 500 bytes"},
		{"get_user", user(0), `{"data":` + deep + `}`, "HTTP 200, but the response is more than this server reads: it nests deeper than 1000 levels."},
		{"get_user", user(0), names(100_001), "HTTP 200, but the response is more than this server reads: an object has more than 100000 members."},
		{"create_group", `{"name":"x"}`, names(100_001), "an object has more than 100000 members. The write may have taken effect: check before you retry."},
	} {
		outcome, err := serve(t, respond(200, x.answer), "retool_x", call.Options{}).CallTool(t.Context(), x.tool, []byte(x.arguments))
		require.NoError(t, err)
		require.True(t, outcome.IsError, outcome.Text)
		require.Contains(t, outcome.Text, x.says)
		require.Less(t, len(outcome.Text), 3_000)
	}
}

// Nothing goes on long after the client has left.
func TestCallsEndWithTheClient(t *testing.T) {
	zeros := "[" + strings.Repeat("0,", 500_000) + "0]"
	for name, x := range map[string]struct{ tool, arguments, answer string }{
		"arguments": {"create_resource", resource("", `{"a":`+zeros+`}`), `{"data":{}}`},
		"an answer": {"get_user", user(0), `{"data":{"a":` + zeros + `}}`},
	} {
		took := func(leave bool) time.Duration {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := serve(t, respond(200, x.answer), "retool_x", call.Options{})
			left := time.Now()
			if leave {
				cancel()
			}
			outcome, err := r.CallTool(ctx, x.tool, []byte(x.arguments))
			require.NoError(t, err)
			require.Equal(t, leave, outcome.IsError, "%s: %.200s", name, outcome.Text)
			return time.Since(left)
		}
		all := took(false)
		require.Less(t, took(true), all/2+20*time.Millisecond, name)
	}
}
