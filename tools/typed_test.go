package tools_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// For every argument of every tool, what looks like a number is text where text and
// no number belongs, and a number elsewhere.
func TestTypedNumbersOfEveryArgument(t *testing.T) {
	t.Parallel()
	c := toolgentest.Embedded(t)
	texts, numbers := 0, 0
	for i := range c.Tools {
		tool := &c.Tools[i]
		var full schema
		require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
		b, err := tools.NewBinder(tool)
		require.NoError(t, err)
		for name, s := range full.Properties {
			isNumber := s.takes("number") || s.takes("integer")
			switch {
			case s.takes("string") && !isNumber:
				texts++
				require.Equal(t, `"1.0"`, string(b.Typed(name, "1.0")), "%s %s", tool.Name, name)
				require.Equal(t, `"-0"`, string(b.Typed(name, "-0")), "%s %s", tool.Name, name)
			case isNumber:
				numbers++
				require.Equal(t, "1.0", string(b.Typed(name, "1.0")), "%s %s", tool.Name, name)
			}
			require.Equal(t, `{"a":1.0}`, string(b.Typed(name, `{"a":1.0}`)))
			require.Equal(t, `"1.0.0"`, string(b.Typed(name, "1.0.0")))
			require.Equal(t, "null", string(b.Typed(name, "null")))
		}
		require.Equal(t, "1.0", string(b.Typed("no such argument", "1.0")))
	}
	require.Greater(t, texts, 100)
	require.Greater(t, numbers, 50)
}
