package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A client that writes all its requests and closes its side, as a shell does,
// gets every answer.
func TestEndOfInput(t *testing.T) {
	t.Parallel()
	const runs, calls, atOnce = 50, 20, 4
	for name, end := range map[string]string{"with a newline": "\n", "without one": ""} {
		t.Run(name, func(t *testing.T) {
			u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(10 * time.Millisecond) // the input ends during calls
				answering(http.StatusOK, jsonType, fmt.Sprintf(`{"success":true,"data":%q}`, r.URL.Path))(w, r)
			})
			env := serving(t, smallDocument(t), u)
			lines := []string{initializeLine, initializedLine, listLine}
			for i := range calls {
				lines = append(lines, callLine(fmt.Sprint("call ", i), "get_user", fmt.Sprintf(`{"userId":"u%d"}`, i)))
			}
			input := strings.Join(lines, "\n") + end

			var complete atomic.Int32
			faults := make(chan error, runs)
			turns := make(chan struct{}, atOnce)
			var wait sync.WaitGroup
			for range runs {
				wait.Go(func() {
					turns <- struct{}{}
					defer func() { <-turns }()
					if err := askAll(env, input, calls); err != nil {
						faults <- err
						return
					}
					complete.Add(1)
				})
			}
			wait.Wait()
			close(faults)
			for err := range faults {
				t.Error(err)
			}
			require.EqualValues(t, runs, complete.Load())
			require.Len(t, u.take(), runs*calls)
		})
	}
}

// askAll runs the program once and returns an error if an answer is wrong.
func askAll(env []string, input string, calls int) error {
	o, err := tryRun(env, input)
	if err != nil {
		return err
	}
	if o.code != 0 || o.stderr != "" {
		return fmt.Errorf("exit code %d: %s", o.code, o.stderr)
	}
	replies, err := readReplies(o.stdout)
	if err != nil {
		return err
	}
	if len(replies) != 2+calls {
		return fmt.Errorf("%d answers, not %d", len(replies), 2+calls)
	}
	if r := replies["init"]; r.Error != nil {
		return fmt.Errorf("initialize: %s", r.Error.Message)
	}
	if n := len(replies["list"].Result.Tools); n != smallTools+len(localTools) {
		return fmt.Errorf("%d tools in the list", n)
	}
	for i := range calls {
		want := marked(fmt.Sprintf(`{"data":"/api/v2/users/u%d"}`, i))
		if r := replies[fmt.Sprint("call ", i)]; r.text() != want || r.Result.IsError {
			return fmt.Errorf("answer %q, not %q", r.text(), want)
		}
	}
	return nil
}

// smallTools is the number of operations of the small document.
const smallTools = 6

// Requests before the end of the input are answered even without a handshake
// and with malformed lines between them. Empty input is valid.
func TestEndOfUnusualInput(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":1}`))
	env := serving(t, smallDocument(t), u)
	t.Run("nothing", func(t *testing.T) {
		o := run(t, env, "")
		require.Zero(t, o.code, o.stderr)
		require.Empty(t, o.stdout+o.stderr)
	})
	t.Run("blank lines", func(t *testing.T) {
		o := run(t, env, "\n\r\n  \n"+initializeLine+"\r\n\n")
		require.Zero(t, o.code, o.stderr)
		replies, err := readReplies(o.stdout)
		require.NoError(t, err)
		require.Len(t, replies, 1)
	})
	t.Run("nonsense", func(t *testing.T) {
		o := run(t, env, initializeLine+"\nnonsense\n"+callLine("a", "get_settings", "{}")+"\n{\"jsonrpc\":")
		require.Zero(t, o.code, o.stderr)
		require.Equal(t, 2, strings.Count(o.stdout, `"code":-32700`), "%s", o.stdout)
		require.Contains(t, o.stdout, `{\"data\":1}`)
	})
}
