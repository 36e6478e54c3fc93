package retool_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// A response that would take too much memory once it is decoded is refused while it
// arrives; a write says that it took effect.
func TestResponsesAreWeighedWhileTheyArrive(t *testing.T) {
	list := func(item string, size int) string { return "[" + strings.Repeat(item+",", size/(len(item)+1)) + "0]" }
	packed := compress(t, []byte(list("0", 4<<20)))
	user := `{"id":"user_1","email":"ann@example.com","metadata":{"team":"a, b: [c]"},"groups":[1,2]}`
	for name, test := range map[string]struct {
		body     string
		encoding string
		fits     bool
	}{
		"2 MB of zeros":     {body: list("0", 2<<20)},
		"31 MiB of zeros":   {body: list("0", 31<<20)},
		"zeros that unpack": {body: string(packed), encoding: "gzip"},
		"empty lists":       {body: list("[]", 3<<20)},
		"empty texts":       {body: list(`""`, 3<<20)},
		"small objects":     {body: list(`{"":0}`, 8<<20)},
		"500 KB of zeros":   {body: list("0", 500<<10), fits: true},
		"5 MB of users":     {body: list(user, 5<<20), fits: true},
		"31 MiB of text":    {body: `"` + strings.Repeat("[,:{", 31<<18) + `"`, fits: true},
		"a page":            {body: list(user, 33<<10), fits: true},
		"not JSON":          {body: strings.Repeat("x", 1<<20), fits: true},
		"nothing":           {fits: true},
	} {
		for _, announced := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, announced %t", name, announced), func(t *testing.T) {
				server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					if test.encoding != "" {
						w.Header().Set("Content-Encoding", test.encoding)
					}
					if announced {
						w.Header().Set("Content-Length", fmt.Sprint(len(test.body)))
					}
					w.WriteHeader(http.StatusCreated)
					_ = http.NewResponseController(w).Flush()
					_, _ = io.Copy(w, strings.NewReader(test.body))
				})
				budget := memory.NewBudget()
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					ctx, release := budget.With(t.Context())
					answer, err := newClient(t, server.URL).Do(ctx, tools.Request{Method: method, Path: "/users"})
					release()
					if test.fits {
						require.NoError(t, err)
						require.True(t, bytes.Equal([]byte(test.body), answer.Body))
						continue
					}
					transportError(t, err, retool.TooLarge)
					require.ErrorContains(t, err, map[string]string{
						http.MethodGet: "is too large to read (", http.MethodPost: "the write took effect (HTTP 201); do not repeat it",
					}[method])
				}
			})
		}
	}
}

// Where too many calls have large responses, further ones are told so.
func TestLargeResponsesBeyondTheMemory(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `"`+strings.Repeat("x", 20<<20)+`"`)
	})
	budget := memory.NewBudget()
	ctx, release := budget.With(t.Context())
	defer release()
	require.NoError(t, memory.From(ctx).Grow(ctx, memory.Most))
	failed := make(chan error, 30)
	client := newClient(t, server.URL)
	for range cap(failed) {
		go func() {
			ctx, release := budget.With(t.Context())
			defer release()
			_, err := client.Do(ctx, get("/users"))
			failed <- err
		}()
	}
	transportError(t, <-failed, retool.Busy)
	release()
	for range cap(failed) - 1 {
		if err := <-failed; err != nil {
			transportError(t, err, retool.Busy)
			require.ErrorContains(t, err, "retry in a few seconds")
		}
	}
}
