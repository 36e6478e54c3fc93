// Package caller says on whose behalf something is done, from the request that
// a transport took in to the one that goes to Retool.
//
// It is a value in a context and knows nothing of either.
package caller

import "context"

// Caller is who asks, and what they may do. The zero value is the operator:
// whoever started the program, on standard input.
type Caller struct {
	// ID tells callers apart, in limits and sessions. It never is a secret: a
	// token stands in it as a hash.
	ID string
	// Token is the Retool access token to use for their calls, "" for the
	// program's own.
	Token string
	// Toolsets are those that the caller may use; nil means all that are served.
	Toolsets []string
	// Writes are those of them in which the caller may also change things; nil
	// means all of them, unless ReadOnly.
	Writes []string
	// ReadOnly says that the caller may only read.
	ReadOnly bool
	// Session tells the sessions of callers apart, "" where there are none.
	Session string
	// Request is the id under which logs speak of this request, here and in Retool.
	Request string
}

type key struct{}

// With returns a context in which c asks.
func With(ctx context.Context, c Caller) context.Context { return context.WithValue(ctx, key{}, c) }

// From is who asks in ctx.
func From(ctx context.Context) Caller {
	c, _ := ctx.Value(key{}).(Caller)
	return c
}
