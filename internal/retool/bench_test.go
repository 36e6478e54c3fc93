package retool_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// BenchmarkDo calls a loopback server whose response has the size of a full page
// of users, with and without Content-Length, and with all limits.
func BenchmarkDo(b *testing.B) {
	body := `{"success":true,"data":"` + strings.Repeat("x", 32<<10) + `"}`
	held := func(o *retool.Options) {
		o.PerMinute, o.Burst, o.MaxConcurrent, o.Retries = 100_000_000, 100_000_000, 32, 3
		o.Breaker, o.Allow = retool.CircuitBreaker{Failures: 5}, func(string, string) error { return nil }
	}
	for name, announced := range map[string]bool{"announced": true, "chunked": false, "held back": true} {
		b.Run(name, func(b *testing.B) {
			server := serve(b, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", jsonType)
				if announced {
					w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				}
				_, _ = io.WriteString(w, body)
			})
			client := newClient(b, server.URL)
			if name == "held back" {
				client = newClient(b, server.URL, held)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Do(b.Context(), get("/users")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
