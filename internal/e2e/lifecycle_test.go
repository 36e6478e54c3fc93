package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A blockingUpstream keeps every request until the test releases it or the
// program cancels it.
type blockingUpstream struct {
	*upstream
	entered, abandoned chan string // paths
	release            chan struct{}
}

func newBlockingUpstream(t testing.TB) *blockingUpstream {
	h := &blockingUpstream{entered: make(chan string, 100), abandoned: make(chan string, 100), release: make(chan struct{})}
	h.upstream = newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		h.entered <- r.URL.Path
		select {
		case <-h.release:
			answering(http.StatusOK, jsonType, fmt.Sprintf(`{"success":true,"data":%q}`, r.URL.Path))(w, r)
		case <-r.Context().Done():
			h.abandoned <- r.URL.Path
		}
	})
	return h
}

// A call that the client cancels is canceled toward Retool too. Other calls
// continue.
func TestCancellation(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{legacy, modern} {
		t.Run(protocol, func(t *testing.T) {
			h := newBlockingUpstream(t)
			s := connect(t, protocol, serving(t, smallDocument(t), h.upstream))
			ctx, cancel := context.WithCancel(t.Context())
			givenUp, other := make(chan error, 1), make(chan answer, 1)
			go func() {
				_, err := s.try(ctx, "get_user", []byte(`{"userId":"given-up"}`))
				givenUp <- err
			}()
			require.Equal(t, "/api/v2/users/given-up", receive(t, h.entered, "the first call"))
			go func() {
				a, _ := s.try(context.Background(), "get_user", []byte(`{"userId":"other"}`))
				other <- a
			}()
			require.Equal(t, "/api/v2/users/other", receive(t, h.entered, "the second call"))

			cancel()
			require.ErrorIs(t, receive(t, givenUp, "the client"), context.Canceled)
			require.Equal(t, "/api/v2/users/given-up", receive(t, h.abandoned, "the end of the request"))
			close(h.release)
			require.Equal(t, answer{text: marked(`{"data":"/api/v2/users/other"}`)}, receive(t, other, "the other answer"))
			require.Empty(t, h.abandoned)
		})
	}
}

// A canceled call gets no response, not even an error.
func TestCanceledCallIsNotAnswered(t *testing.T) {
	t.Parallel()
	h := newBlockingUpstream(t)
	p := openPipe(t, serving(t, smallDocument(t), h.upstream))
	p.send(initializeLine, initializedLine, callLine("given up", "get_settings", "{}"))
	require.Equal(t, "init", p.next().ID)
	receive(t, h.entered, "the call")
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"given up"}}`)
	receive(t, h.abandoned, "the end of the request")
	time.Sleep(quietTime)
	p.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
	require.Equal(t, "ping", p.next().ID)
}

// All calls that an agent sends at once reach Retool at once.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	const calls = 32
	h := newBlockingUpstream(t)
	p := openPipe(t, serving(t, smallDocument(t), h.upstream))
	p.send(initializeLine, initializedLine)
	require.Equal(t, "init", p.next().ID)
	want := map[string]string{}
	for i := range calls {
		id := fmt.Sprint("call ", i)
		p.send(callLine(id, "get_user", fmt.Sprintf(`{"userId":"u%d"}`, i)))
		want[id] = marked(fmt.Sprintf(`{"data":"/api/v2/users/u%d"}`, i))
	}
	arrived := map[string]bool{}
	for range calls {
		arrived[receive(t, h.entered, "all calls at once")] = true
	}
	require.Len(t, arrived, calls)
	p.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
	require.Equal(t, "ping", p.next().ID, "calls in progress block nothing")

	close(h.release)
	got := map[string]string{}
	for range calls {
		r := p.next()
		got[r.ID] = r.text()
	}
	require.Equal(t, want, got)
}

// The signals that end a process end this one at once, with or without a call
// in progress. The bound leaves room for a busy machine and is shorter than every
// timeout of the program.
func TestSIGTERM(t *testing.T) {
	t.Parallel()
	const atOnce = 5 * time.Second
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, state := range []string{"in a call", "idle", "at the end of input"} {
			t.Run(signal.String()+" "+state, func(t *testing.T) {
				t.Parallel()
				h := newBlockingUpstream(t)
				p := openPipe(t, serving(t, smallDocument(t), h.upstream))
				p.send(initializeLine, initializedLine)
				require.Equal(t, "init", p.next().ID)
				if state != "idle" {
					p.send(callLine("a", "get_settings", "{}"))
					receive(t, h.entered, "the call")
				}
				if state == "at the end of input" {
					require.NoError(t, p.stdin.Close())
					time.Sleep(quietTime)
				}
				before := time.Now()
				require.NoError(t, p.cmd.Process.Signal(signal))
				_ = p.cmd.Wait() // its error is the exit code, see below
				require.Less(t, time.Since(before), atOnce)
				status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
				require.True(t, p.cmd.ProcessState.ExitCode() == 0 || status.Signaled() && status.Signal() == signal, "%v", p.cmd.ProcessState)
				requireNoPanic(t, p.stderr.String())
				if state != "idle" {
					require.Equal(t, "/api/v2/settings", receive(t, h.abandoned, "the end of the request"))
				}
			})
		}
	}
}

func requireNoPanic(t testing.TB, stderr string) {
	t.Helper()
	for _, sign := range []string{"panic", "goroutine ", "fatal error", "runtime."} {
		require.NotContains(t, strings.ToLower(stderr), sign)
	}
}
