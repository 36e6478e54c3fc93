package telemetry

import (
	"context"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// ToolCaller calls a tool by name with raw JSON arguments. An error is a fault of
// this program, not of the call.
type ToolCaller interface {
	CallTool(ctx context.Context, name string, args []byte) (result.Result, error)
}

// internalError is the JSON-RPC code of a fault of this program.
const internalError = "-32603"

// Instrument counts and traces the calls of next.
func (t *Telemetry) Instrument(next ToolCaller) ToolCaller { return instrumented{t, next} }

type instrumented struct {
	t    *Telemetry
	next ToolCaller
}

// CallTool implements ToolCaller. A call that panics counts as failed, and the
// panic continues.
func (r instrumented) CallTool(ctx context.Context, name string, arguments []byte) (outcome result.Result, err error) {
	tool := r.t.tool(name)
	ctx, span := r.t.startCall(ctx, tool)
	began := time.Now()
	status, failure := "failed", "panic"
	defer func() {
		r.t.metrics.call(tool, status, time.Since(began))
		if failure == internalError {
			span.SetAttributes(semconv.RPCResponseStatusCode(internalError))
		}
		end(span, failure)
	}()
	outcome, err = r.next.CallTool(ctx, name, arguments)
	switch {
	case err != nil:
		failure = internalError
	case outcome.IsError:
		status, failure = "error", "tool_error" // named by the conventions
	default:
		status, failure = "ok", ""
	}
	return outcome, err
}
