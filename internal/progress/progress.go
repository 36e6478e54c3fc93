// Package progress carries, as a value in a context, the function that reports
// the progress of a call to its client. The call runner and the MCP server share
// only this.
//
// It must not know calls, results or MCP.
package progress

import "context"

// Func reports the progress of a call: done items of total, or of an unknown
// number if total is 0.
type Func func(done, total int, message string)

type key struct{}

// With returns a context in which Report calls f.
func With(ctx context.Context, f Func) context.Context { return context.WithValue(ctx, key{}, f) }

// Report calls the function in ctx, if there is one.
func Report(ctx context.Context, done, total int, message string) {
	if f, ok := ctx.Value(key{}).(Func); ok {
		f(done, total, message)
	}
}
