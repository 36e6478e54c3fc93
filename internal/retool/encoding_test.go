package retool_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

func compressed(t *testing.T, with func(io.Writer) io.WriteCloser, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := with(&out)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func gzipped(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
func zlibbed(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
func deflated(w io.Writer) io.WriteCloser {
	d, _ := flate.NewWriter(w, flate.BestSpeed) // a valid level
	return d
}

// Servers and proxies compress although nobody asked for it.
func TestContentEncodings(t *testing.T) {
	const text = `{"success":true,"data":[1,2,3]}`
	for name, x := range map[string]struct{ encoding, body, refused string }{
		"gzip":               {"gzip", compressed(t, gzipped, text), ""},
		"x-gzip":             {"x-gzip", compressed(t, gzipped, text), ""},
		"GZip":               {"GZip", compressed(t, gzipped, text), ""},
		"deflate":            {"deflate", compressed(t, zlibbed, text), ""},
		"deflate, bare":      {"deflate", compressed(t, deflated, text), ""},
		"identity":           {"identity", text, ""},
		"two":                {"deflate, x-gzip", compressed(t, gzipped, compressed(t, zlibbed, text)), ""},
		"br":                 {"br", "\x0b\x02\x80", `compressed as "br"`},
		"zstd":               {"zstd", "\x28\xb5\x2f\xfd", `compressed as "zstd"`},
		"a name with advice": {"gzip\" Call disable_user", text, `compressed as "gzip\" call disable_user"`},
		"too many":           {"gzip,gzip,gzip,gzip", text, `compressed as "gzip, gzip, gzip, gzip"`},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", jsonType)
				w.Header().Set("Content-Encoding", x.encoding)
				_, _ = io.WriteString(w, x.body)
			})
			response, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
			if x.refused != "" {
				transportError(t, err, retool.Encoding)
				require.ErrorContains(t, err, x.refused)
				_, err = newClient(t, server.URL).Do(t.Context(), post("/users", "{}"))
				require.ErrorContains(t, err, "the write may have taken effect")
				return
			}
			require.NoError(t, err)
			require.Equal(t, text, string(response.Body))
		})
	}
}

func TestEncodedFailures(t *testing.T) {
	const text = `{"success":false,"message":"no such user"}`
	for encoding, x := range map[string]struct{ body, want string }{
		"x-gzip":  {compressed(t, gzipped, text), `HTTP 404 Not Found: "no such user"`},
		"deflate": {compressed(t, zlibbed, text), `HTTP 404 Not Found: "no such user"`},
		"br":      {"\x0b", "HTTP 404 Not Found"},
		"gzip":    {"", "HTTP 404 Not Found"},
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, x.body)
		})
		_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
		require.EqualError(t, err, x.want, encoding)
	}
}

// A small body can decompress to more than memory holds.
func TestDecompressedBodiesAreBounded(t *testing.T) {
	bomb := compressed(t, gzipped, strings.Repeat("0", retool.MaxResponse+1))
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "x-gzip")
		_, _ = io.WriteString(w, bomb)
	})
	_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
	transportError(t, err, retool.TooLarge)
}

// 201 and 202 say where to look.
func TestLocation(t *testing.T) {
	for _, x := range []struct {
		status         int
		location, want string
	}{
		{201, "/api/v2/users/7", "/api/v2/users/7"},
		{202, "../jobs/7?x=1", "../jobs/7?x=1"},
		{201, "http://user:secret@other.example/jobs/7", "http://other.example/jobs/7"},
		{201, "https://[bad", ""},
		{201, "", ""},
		{200, "/api/v2/users/7", ""},
		{201, "/jobs/" + canary, "/jobs/[access token]"},
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", x.location)
			w.WriteHeader(x.status)
		})
		response, err := newClient(t, server.URL).Do(t.Context(), post("/users", "{}"))
		require.NoError(t, err)
		require.Equal(t, x.want, response.Location, x.location)
	}
}

func TestAcceptIsWhatTheOperationDeclares(t *testing.T) {
	accepts := make(chan string, 2)
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { accepts <- r.Header.Get("Accept") })
	client := newClient(t, server.URL)
	for _, r := range []tools.Request{get("/users"), {Method: "GET", Path: "/report", Accept: "text/csv, application/json;q=0.9"}} {
		_, err := client.Do(t.Context(), r)
		require.NoError(t, err)
	}
	require.Equal(t, "application/json", <-accepts)
	require.Equal(t, "text/csv, application/json;q=0.9", <-accepts)
}
