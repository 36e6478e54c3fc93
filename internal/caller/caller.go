// Package caller identifies the caller of a request and what they may do, from
// the transport that received the request to the upstream request to Retool.
//
// It is a value in a context and knows nothing of either side.
package caller

import "context"

// Caller is the caller of a request. The zero value is the operator, who started
// the program and uses it over standard input.
type Caller struct {
	// ID identifies the caller in limits and sessions. It holds no secret: tokens
	// are hashed.
	ID string
	// Token is the Retool access token of the caller, "" for the program's own.
	Token string
	// Toolsets are the toolsets that the caller may use; nil means all.
	Toolsets []string
	// WriteToolsets are the toolsets in which the caller may also write; nil means
	// all of Toolsets, unless ReadOnly.
	WriteToolsets []string
	// ScriptsOnly lists, of the toolsets that the caller may use, only that of scripts,
	// which reach the operations of all of them.
	ScriptsOnly bool
	// ReadOnly restricts the caller to tools that only read.
	ReadOnly bool
	// SessionID is the MCP session of the request, "" for none.
	SessionID string
	// Address is where the connection of the request comes from, which may be a proxy;
	// "" if there is none.
	Address string
	// RequestID identifies the request in our logs and in requests to Retool.
	RequestID string
}

type key struct{}

// With returns a context that carries c.
func With(ctx context.Context, c Caller) context.Context { return context.WithValue(ctx, key{}, c) }

// From returns the caller in ctx.
func From(ctx context.Context) Caller {
	c, _ := ctx.Value(key{}).(Caller)
	return c
}
