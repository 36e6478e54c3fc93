package text_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

func encodeUTF16(order binary.AppendByteOrder, s string) (out []byte) {
	for _, unit := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

func TestDecode(t *testing.T) {
	for name, x := range map[string]struct{ in, want string }{
		"nothing":             {"", ""},
		"one byte":            {"\xff", "\xff"},
		"plain":               {"café 🙂", "café 🙂"},
		"marked":              {"\ufeffcafé", "café"},
		"marked twice":        {"\ufeff\ufeff{}", "{}"},
		"a mark alone":        {"\ufeff", ""},
		"a mark within":       {"a\ufeffb", "a\ufeffb"},
		"a part of a mark":    {"\xef\xbb", "\xef\xbb"},
		"not UTF-8":           {"\xef\xbb\xbf\xff", "\xff"},
		"UTF-16, little":      {string(encodeUTF16(binary.LittleEndian, "\ufeffcafé 🙂\r\n")), "café 🙂\r\n"},
		"UTF-16, big":         {string(encodeUTF16(binary.BigEndian, "\ufeffcafé 🙂\r\n")), "café 🙂\r\n"},
		"UTF-16, marked mark": {string(encodeUTF16(binary.LittleEndian, "\ufeff\ufeffa")), "a"},
		"UTF-16, half a pair": {"\xff\xfe\x3d\xd8a\x00", "\ufffda"},
		"UTF-16, empty":       {"\xfe\xff", ""},
		"UTF-16 without mark": {"a\x00b\x00", "a\x00b\x00"},
	} {
		got, err := text.Decode([]byte(x.in))
		require.NoError(t, err, name)
		require.Equal(t, x.want, string(got), name)
	}
	_, err := text.Decode([]byte("\xff\xfea"))
	require.EqualError(t, err, "its byte order mark says UTF-16, and it has an odd number of bytes")
}

func TestIsUTF16(t *testing.T) {
	const message = `{"jsonrpc":"2.0"}`
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		require.True(t, text.IsUTF16(encodeUTF16(order, message)))
		require.True(t, text.IsUTF16(encodeUTF16(order, "\ufeff"+message)))
	}
	for _, not := range []string{"", "{}", message, "\ufeff" + message, "\x00\x00\x00\x00", "\x00{}}", "{\x00}}", "\xff\xff\xff\xff"} {
		require.False(t, text.IsUTF16([]byte(not)), "%q", not)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\ufeff{}"))
	f.Add([]byte("\xff\xfe\x3d\xd8"))
	f.Add([]byte("\xfe\xff\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := text.Decode(data); err == nil {
			require.Equal(t, got, text.TrimMark(got), "no mark is left")
		}
	})
}
