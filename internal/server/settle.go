package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// The library queues what a call reports while it runs, for any of the requests
// and streams of its session to take, and drops what is taken by one that has
// just ended. So what a call reports goes past that queue, to where its own
// answer will be written.

// overHTTP is where the context of a call over HTTP has its exchange.
type overHTTP struct{}

// exchange is a call and its answer, as they go over HTTP.
type exchange struct {
	waited context.Context // ends when nobody waits for the answer any more
	report func(notification []byte)
}

func (e exchange) in(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), overHTTP{}, e))
}

// Settle is a middleware of the library for calls over HTTP. It ends a call that
// nobody waits for, and answers one only when all that it reported is on its way.
func Settle(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		e, ok := ctx.Value(overHTTP{}).(exchange)
		if !ok {
			return next(ctx, r)
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(e.waited, cancel)() //nolint:contextcheck // the library gives a call of a stream a context that does not end
		reports := make(chan mcp.JSONRPCNotification, mostReports)
		if session := reporting(mcpserver.ClientSessionFromContext(ctx), reports); session != nil {
			ctx = mcpserver.ServerFromContext(ctx).WithContext(ctx, session)
			defer e.pass(reports)()
		}
		return next(ctx, r)
	}
}

// mostReports is how many reports wait to be written, which takes no time unless
// the client does not read. The library drops the rest.
const mostReports = 100

// pass passes reports on until settled is called, which returns when all are.
func (e exchange) pass(reports <-chan mcp.JSONRPCNotification) (settled func()) {
	stop, done := make(chan struct{}), make(chan struct{})
	write := func(n mcp.JSONRPCNotification) {
		if text, err := json.Marshal(n); err == nil { // else it cannot be sent anyhow
			e.report(text)
		}
	}
	go func() {
		defer close(done)
		for {
			select {
			case n := <-reports:
				write(n)
			case <-stop:
				for {
					select {
					case n := <-reports:
						write(n)
					default:
						return
					}
				}
			}
		}
	}()
	return func() {
		close(stop)
		<-done
	}
}

// The sessions of the library have these parts. What a tool finds in its context
// has to have them, too.
type (
	streamSession interface {
		mcpserver.SessionWithTools
		mcpserver.SessionWithResources
		mcpserver.SessionWithResourceTemplates
		mcpserver.SessionWithLogging
		mcpserver.SessionWithClientInfo
	}
	streamableSession interface {
		streamSession
		mcpserver.SessionWithSampling
		mcpserver.SessionWithElicitation
		mcpserver.SessionWithRoots
	}
)

type streamReporter struct {
	streamSession
	reports chan<- mcp.JSONRPCNotification
}

func (s streamReporter) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.reports }

type streamableReporter struct {
	streamableSession
	reports chan<- mcp.JSONRPCNotification
}

func (s streamableReporter) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.reports }

// reporting is a session but for the channel of its notifications, nil if the
// session is none of those over HTTP.
func reporting(s mcpserver.ClientSession, reports chan<- mcp.JSONRPCNotification) mcpserver.ClientSession {
	switch s := s.(type) {
	case streamableSession:
		return streamableReporter{s, reports}
	case streamSession:
		return streamReporter{s, reports}
	default:
		return nil
	}
}
