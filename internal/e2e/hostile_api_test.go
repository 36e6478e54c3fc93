package e2e_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostileAPI stands for Retool: it accepts the tokens of honest and hostile callers
// and none that is invented, and answers some users with too much.
func hostileAPI(t *testing.T) string {
	t.Helper()
	zeros := []byte(strings.Repeat("0,", 512<<10)) // 1 MiB
	zeroes := func(w io.Writer, megabytes int) {
		_, _ = io.WriteString(w, `{"success":true,"data":[`)
		for range megabytes {
			if _, err := w.Write(zeros); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `0]}`)
	}
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	zeroes(packer, 64)
	require.NoError(t, packer.Close())
	user := `{"success":true,"data":{"id":"user_1","email":"ann@example.com"}}`
	page := `{"success":true,"data":[` + strings.TrimSuffix(strings.Repeat(`{"id":"user_1","email":"ann@example.com","active":true,"metadata":{"team":"a"},"groups":[{"id":1,"name":"g"}]},`, 100), ",") + `],"total_count":100,"next_token":null,"has_more":false}`
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", jsonType)
		token := r.Header.Get("Authorization")
		switch {
		case !strings.Contains(token, "retool_honest") && !strings.Contains(token, "retool_hostile"):
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"success":false,"message":"Invalid access token"}`)
		case strings.HasSuffix(r.URL.Path, "/user_2MB"):
			zeroes(w, 2)
		case strings.HasSuffix(r.URL.Path, "/user_33MB"):
			zeroes(w, 33)
		case strings.HasSuffix(r.URL.Path, "/user_text"):
			_, _ = io.WriteString(w, `{"success":true,"data":{"id":"`)
			_, _ = io.CopyN(w, endlessText{}, 20<<20)
			_, _ = io.WriteString(w, `"}}`)
		case strings.HasSuffix(r.URL.Path, "/user_bomb"):
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case strings.HasSuffix(r.URL.Path, "/user_slow"):
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
			_, _ = io.WriteString(w, user)
		case strings.HasSuffix(r.URL.Path, "/users") && r.Method == http.MethodGet:
			_, _ = io.WriteString(w, page)
		default:
			_, _ = io.WriteString(w, user)
		}
	})}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// endlessText is a text of letters.
type endlessText struct{}

func (endlessText) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// raised lets the test process open as many files as it may.
var raised = sync.OnceFunc(func() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
})
