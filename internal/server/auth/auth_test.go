package auth_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// served are the toolsets of the servers in these tests, the first three without a meaning of
// their own.
var served = []string{"users", "groups", "apps", "scripts", "core"}

// seen is what the handler behind the middleware sees of a request.
type seen struct {
	Caller  caller.Caller
	Headers http.Header
}

// serve starts a server that answers those who may call with what it sees. In front
// of it stands what gives requests their ids.
func serve(t *testing.T, a auth.Authenticator) string {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(seen{caller.From(r.Context()), r.Header})
	})
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := r.Header.Clone()
		ctx := caller.With(r.Context(), caller.Caller{ID: "nobody", Token: "nothing", RequestID: "request-7"})
		auth.Middleware(a, served, inner).ServeHTTP(w, r.WithContext(ctx))
		if len(before.Values("Authorization")) != len(r.Header.Values("Authorization")) {
			t.Error("the request of those in front was changed")
		}
	})
	s := httptest.NewServer(outer)
	t.Cleanup(s.Close)
	return s.URL
}

// reply is an answer, read to its end.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

// get asks with headers given as name and value by turns.
func get(t *testing.T, url string, headers ...string) reply {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) reply {
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, string(body)}
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// let requires that the request was let in, and returns what the handler saw.
func (r reply) let(t *testing.T) (s seen) {
	t.Helper()
	require.Equal(t, http.StatusOK, r.Status, r.Body)
	require.NoError(t, json.Unmarshal([]byte(r.Body), &s))
	require.Empty(t, s.Headers.Values("Authorization"), "the header goes no further")
	require.Equal(t, "request-7", s.Caller.RequestID, "the id of the request is kept")
	require.Equal(t, "127.0.0.1", s.Caller.Address)
	s.Caller.Address = "" // alike for all
	return s
}

// refused requires a refusal in the form that MCP clients read, and returns its
// message.
func (r reply) refused(t *testing.T, status, code int, challenge string) string {
	t.Helper()
	require.Equal(t, status, r.Status, r.Body)
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	if challenge == "" {
		require.Empty(t, r.Header.Values("WWW-Authenticate"))
	} else {
		require.Equal(t, []string{challenge}, r.Header.Values("WWW-Authenticate"))
	}
	var e struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.Body), &e))
	require.Equal(t, "2.0", e.Version)
	require.Equal(t, "null", string(e.ID))
	require.Equal(t, code, e.Error.Code)
	require.NotEmpty(t, e.Error.Message)
	return e.Error.Message
}
