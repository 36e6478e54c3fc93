package result

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDifferences(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, x := range []struct {
		was, will string
		lines     []string
		loses     bool
	}{
		{`1`, `1`, nil, false},
		{`null`, `1`, []string{`null → 1`}, false},
		{`1`, `"1"`, []string{`1 → "1"`}, true},
		{`"` + long + `a"`, `"` + long + `b"`, []string{`"…` + long[:30] + `a" → "…` + long[:30] + `b"`}, true},
		{`"[redacted: x]"`, `"[redacted: x]"`, []string{setAgain}, true},
		{`"---encrypted-on-server---"`, `"[redacted: x]"`, []string{`"---encrypted-on-server---" → "[redacted: x]"`}, true},
		{`{"a":1,"b":{"c":2}}`, `{"a":1,"b":{"c":3,"d":4}}`, []string{`b.c 2 → 3`, `b.d absent → 4`}, true},
		{`{"a":1}`, `{"a":1,"b":null}`, []string{`b absent → null`}, false},
		{`{"a":1,"b":2}`, `{"a":1}`, []string{`b 2 → absent`}, true},
		{`{"a":1}`, `{}`, []string{`a 1 → absent`}, true},
		{`{}`, `{}`, nil, false},
		{`[1,2,2]`, `[2,3,1]`, []string{`removed 2`, `added 3`}, true},
		{`[1,2]`, `[2,1]`, []string{`same items in another order`}, false},
		{`[1]`, `[1,1]`, []string{`1 → 2 items`, `added 1`}, false},
		{`["[redacted: x]"]`, `["[redacted: x]"]`, []string{setAgain}, true},
		{`[{"id":1,"n":"a"},{"id":2,"n":"b"}]`, `[{"id":2,"n":"b"},{"id":1,"n":"c"}]`, []string{`[1].n "a" → "c"`}, true},
		{`[{"id":1,"name":"A"},{"id":2,"name":"B"}]`, `[{"id":"2"},{"id":3}]`, []string{`removed "A"`, `added {"id":3}`, `["B"].id 2 → "2"`, `items leave out name`}, true},
		{`[{"environment_id":"e","value":"[redacted: v]"}]`, `[{"environment_id":"e","value":"[redacted: v]"}]`, []string{`["E of environment"].value ` + setAgain}, true},
		{`[{"id":1},{"id":1}]`, `[{"id":1}]`, []string{`2 → 1 items`, `removed {"id":1}`}, true},
		{`[[1],[2]]`, `[[1],[3]]`, []string{`removed [2]`, `added [3]`}, true},
		{`[]`, `[{"id":1}]`, []string{`0 → 1 items`, `added {"id":1}`}, false},
		{`[1,2,3,4,5,6]`, `[]`, []string{`6 → 0 items`, `removed 1, 2, 3, 4 and 2 more`}, true},
		{`{"a\nb":1}`, `{"a\nb":2}`, []string{`"a\nb" 1 → 2`}, true},
	} {
		was, will := mustParse(t, x.was), mustParse(t, x.will)
		names := func(kind, id string) string {
			if kind == "environment" {
				return strings.ToUpper(id) + " of " + kind
			}
			return ""
		}
		c := compare(names, inQuestion, "", &was, &will)
		require.Equal(t, x.lines, c.lines, "%s and %s", x.was, x.will)
		require.Equal(t, x.loses, c.loses, "%s and %s", x.was, x.will)
	}
}
