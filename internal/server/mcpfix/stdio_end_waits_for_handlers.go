package mcpfix

import (
	"context"
	"time"
)

// mcp-go's Listen returns only after every handler has returned, and while a
// read or a write is blocked it does not return at all. The protocol wants a
// server on stdio to exit promptly once its input ends.
//
// So Listen runs on its own goroutine, and a handler that ignores its context
// does not delay the end. Such a handler outlives Listen but writes nothing.

// handlerGrace is how long handlers with nothing left to answer have to notice
// the end of their context.
const handlerGrace = 100 * time.Millisecond

// listen runs serve until it returns, ctx ends, or the input is drained.
func listen(ctx context.Context, drained <-chan struct{}, serve func() error) (err error) {
	ended := make(chan error, 1)
	go func() { ended <- serve() }()
	select {
	case err = <-ended:
	case <-ctx.Done():
	case <-drained:
		select {
		case err = <-ended:
		case <-ctx.Done():
		case <-time.After(handlerGrace):
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
