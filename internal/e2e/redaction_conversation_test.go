package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A conversation is a process that serves the embedded document over a pipe,
// and its upstream. Each call sets the upstream's response.
type conversation struct {
	*pipe
	upstream *upstream
	answer   atomic.Pointer[http.HandlerFunc]
	calls    int
}

// untruncated prevents truncation, which could hide a secret from the test.
const untruncated = "RETOOL_MCP_MAX_RESULT_TOKENS=100000000"

func openConversation(t testing.TB, variables []string, args ...string) *conversation {
	t.Helper()
	k := &conversation{}
	k.upstream = newUpstream(t, func(w http.ResponseWriter, r *http.Request) { (*k.answer.Load())(w, r) })
	env := serving(t, "embedded", k.upstream, append([]string{untruncated, "RETOOL_MCP_LOG_LEVEL=debug"}, variables...)...)
	k.pipe = openPipe(t, env, args...)
	k.send(initializeLine, initializedLine)
	require.Nil(t, k.next().Error)
	return k
}

// exchangeOutput is the output of a process during one call.
type exchangeOutput struct {
	reply
	all      string // every line, that of the result too
	progress int    // notifications among them
}

// call calls a tool, with progress wanted.
func (k *conversation) call(tool string, arguments any, answer http.HandlerFunc) (h exchangeOutput) {
	k.t.Helper()
	k.answer.Store(&answer)
	k.upstream.take()
	k.calls++
	id := fmt.Sprint("call ", k.calls)
	k.send(progressLine(id, tool, jsonOf(k.t, arguments)))
	for {
		line := k.line()
		h.all += line
		require.NoError(k.t, json.Unmarshal([]byte(line), &h.reply), "%q; %s", line, k.stderr)
		if h.ID == id {
			require.Nil(k.t, h.Error, h.all)
			return h
		}
		require.Contains(k.t, line, `"method":"notifications/progress"`)
		h.progress++
	}
}

// succeeds is call for one that must succeed.
func (k *conversation) succeeds(tool string, arguments any, answer http.HandlerFunc) exchangeOutput {
	k.t.Helper()
	h := k.call(tool, arguments, answer)
	require.False(k.t, h.Result.IsError, "%s %v: %s", tool, arguments, h.text())
	return h
}

// refused is call for one that must send nothing.
func (k *conversation) refused(tool string, arguments any) string {
	k.t.Helper()
	h := k.call(tool, arguments, answering(http.StatusOK, jsonType, `{"success":true,"data":{}}`))
	require.True(k.t, h.Result.IsError, "%s %v: %s", tool, arguments, h.text())
	require.Empty(k.t, k.upstream.take(), "%s %v", tool, arguments)
	return h.text()
}

func (k *conversation) line() string {
	k.t.Helper()
	lines := make(chan string, 1)
	go func() {
		line, _ := k.stdout.ReadString('\n')
		lines <- line
	}()
	return receive(k.t, lines, "a line")
}

// progressLine is callLine for a call with a progress token.
func progressLine(id, tool, arguments string) string {
	return strings.TrimSuffix(callLine(id, tool, arguments), "}}") + `,"_meta":{"progressToken":"p"}}}`
}

// requiredArguments returns the required arguments of an operation.
func (d describedOperation) requiredArguments(t testing.TB) object {
	t.Helper()
	sample := sampler{t: t}
	x := sample.exchangeFor(d.apiOperation)
	return throughJSON(t, x.arguments).(object)
}

func answeringJSON(t testing.TB, body any) http.HandlerFunc {
	t.Helper()
	return answering(http.StatusOK, jsonType, jsonOf(t, body))
}
