package remote_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

// Probes of many replicas and balancers must not flood Retool.
func TestReadinessCheckIsShared(t *testing.T) {
	for name, outcome := range map[string]error{"good": nil, "bad": errors.New("Retool does not accept the access token")} {
		t.Run(name, func(t *testing.T) {
			var checks atomic.Int32
			release := make(chan struct{})
			r := start(t, func(o *remote.Options) {
				o.Ready = func(context.Context) error {
					checks.Add(1)
					<-release
					return outcome
				}
			})
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					status, text := r.get("/readyz")
					if outcome == nil {
						assert.Equal(t, http.StatusOK, status)
						assert.Equal(t, "ready\n", text)
					} else {
						assert.Equal(t, http.StatusServiceUnavailable, status)
						assert.Equal(t, outcome.Error()+"\n", text)
					}
				})
			}
			time.Sleep(50 * time.Millisecond) // so that most of them wait
			close(release)
			all.Wait()
			r.get("/readyz")
			require.EqualValues(t, 1, checks.Load())
		})
	}
}

func TestReadinessExpires(t *testing.T) {
	var bad atomic.Bool
	r := start(t, func(o *remote.Options) {
		o.ReadyTTL = 50 * time.Millisecond
		o.Ready = func(context.Context) error {
			if bad.Load() {
				return errors.New("away")
			}
			return nil
		}
	})
	for _, now := range []bool{false, true, false} {
		bad.Store(now)
		want := http.StatusOK
		if now {
			want = http.StatusServiceUnavailable
		}
		require.Eventually(t, func() bool {
			status, _ := r.get("/readyz")
			return status == want
		}, maxWait, 10*time.Millisecond)
	}
}

func TestCanceledProbeDoesNotFailTheCheck(t *testing.T) {
	checking, release := make(chan struct{}), make(chan struct{})
	r := start(t, func(o *remote.Options) {
		o.Ready = func(ctx context.Context) error {
			close(checking) // a second check would panic
			select {
			case <-release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	ctx, giveUp := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.address+"/readyz", http.NoBody)
		resp, err := http.DefaultClient.Do(req)
		if assert.Error(t, err) {
			return
		}
		resp.Body.Close()
	}()
	<-checking
	giveUp()
	<-gone
	time.Sleep(50 * time.Millisecond) // the server notices
	close(release)
	status, _ := r.get("/readyz")
	require.Equal(t, http.StatusOK, status)
}

func TestStoppingServerIsNotReady(t *testing.T) {
	closing, release := make(chan struct{}), make(chan struct{})
	r := start(t, func(o *remote.Options) {
		o.Close = func(context.Context) {
			close(closing)
			<-release
		}
	})
	status, _ := r.get("/readyz")
	require.Equal(t, http.StatusOK, status)
	r.stop()
	<-closing
	status, text := r.get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "shutting down\n", text)
	status, _ = r.get("/healthz")
	require.Equal(t, http.StatusOK, status, "it lives")
	close(release)
	require.NoError(t, r.end())
}
