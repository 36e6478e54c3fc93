// Package confirm carries, as a value in a context, whether the user behind a
// call can be asked for a confirmation, and what they answered. The call runner
// and the MCP server share only this.
//
// Between question and answer a client may hold the state. [Agreements] makes
// states that nobody can forge, use twice or use for another call.
//
// It must not know calls, results or MCP.
package confirm

import "context"

// Client is the client of a call, as far as confirmations go.
type Client struct {
	// CanAsk reports whether the client can ask its user a question.
	CanAsk bool
	// Answer is the user's answer, nil before a question was asked.
	Answer *Answer
}

// Answer is the user's answer to one question.
type Answer struct {
	// State is that of the answered question, as the client sent it.
	State string
	// Confirmed reports whether the user confirmed; anything else is a refusal.
	Confirmed bool
	// Said is the answer in words, for a refusal.
	Said string
}

// Question is what the user is asked before a call continues.
type Question struct {
	// Text tells the user what the call will do.
	Text string
	// State comes back with the answer and shows that it answers this question.
	State string
}

type key struct{}

// With returns a context that carries c.
func With(ctx context.Context, c Client) context.Context { return context.WithValue(ctx, key{}, c) }

// From returns the client in ctx. The default cannot ask.
func From(ctx context.Context) Client {
	c, _ := ctx.Value(key{}).(Client)
	return c
}
