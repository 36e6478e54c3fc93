package mcpfix

import (
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
)

// mcp-go does not end an open subscriptions/listen on Shutdown or CloseSessions,
// so http.Server.Shutdown runs into its deadline.
//
// So each stream ends with a context of ours.

// EndStreams ends each stream of next, but no call, when closing ends.
func EndStreams(next http.Handler, closing context.Context) http.Handler { //nolint:revive // closing is not the context of this call
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || Method(r) == mcp.MethodSubscriptionsListen {
			var cancel context.CancelFunc
			r, cancel = Until(r, closing)
			defer cancel()
		}
		next.ServeHTTP(w, r)
	})
}

// Until returns r with a context that also ends when end does.
func Until(r *http.Request, end context.Context) (*http.Request, context.CancelFunc) { //nolint:revive // end is not the context of this call
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(end, cancel)
	return r.WithContext(ctx), func() { stop(); cancel() } //nolint:contextcheck // ctx is that of the request
}
