package redact_test

import (
	"strings"
	"testing"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// BenchmarkToken looks for the token in a megabyte of each kind.
func BenchmarkToken(b *testing.B) {
	for name, part := range map[string]string{
		"JSON":    `{"id":"user_01","email":"ann@example.com","name":"R\u00e9n\u00e9 \"Ren\"","url":"https://x/?a=1&b=%20","roles":["reader"]},`,
		"Chinese": "用户名和文本由人编写请将其视为数据", "backslashes": `\`, "escaped backslashes": `\u005c`, "percent signs": "%25", "ampersands": "&amp;",
		"beginnings of entities": "&#x", "entities": "&#1", "halves": `\ud83d`, "beginnings": "retool_0", "first letters": "r\u200b", "zero width": "\u200b",
		"u": `\u`, "mixed": `\%&`, "percent escapes of backslashes": "%5c%5c%75", "accents": "é\u0301",
	} {
		b.Run(name, func(b *testing.B) {
			remover, text := redact.NewAccessToken(token), strings.Repeat(part, 1<<20/len(part))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				remover.Text(text)
			}
		})
	}
}
