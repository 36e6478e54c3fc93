package retool_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func TestLargestResponseIsRead(t *testing.T) {
	whole := bytes.Repeat([]byte{'1'}, retool.MaxResponse)
	tests := map[string]func(http.ResponseWriter){
		"announced": func(w http.ResponseWriter) { w.Header().Set("Content-Length", strconv.Itoa(len(whole))) },
		"chunked":   func(http.ResponseWriter) {},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				prepare(w)
				_, _ = w.Write(whole)
			})
			answer, err := newClient(t, server.URL).Do(t.Context(), get("/usage"))
			require.NoError(t, err)
			require.True(t, bytes.Equal(whole, answer.Body))
		})
	}
}

func TestAnnouncedSizeAboveLimitIsNotRead(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(retool.MaxResponse+1))
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
	})
	_, err := newClient(t, server.URL).Do(t.Context(), get("/usage"))
	transportError(t, err, retool.TooLarge)
	require.ErrorContains(t, err, "32 MiB")
}

func TestEndlessResponseEndsAtLimit(t *testing.T) {
	const buffered = 4 << 20 // in transit when the client closes the connection
	zeros := make([]byte, 1<<20)
	tests := map[string]struct {
		encoding string
		chunk    []byte
		most     int64
	}{
		"plain":      {"identity", zeros, retool.MaxResponse + buffered},
		"compressed": {"gzip", compress(t, zeros), buffered},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sent := make(chan int64, 1)
			server := serveInProcess(t, func(w http.ResponseWriter, _ *http.Request) { // sockets would buffer more on a busy machine
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Encoding", test.encoding)
				var total int64
				for {
					n, err := w.Write(test.chunk)
					total += int64(n)
					if err != nil {
						sent <- total
						return
					}
				}
			})
			_, err := server.client(t).Do(t.Context(), get("/usage"))
			transportError(t, err, retool.TooLarge)
			require.Less(t, <-sent, test.most)
		})
	}
}

func TestCompressedResponse(t *testing.T) {
	body := bytes.Repeat([]byte(`{"success":true}`), 10_000)
	packed := compress(t, body)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	})
	answer, err := newClient(t, server.URL).Do(t.Context(), get("/usage"))
	require.NoError(t, err)
	require.Equal(t, body, answer.Body)
}

// compress returns data as one member of a gzip stream; repeated members are a
// stream too.
func compress(t *testing.T, data []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, err := writer.Write(data)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return packed.Bytes()
}
