package engine_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

func TestProcessLimits(t *testing.T) {
	c := start(t, &wire.Begin{Code: `console.log("on"); await retool.echo({})`})
	require.NoError(t, wire.Read(c.out, &wire.Message{}))
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", c.cmd.Process.Pid))
	require.NoError(t, err)
	for limit, want := range map[string]string{"Max cpu time": `4\d`, "Max file size": "0", "Max core file size": "0", "Max open files": "8", "Max address space": `\d+`} {
		require.Regexp(t, `(?m)^`+limit+`\s+`+want+`\s+`+want+`\s`, string(limits))
	}
}
