package jsonvalue_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
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
