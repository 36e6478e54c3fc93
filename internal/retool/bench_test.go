package retool_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkDo calls a loopback server whose answer has the size of a full page
// of users, with and without its length announced.
func BenchmarkDo(b *testing.B) {
	body := `{"success":true,"data":"` + strings.Repeat("x", 32<<10) + `"}`
	for name, announced := range map[string]bool{"announced": true, "chunked": false} {
		b.Run(name, func(b *testing.B) {
			server := serve(b, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", jsonType)
				if announced {
					w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				}
				_, _ = io.WriteString(w, body)
			})
			client := newClient(b, server.URL)
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
