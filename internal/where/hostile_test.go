package where_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/where"
	"github.com/retool-mcp/retool-mcp/tools"
)

func parsed(t testing.TB, text string) *jsonvalue.Value {
	t.Helper()
	v, err := jsonvalue.Parse([]byte(text))
	require.NoError(t, err)
	return &v
}

// large is an item with a long list and a long text.
func large(t testing.TB, numbers, letters int) *jsonvalue.Value {
	return parsed(t, `{"n":[`+strings.TrimSuffix(strings.Repeat("1,", numbers), ",")+`],"s":"`+strings.Repeat("a", letters)+`"}`)
}

// Hostile expressions are refused, or end soon.
func TestHostileExpressions(t *testing.T) {
	item := large(t, 100_000, 4_000_000)
	for name, expression := range map[string]string{
		"nested loops":          "any(n, any(n, any(n, # > 5)))",
		"lists of lists":        "len(map(n, map(n, #))) > 0",
		"filters of filters":    "len(filter(n, len(filter(n, # > 0)) > 0)) > 0",
		"many lists":            "len(map(n, n)) == len(map(n, [1, 2, #]))",
		"many searches":         strings.Repeat("s contains 'b' or ", 90) + "false",
		"many loops":            strings.Repeat("any(n, # > 5) or ", 40) + "false",
		"loops that do nothing": "all(n, all(n, true))",
		"a slow pattern":        "s matches '(a|a|a|a|a?)*(b|c){500}$' or any(n, s matches '(x+x+)+y')",
		"a huge pattern":        "s matches '" + strings.Repeat(`\\pL`, 30) + "{1000}'",
		"joined texts":          "any(n, lower(s) == upper(s))",
		"a list in itself":      "n in map(n, n)",
		"equal lists":           "any(n, n == n)",
		"members of a list":     "any(n, n.x == nil)",
		"deep parentheses":      strings.Repeat("(", 1990) + "true" + strings.Repeat(")", 1990),
		"deep negation":         strings.Repeat("not ", 290) + "true",
		"deep brackets":         strings.Repeat("[", 280) + "1" + strings.Repeat("]", 280) + " == nil",
		"a range":               "any(1..1000000000, # > 5)",
		"a power":               "9 ** 999999999 > 1",
		"a repeated text":       "repeat(s, 1000000) == s",
		"a long path":           "n" + strings.Repeat(".a", 280) + " == nil",
		"a chain":               "1" + strings.Repeat(" < 2", 140),
		"parts in two places":   strings.Repeat("(", 90) + "n" + strings.Repeat(" ?: n)", 90) + " == nil; n",
		"comparisons of them":   strings.Repeat("(1 < ", 60) + "n" + strings.Repeat(" < 2)", 60),
		"a tower of choices":    strings.Repeat("true ? true : ", 90) + "true",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			filter, err := where.New(expression, tools.Answer{}, false)
			if err == nil {
				_, err = filter.Match(t.Context(), item)
			}
			const soon = 20 * time.Second // beside other tests; alone, at most 3 s
			require.Less(t, time.Since(start), soon)
			if err != nil {
				t.Log(time.Since(start), err)
				require.Less(t, len(err.Error()), 1000)
			} else {
				t.Log(time.Since(start))
			}
		})
	}
}

// The work of all items together is bounded, and ends with the context.
func TestWorkIsBounded(t *testing.T) {
	filter, err := where.New("any(n, any(n, # > 5))", tools.Answer{}, false)
	require.NoError(t, err)
	item := large(t, 300, 1)
	for items := 0; err == nil; items++ {
		_, err = filter.Match(t.Context(), item)
		require.Less(t, items, 1_000)
	}
	require.ErrorIs(t, err, where.ErrTooMuchWork)

	filter, err = where.New("any(n, any(n, # > 5))", tools.Answer{}, false)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err = filter.Match(ctx, large(t, 10_000, 1))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), time.Second)
}

// Usual expressions on a full list of 5,000 large items stay far below the bound.
func TestUsualWork(t *testing.T) {
	var members []string
	for i := range 100 {
		members = append(members, fmt.Sprintf(`{"id":%d,"email":"someone.%d@example.com"}`, i, i))
	}
	item := parsed(t, `{"name":"`+strings.Repeat("x", 1000)+`","members":[`+strings.Join(members, ",")+`],"created_at":"2026-01-02T03:04:05.678Z"}`)
	filter, err := where.New("created_at < daysAgo(90) and (any(members, .email endsWith '@example.org' or .id > 1000) or name matches '(?i)ops$')", tools.Answer{}, false)
	require.NoError(t, err)
	start := time.Now()
	for range 5000 {
		_, err := filter.Match(t.Context(), item)
		require.NoError(t, err)
	}
	t.Log(time.Since(start))
}

// FuzzWhere looks for expressions that panic, run for long or tell secrets apart. The
// markers of two secrets are the same, so only crashes can.
func FuzzWhere(f *testing.F) {
	for _, seed := range []string{
		"active and last_active < '2026-08-01'", "any(groups, .name == 'admin')", "a ?? b ? c : d", "x[0]['y']?.z", "len(filter(tags, # != nil)) > 1.5e3",
		"email matches '^a' or not (email contains \"b\")", "1 < 2 < 3", "now() - duration('90d') > created_at", "a IS NOT NULL AND b <> `c`", "groups | map(.id) | any(# in [1, nil, -2])", "::len('x')", "b'x' == 1", "item[''] == item[nil]", "$env.x", "#.x", "true ?: [].x[0][1:2]", "if a { b } else { c }",
	} {
		f.Add(seed)
	}
	items := []*jsonvalue.Value{parsed(f, people[0]), parsed(f, people[1]), parsed(f, people[3]), parsed(f, `["x"]`), parsed(f, `null`)}
	f.Fuzz(func(t *testing.T, expression string) {
		start := time.Now()
		filter, err := where.New(expression, users, true)
		if err != nil {
			require.NotContains(t, err.Error(), "goroutine", "a panic")
			return
		}
		for _, item := range items {
			_, err := filter.Match(t.Context(), item)
			require.NoError(t, err, "small items never take much")
		}
		_ = filter.Notes()
		require.Less(t, time.Since(start), 5*time.Second)
	})
}
