package jsonvalue_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

func TestSizeOfJSON(t *testing.T) {
	for text, want := range map[string]jsonvalue.Size{
		``:                                   {},
		` `:                                  {},
		`0`:                                  {Values: 1},
		`-1.5e+3`:                            {Values: 1},
		`null`:                               {Values: 1},
		`""`:                                 {Values: 1},
		`"a\"b\\"`:                           {Values: 1},
		`"[{:,}]"`:                           {Values: 1},
		`[]`:                                 {Values: 1, Depth: 1},
		`[0,0,0]`:                            {Values: 4, Depth: 1},
		"[ true ,\n\tfalse , null ]":         {Values: 4, Depth: 1},
		`{}`:                                 {Values: 1, Objects: 1, Depth: 1},
		`{"a":1}`:                            {Values: 2, Objects: 1, Members: 1, Depth: 1},
		`{"a" : {"b" : ["c", {"d\":":""}]}}`: {Values: 6, Objects: 3, Members: 3, Depth: 4},
		`[[],[[]],[]]`:                       {Values: 5, Depth: 3},
		"{\"\\u0022:\":[\"\\u0041\"]}":       {Values: 3, Objects: 1, Members: 1, Depth: 2},
	} {
		want.Bytes = int64(len(text))
		require.Equal(t, want, counts(jsonvalue.SizeOf([]byte(text))), text)
	}
}

// counts leaves out the state of the scanner.
func counts(s jsonvalue.Size) jsonvalue.Size {
	return jsonvalue.Size{Bytes: s.Bytes, Values: s.Values, Objects: s.Objects, Members: s.Members, Depth: s.Depth}
}

// Invalid JSON must not hide the valid JSON before it.
func TestSizeIsNoSmallerWithWhatIsNotJSON(t *testing.T) {
	zeros := "[" + strings.Repeat("0,", 1000)
	for _, end := range []string{strings.Repeat(":", 5000), strings.Repeat(`""::`, 5000), strings.Repeat("]", 5000), "\x00\xff", `"`, `"\`, strings.Repeat(`"a":`, 2000)} {
		require.GreaterOrEqual(t, jsonvalue.SizeOf([]byte(zeros+end)).Values, int64(1001), end)
	}
	deep := strings.Repeat("]", 100) + strings.Repeat("[", 50)
	require.GreaterOrEqual(t, jsonvalue.SizeOf([]byte(strings.Repeat("[", 200)+deep)).Depth, 200)
}

func TestSizeAllocatesNothing(t *testing.T) {
	text := []byte(strings.Repeat(`{"a":[0,"b\n"]},`, 1000))
	require.Zero(t, testing.AllocsPerRun(10, func() { _ = jsonvalue.SizeOf(text) }))
}

// FuzzSize compares a size with what a decoder counts.
func FuzzSize(f *testing.F) {
	for _, text := range []string{
		`[0,0,0]`, `{"a":{"b":[1,"\"",null]}}`, `"\\"`, `[{},[],""]`, `{"":0,"":{"":""}}`, "[1 ,2\n]", `[::]`, `"a":`, `[0:0]`, `{"a"`, `00`, `[[[[`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := jsonvalue.SizeOf(text)
		var parts jsonvalue.Size
		for r, b := iotest.OneByteReader(bytes.NewReader(text)), make([]byte, 1); ; {
			n, err := r.Read(b)
			_, _ = parts.Write(b[:n])
			if err != nil {
				break
			}
		}
		require.Equal(t, got, parts, "parts make no difference")
		want := decoded(text)
		if json.Valid(text) {
			require.Equal(t, want, counts(got))
		}
		require.GreaterOrEqual(t, got.Values+got.Members, want.Values+want.Members)
		require.GreaterOrEqual(t, got.Values+1, want.Values, "a decoder fails at the first text that is taken for a name")
		require.GreaterOrEqual(t, got.Objects, want.Objects)
		require.GreaterOrEqual(t, got.Depth, want.Depth)
	})
}

// decoded counts what a decoder reads of a text until it fails.
func decoded(text []byte) (s jsonvalue.Size) {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	s.Bytes = int64(len(text))
	for {
		kind, n := dec.StackIndex(dec.StackDepth())
		token, err := dec.ReadToken()
		if err != nil {
			return s
		}
		switch k := token.Kind(); {
		case k == '}' || k == ']':
		case kind == '{' && n%2 == 0:
			s.Members++
		default:
			s.Values++
			if k == '{' {
				s.Objects++
			}
		}
		if s.Depth = max(s.Depth, dec.StackDepth()); dec.StackDepth() == 0 {
			return s
		}
	}
}
