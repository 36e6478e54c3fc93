// Package confirm carries, as a value in a context, whether the user behind a
// call can be asked for a confirmation, and what they answered. The call runner
// and the MCP server share only this.
//
// It must not know calls, results or MCP.
package confirm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Client is the client of a call, as far as confirmations go.
type Client struct {
	// CanAsk reports whether the client can ask its user a question.
	CanAsk bool
	// Answer is the user's answer, nil before a question was asked.
	Answer *Answer
}

// Answer is the user's answer to one question.
type Answer struct {
	// QuestionKey is the Key of the answered question.
	QuestionKey string
	// Confirmed reports whether the user confirmed; false is a refusal.
	Confirmed bool
}

// Question is what the user is asked before a call continues.
type Question struct {
	// Text tells the user what the call will do.
	Text string
	// Key identifies the question. An answer counts for the same key only, so it
	// is void once the arguments or the current object change.
	Key string
}

// NewQuestion returns a question. Its key covers the text and everything in about.
// Invisible characters in the text are escaped: the user must see what is sent.
func NewQuestion(ask string, about ...string) *Question {
	h := sha256.New()
	for _, part := range append(about, ask) {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return &Question{Text: text.EscapeInvisible(ask), Key: hex.EncodeToString(h.Sum(nil))}
}

type key struct{}

// With returns a context that carries c.
func With(ctx context.Context, c Client) context.Context { return context.WithValue(ctx, key{}, c) }

// From returns the client in ctx. The default cannot ask.
func From(ctx context.Context) Client {
	c, _ := ctx.Value(key{}).(Client)
	return c
}
