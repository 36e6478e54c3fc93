package e2e_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// For a program, every operation's tool prints the data of the answer alone, in a
// form that jq reads.
func TestEveryOperationForPrograms(t *testing.T) {
	t.Parallel()
	name := referencedata.Documents[1]
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"n":12345678901234567890,"u":"ü"}}`))
	env := serving(t, referencedata.Path(t, name), u, "RETOOL_MCP_SECRET_DIR="+t.TempDir(), "RETOOL_MCP_CONFIRM=never")
	tools := toolsOf(t, env)
	var outputs strings.Builder
	for _, op := range operationsOfReal(t, name) {
		sample := sampler{t: t}
		x := sample.exchangeFor(op)
		o := run(t, env, string(x.encoded(t)), "call", tools[op.String()], "--args", "-", "--output", "json")
		require.Zero(t, o.code, "%s: %s", op, o.stderr)
		require.Equal(t, `{"data":{"n":12345678901234567890,"u":"ü"}}`+"\n", o.stdout, op)
		requireRequest(t, op, x, "/api/v2", u.only(t))
		outputs.WriteString(o.stdout)
	}
	jq, err := exec.LookPath("jq")
	if err != nil {
		return // what it would read is compared above
	}
	cmd := exec.CommandContext(t.Context(), jq, "-r", ".data.u")
	cmd.Stdin = strings.NewReader(outputs.String())
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("ü\n", operationsIn[name]), string(out))
}

// A reader that leaves ends the program quietly, and an interrupt prints no data.
func TestPipesAndInterruptsOfCallForPrograms(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither shell pipes nor interrupts of this kind")
	}
	began := make(chan struct{}, 1)
	release := make(chan struct{})
	defer close(release)
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/hangs") {
			began <- struct{}{}
			<-release
		}
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write([]byte(`{"success":true,"data":{"id":"` + strings.Repeat("x", 1<<20) + `"}}`))
	})
	env := serving(t, smallDocument(t), u)
	shell := exec.CommandContext(t.Context(), "sh", "-c", `"$0" call get_user userId=u1 --output json | head -c 8`, binary)
	shell.Env = env
	var out, errs bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &errs
	require.NoError(t, shell.Run())
	require.Equal(t, `{"data":`, out.String())
	require.Empty(t, errs.String())

	call := exec.CommandContext(t.Context(), binary, "call", "get_user", "userId=hangs", "--output", "json")
	call.Env = env
	out.Reset()
	call.Stdout, call.Stderr = &out, &errs
	require.NoError(t, call.Start())
	select {
	case <-began:
	case <-time.After(waitTime):
		t.Fatal("no request")
	}
	require.NoError(t, call.Process.Signal(os.Interrupt))
	var ended *exec.ExitError
	require.ErrorAs(t, call.Wait(), &ended)
	require.Equal(t, 3, ended.ExitCode(), errs.String())
	require.Empty(t, out.String())
	require.Contains(t, errs.String(), `{"kind":"canceled",`)
}
