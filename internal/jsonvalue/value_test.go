package jsonvalue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/testcost"
)

func TestValuesAreWrittenAsTheyWereRead(t *testing.T) {
	for given, want := range map[string]string{
		` { "b" : 12345678901234567890 , "a" : [ 1.50 , 1E400 , true , false , null , "x" ] } `: `{"b":12345678901234567890,"a":[1.50,1E400,true,false,null,"x"]}`,
		`{"a":1,"b":2,"a":{"c":3}}`:                          `{"a":{"c":3},"b":2}`, // the later one counts
		`"\u003cb\u003e \/ \n\t\\\""`:                        `"<b> / \n\t\\\""`,
		`"a\u200bb` + "\u200b" + `\ud83d\ude00\udb40\udc41"`: `"a\u200bb\u200b😀\udb40\udc41"`,
		"\"\xff\"": "\"\ufffd\"",
		`[{"a":1,"b":2},{"a":3,"b":4},{"b":5},{"a":6,"b":7,"c":8},{}]`: `[{"a":1,"b":2},{"a":3,"b":4},{"b":5},{"a":6,"b":7,"c":8},{}]`,
	} {
		v, err := jsonvalue.Parse([]byte(given))
		require.NoError(t, err, given)
		require.Equal(t, want, v.JSON(), given)
	}
	for _, wrong := range []string{``, `{`, `[1,`, `{"a"}`, `{} {}`, `"\ud800`, `nul`} {
		_, err := jsonvalue.Parse([]byte(wrong))
		require.Error(t, err, wrong)
	}
}

func TestInvisibleCharactersAreReadOrNot(t *testing.T) {
	const json = `{"na\u200bme":"a\u200bb","next":"t\u200b","in":{"next":"t\u200b"}}`
	exact, err := jsonvalue.Parse([]byte(json))
	require.NoError(t, err)
	require.Equal(t, json, exact.JSON())
	require.Equal(t, "a\u200bb", exact.Member("na\u200bme").Text)
	visible, err := jsonvalue.ParseVisible([]byte(json), "next")
	require.NoError(t, err)
	require.Equal(t, `{"name":"ab","next":"t\u200b","in":{"next":"t"}}`, visible.JSON())
}

func TestChangesLeaveSharedNamesAlone(t *testing.T) {
	v, err := jsonvalue.Parse([]byte(`[{"a":1,"b":{"c":2}},{"a":3,"b":{"c":4}}]`))
	require.NoError(t, err)
	v.Parts[0].Drop("a")
	v.Parts[1].Put("b.c", jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"})
	v.Parts[1].Patch("add", []string{"d"}, &jsonvalue.Value{Kind: jsonvalue.True, Text: "true"})
	require.Equal(t, `[{"b":{"c":2}},{"a":3,"b":{"c":null},"d":true}]`, v.JSON())
	require.Equal(t, "2", v.Parts[0].At([]string{"b", "c"}).Str())
	require.Nil(t, v.Parts[0].At([]string{"b", "x", "c"}))
	require.True(t, v.Parts[1].Member("b").Empty())
}

func TestWhatIsNotUnicodeIsReplaced(t *testing.T) {
	for given, want := range map[string]string{
		`"\ud83d"`:                         `"` + "\ufffd" + `"`,
		`"\udc00"`:                         `"` + "\ufffd" + `"`,
		`"\uD83D"`:                         `"` + "\ufffd" + `"`,
		`"a\ud83d b"`:                      `"a` + "\ufffd" + ` b"`,
		`"\ude00\ud83d"`:                   `"` + "\ufffd\ufffd" + `"`, // the wrong order
		`"\ud83d\ud83d\ude00"`:             `"` + "\ufffd😀" + `"`,
		`"\ud83d\ude00\ude00"`:             `"` + "😀\ufffd" + `"`,
		`"\ud83d\u0041"`:                   `"` + "\ufffdA" + `"`,
		`"\ud83dn\ud83d\n"`:                `"` + "\ufffdn\ufffd" + `\n"`,
		`"\ud83d\ud83d\ud83d"`:             `"` + "\ufffd\ufffd\ufffd" + `"`,
		`"\\ud83d"`:                        `"\\ud83d"`, // no escape
		`"\\\ud83d"`:                       `"\\` + "\ufffd" + `"`,
		`"\\\\ud83d\\"`:                    `"\\\\ud83d\\"`,
		`{"\ud83d":{"\udc00":["\ud83d"]}}`: `{"` + "\ufffd" + `":{"` + "\ufffd" + `":["` + "\ufffd" + `"]}}`,
		`{"\ud83d":1,"\udc00":2,"b":3}`:    `{"` + "\ufffd" + `":2,"b":3}`, // one name now
		"\"a\xffb\xc3\"":                   `"a` + "\ufffdb\ufffd" + `"`,
		"\"\xed\xa0\xbd\"":                 `"` + "\ufffd\ufffd\ufffd" + `"`, // a half in UTF-8
		"{\"\xff\":\"\\ud83d\"}":           `{"` + "\ufffd" + `":"` + "\ufffd" + `"}`,
		"\"\xf0\x9f\x98\"":                 `"` + "\ufffd\ufffd\ufffd" + `"`, // cut off
	} {
		for _, parse := range []func([]byte) (jsonvalue.Value, error){jsonvalue.Parse, func(b []byte) (jsonvalue.Value, error) { return jsonvalue.ParseVisible(b, "next") }} {
			v, err := parse([]byte(given))
			require.NoError(t, err, given)
			require.Equal(t, want, v.JSON(), given)
		}
	}
	for _, whole := range []string{``, `\`, `\u`, `\ud`, `"\ud83`, `"\ud83d\ude00"`, `"\\ud83d"`, `"é"`} {
		require.Equal(t, whole, string(jsonvalue.Repair([]byte(whole))))
	}
	given := []byte(`"\ud83d"`)
	require.Equal(t, `"\ufffd"`, string(jsonvalue.Repair(given)))
	require.Equal(t, `"\ud83d"`, string(given), "what was given stays")
}

func TestLimitsOfNestingAndMembers(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat(`{"a":[`, n/2) + "1" + strings.Repeat(`]}`, n/2)) }
	_, err := jsonvalue.Parse(nested(jsonvalue.MaxDepth))
	require.NoError(t, err)
	_, err = jsonvalue.Parse(nested(jsonvalue.MaxDepth + 2))
	require.ErrorIs(t, err, jsonvalue.ErrTooDeep)
	_, err = jsonvalue.Parse([]byte(strings.Repeat("[", 1_000_000)))
	require.ErrorIs(t, err, jsonvalue.ErrTooDeep)
	v, err := jsonvalue.Parse(object(jsonvalue.MaxMembers))
	require.NoError(t, err)
	require.Len(t, v.Names, jsonvalue.MaxMembers)
	_, err = jsonvalue.Parse(object(jsonvalue.MaxMembers + 1))
	require.ErrorIs(t, err, jsonvalue.ErrTooWide)
	same := []byte("{" + strings.Repeat(`"a":1,`, jsonvalue.MaxMembers) + `"a":2}`)
	v, err = jsonvalue.Parse(same)
	require.NoError(t, err, "one member, over and over")
	require.Equal(t, `{"a":2}`, v.JSON())
}

