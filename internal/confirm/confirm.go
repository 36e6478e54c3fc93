// Package confirm carries, as a value in a context, whether the person behind a
// call can be asked, and what was answered. What runs a call and what speaks to
// its client meet here and nowhere else.
//
// It must not know calls, results or MCP.
package confirm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// Client is the person behind a call.
type Client struct {
	// Asks says that the client can put a question to a person.
	Asks bool
	// Answer is what the person said to the question that About names; nil while
	// nothing was asked.
	Answer *Answer
}

// Answer is the answer to one question.
type Answer struct {
	// About is the Key of the question that was answered.
	About string
	// Agreed says that the person agreed; anything else is a refusal.
	Agreed bool
}

// Question is what a person is to be asked before a call goes on.
type Question struct {
	// Text says what will be done, for a person.
	Text string
	// Key tells the question from any other. An answer counts for the same
	// question only: not if the arguments, or what is there, have changed since.
	Key string
}

// NewQuestion makes the question for a call. What it is about is all that makes
// the call what it is.
func NewQuestion(text string, about ...string) *Question {
	h := sha256.New()
	for _, part := range append(about, text) {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return &Question{Text: text, Key: hex.EncodeToString(h.Sum(nil))}
}

type key struct{}

// With puts the person behind a call into its context.
func With(ctx context.Context, c Client) context.Context { return context.WithValue(ctx, key{}, c) }

// From returns the person behind a call; one that cannot be asked, where nobody
// said.
func From(ctx context.Context) Client {
	c, _ := ctx.Value(key{}).(Client)
	return c
}
