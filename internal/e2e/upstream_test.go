package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// received is one request.
type received struct {
	method, uri string // the URI as sent
	header      http.Header
	body        []byte
}

// An upstream stands for Retool: it answers with the handler of the test, and
// keeps the requests. Its release is unknown: the health check, which a call with
// an argument that not every release has asks once, answers 404.
type upstream struct {
	*httptest.Server
	mu   sync.Mutex
	seen []received
}

func newUpstream(t testing.TB, answer http.HandlerFunc) *upstream {
	t.Helper()
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/api/checkHealth") {
			http.NotFound(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		u.mu.Lock()
		u.seen = append(u.seen, received{r.Method, r.RequestURI, r.Header.Clone(), body})
		u.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(u.Close)
	return u
}

// take returns the requests since the last call of take.
func (u *upstream) take() []received {
	u.mu.Lock()
	defer u.mu.Unlock()
	seen := u.seen
	u.seen = nil
	return seen
}

// only returns the only request since the last call of take.
func (u *upstream) only(t testing.TB) received {
	t.Helper()
	seen := u.take()
	require.Len(t, seen, 1)
	return seen[0]
}

// answering gives every request the same response.
func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const jsonType = "application/json; charset=utf-8"
