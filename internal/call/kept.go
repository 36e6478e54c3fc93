package call

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

const (
	// maxKept is how many bytes of responses a plan keeps.
	maxKept = 4 << 20
	// maxKeptWait is how long a check waits for what another one reads. That one may
	// wait for memory which this one has.
	maxKeptWait = 5 * time.Second
)

// kept are the responses to what the checks of a plan's steps have read, so that sixty
// steps about one group read it once. Nothing is written meanwhile.
type kept struct {
	mu    sync.Mutex
	by    map[string]*keptRead
	bytes int
	gets  map[string]int // single objects that were asked for, by kind
}

type keptRead struct {
	done     chan struct{}
	response *retool.Response // nil if it was not kept
}

type keptKey struct{}

// KeepReads returns a context in which CheckStep sends each of its reads once: that of
// one run of a script, for one caller.
func KeepReads(ctx context.Context) context.Context {
	return context.WithValue(ctx, keptKey{}, &kept{by: map[string]*keptRead{}, gets: map[string]int{}})
}

// kept is what a check keeps; nil for any other call.
func (r *Runner) kept(ctx context.Context) *kept {
	if r.data == nil || !r.data.planned || r.data.again {
		return nil
	}
	k, _ := ctx.Value(keptKey{}).(*kept)
	return k
}

// send returns the response to a read, which it sends unless it has one. A read that
// failed is sent again.
func (k *kept) send(ctx context.Context, instance string, u upstreamRequest, send func() (*retool.Response, error)) (*retool.Response, error) {
	key := strings.Join([]string{instance, u.request.Method, u.request.Path, u.request.Query, string(u.request.Body)}, "\n")
	k.mu.Lock()
	read := k.by[key]
	if read == nil {
		read = &keptRead{done: make(chan struct{})}
		k.by[key] = read
		k.mu.Unlock()
		return k.first(key, read, send)
	}
	k.mu.Unlock()
	select {
	case <-read.done:
	case <-ctx.Done():
	case <-time.After(maxKeptWait):
	}
	if response := k.response(read); response != nil {
		again := *response
		again.Retries, again.Waited = 0, 0
		return &again, nil
	}
	return send()
}

func (k *kept) response(read *keptRead) *retool.Response {
	k.mu.Lock()
	defer k.mu.Unlock()
	return read.response
}

func (k *kept) first(key string, read *keptRead, send func() (*retool.Response, error)) (*retool.Response, error) {
	defer close(read.done)
	response, err := send()
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil || k.bytes+len(response.Body) > maxKept {
		delete(k.by, key)
		return response, err
	}
	k.bytes += len(response.Body)
	read.response = response
	return response, nil
}

// got counts an object of a kind that is asked for, and reports whether its list costs
// less by now.
func (k *kept) got(kind string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gets[kind]++
	return k.gets[kind] > maxGets
}
