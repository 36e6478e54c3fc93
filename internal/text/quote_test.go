package text_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

func TestUnquoteRemovesOnePair(t *testing.T) {
	for given, want := range map[string]string{
		` "a" `: "a", `'a'`: "a", "“a”": "a", "‘a’": "a", "„a“": "a", "«a»": "a", "`a`": "a", `" a "`: "a", `""`: "", `''`: "",
		`"'a'"`: "'a'", `"a`: `"a`, `a"`: `a"`, `"`: `"`, `"a'`: `"a'`, `"a","b"`: `"a","b"`, "a": "a", " ": "", `a"b"c`: `a"b"c`,
	} {
		require.Equal(t, want, text.Unquote(given), given)
	}
}
