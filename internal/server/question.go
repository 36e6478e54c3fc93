package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

type pauseKey struct{}

// withPause lets the calls of next give up their turn.
func withPause(next http.Handler, pause func(context.Context) (resume func() error, err error)) http.Handler {
	if pause == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), pauseKey{}, pause)))
	})
}

// ask asks the user of an older client while the call runs. Users take their time, so
// the call gives up its turn. An error is for the agent.
func (s *Service) ask(ctx context.Context, q *confirm.Question) (*mcp.ElicitationResult, error) {
	resume := func() error { return nil }
	if pause, ok := ctx.Value(pauseKey{}).(func(context.Context) (func() error, error)); ok {
		var err error
		if resume, err = pause(ctx); err != nil {
			return nil, err
		}
	}
	patience := cmp.Or(s.options.Patience, confirm.Validity)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// mcp-go could ask, but it would also pass on what a client sends unasked.
	said, failed := s.mcp.RequestElicitation(waiting, mcp.ElicitationRequest{Params: elicitation(q)})
	late := errors.Is(waiting.Err(), context.DeadlineExceeded)
	switch err := resume(); {
	case failed != nil && late:
		return nil, fmt.Errorf("the user did not answer within %s.", patience) //nolint:revive,staticcheck // the end of a sentence
	case failed != nil:
		return nil, fmt.Errorf("the client did not ask the user for a confirmation: %s.", text.Quote(failed.Error(), maxQuote)) //nolint:revive,staticcheck // as above
	default:
		return said, err
	}
}