// object is JSON with so many members.
func object(n int) []byte {
	out := []byte{'{'}
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, `"a%d":%[1]d`, i)
	}
	return append(out, '}')
}

func TestReadingEndsWithTheContext(t *testing.T) {
	body := []byte("[" + strings.Repeat("0,", 1_000_000) + "0]")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	_, err := jsonvalue.ParseContext(ctx, body, false)
	require.ErrorIs(t, err, context.Canceled)
	ended := time.Since(start)
	start = time.Now()
	_, err = jsonvalue.Parse(body)
	require.NoError(t, err)
	require.Less(t, ended, time.Since(start)/2)
}

func TestReadingAndSearchingTakeLinearTime(t *testing.T) {
	for name, work := range map[string]func(n int){
		"distinct names": func(n int) { must(t, object(n)) },
		"the same names in another order": func(n int) {
			must(t, slices.Concat([]byte("["), object(n), []byte(","), reversed(n), []byte("]")))
		},
		"growing objects": func(n int) {
			must(t, slices.Concat([]byte("["), object(n/2), []byte(","), object(n), []byte("]")))
		},
		"names that repeat": func(n int) {
			must(t, []byte(strings.Replace(string(object(n)), "}", ","+string(object(n))[1:], 1)))
		},
		"searching": func(n int) {
			v := must(t, object(n))
			for i, name := range v.Names {
				if v.Member(name) != &v.Parts[i] || v.Member(name+"?") != nil {
					require.Fail(t, "the wrong member", name)
				}
			}
		},
		"searching where names are equal": func(n int) {
			v := jsonvalue.Value{Kind: jsonvalue.Object, Names: make([]string, n), Parts: make([]jsonvalue.Value, n)}
			for range v.Names {
				if v.Member("?") != nil || v.Member("") != &v.Parts[0] {
					require.Fail(t, "the wrong member")
				}
			}
		},
		"halves of pairs": func(n int) { must(t, []byte(`"`+strings.Repeat(`\ud83d`, n)+`"`)) },
	} {
		t.Run(name, func(t *testing.T) {
			testcost.RequireLinear(t, 2_000, time.Millisecond/10, func(n int) time.Duration {
				return testcost.Of(func() { work(n) })
			})
		})
	}
}

func must(t *testing.T, body []byte) jsonvalue.Value {
	t.Helper()
	v, err := jsonvalue.Parse(body)
	require.NoError(t, err)
	return v
}

// reversed is object with its members in the other order.
func reversed(n int) []byte {
	members := strings.Split(strings.Trim(string(object(n)), "{}"), ",")
	slices.Reverse(members)
	return []byte("{" + strings.Join(members, ",") + "}")
}
