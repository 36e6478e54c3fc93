package result_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// Whatever is in a list, the line on the next page counts it right, and what
// comes back is compact and means the same.
func TestListsAreCountedAndCompact(t *testing.T) {
	list := call(t, "list_users", `{}`)
	for _, x := range []struct {
		data, compact string
		items         int
	}{
		{`[]`, `[]`, 0},
		{`[ ]`, `[]`, 0},
		{`[1]`, `[1]`, 1},
		{`["a,b","c]\\","\"d\",","e"]`, `["a,b","c]\\","\"d\",","e"]`, 4},
		{`[[1,2],{"a":[3,4]},null,true]`, `[[1,2],{"a":[3,4]},null,true]`, 4},
		{`[{"a" : 1},  {"b":"x  y"}]`, `[{"a":1},{"b":"x  y"}]`, 2},
		{`["\u00e9","\/"]`, `["é","/"]`, 2},
		{`["\\",""]`, `["\\",""]`, 2},
		{"[\"\xff\"]", `["\ufffd"]`, 1},
		{"[" + strings.Repeat(`{"k":"v"},`, 99) + `{}]`, "[" + strings.Repeat(`{"k":"v"},`, 99) + `{}]`, 100},
	} {
		r := result.Of(list, answer(`{"data":`+x.data+`,"has_more":true,"next_token":"t"}`))
		require.False(t, r.IsError, x.data)
		require.Contains(t, r.Text, fmt.Sprintf("This page holds %d items;", x.items), x.data)
		body, _, _ := strings.Cut(r.Text, "\n\n")
		require.JSONEq(t, `{"data":`+x.compact+`,"has_more":true,"next_token":"t"}`, body)
		if !strings.Contains(x.data, "\xff") {
			require.Equal(t, `{"data":`+x.compact+`,"has_more":true,"next_token":"t"}`, body)
		}
	}
}
