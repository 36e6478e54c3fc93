package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Runner runs the tools of one catalogue against one instance. It is safe for
// concurrent use.
type Runner struct {
	client  *retool.Client
	log     *slog.Logger
	binders map[string]func() (*tools.Binder, error)
}

// NewRunner makes a Runner. A tool's schema is compiled on its first call.
func NewRunner(c *tools.Catalogue, client *retool.Client, log *slog.Logger) *Runner {
	r := &Runner{client: client, log: log, binders: make(map[string]func() (*tools.Binder, error), len(c.Tools))}
	for i := range c.Tools {
		tool := &c.Tools[i]
		r.binders[tool.Name] = sync.OnceValues(func() (*tools.Binder, error) { return tools.NewBinder(tool) })
	}
	return r
}

// ErrUnknown is returned for a name that no tool has.
var ErrUnknown = errors.New("unknown tool")

// Run calls the tool with arguments, a JSON object or nothing. All that the
// caller can mend is in the Result; an error means that this program is broken
// or, as ErrUnknown, that there is no such tool.
func (r *Runner) Run(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	binder, ok := r.binders[name]
	if !ok {
		return result.Result{}, fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	b, err := binder()
	if err != nil {
		return result.Result{}, err
	}
	bound, err := b.Bind(arguments)
	if wrong, ok := errors.AsType[*tools.ArgumentError](err); ok {
		return result.Result{Text: wrong.Error(), IsError: true}, nil
	}
	if err != nil {
		return result.Result{}, err
	}
	return r.send(ctx, bound), nil
}

func (r *Runner) send(ctx context.Context, bound *tools.Call) result.Result {
	start := time.Now()
	client := r.client
	if token := caller.From(ctx).Token; token != "" {
		client = client.As(token)
	}
	response, err := client.Do(ctx, bound.Request)
	if err != nil {
		r.log.DebugContext(ctx, "call failed", "tool", bound.Tool.Name, "took", time.Since(start))
		return result.Failure(bound.Tool, err)
	}
	r.log.DebugContext(ctx, "call", "tool", bound.Tool.Name, "status", response.Status, "bytes", len(response.Body), "took", time.Since(start))
	return result.Of(bound, response)
}
