// Package progress carries, as a value in a context, whom to tell how far a call
// has come. What runs a call and what speaks to its client meet here and nowhere
// else.
//
// It must not know calls, results or MCP.
package progress

import "context"

// Func is told how far a call of several requests has come: done is how many
// items there are, total how many there will be, 0 if nobody knows.
type Func func(done, total int, message string)

type key struct{}

// With makes calls within the context tell how far they are.
func With(ctx context.Context, f Func) context.Context { return context.WithValue(ctx, key{}, f) }

// Report tells it, if anybody wants to know.
func Report(ctx context.Context, done, total int, message string) {
	if f, ok := ctx.Value(key{}).(Func); ok {
		f(done, total, message)
	}
}
