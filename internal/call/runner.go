package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Options are what calls need beyond the catalog.
type Options struct {
	Client *retool.Client
	Log    *slog.Logger
	// Timeout is the deadline of a call of several requests, each of which has
	// that of Client.
	Timeout time.Duration
	// Results are the operator's wishes on results.
	Results result.Options
	// References are the secrets that arguments may name; nil for none.
	References *secret.References
	// Confirm says when a person is asked first; "" is never.
	Confirm Confirm
	// ReadOnly refuses every tool that writes, whatever the catalog holds.
	ReadOnly bool
	// Readers are the tools with which the state of things is read, served or
	// not; nil means those of the catalog.
	Readers *tools.Catalog
	// Audit is where requests are written down; nil for nowhere.
	Audit *audit.Log
	// Instance is the name of the instance, "" where there is only one.
	Instance string
	// SecretSink is where secrets go that are shown once; nil for nowhere.
	SecretSink *secret.Sink
}

// Runner runs the tools of one catalog against one instance. It is safe for
// concurrent use.
type Runner struct {
	Options
	binders map[string]func() (*tools.Binder, error)
}

// NewRunner makes a Runner. A tool's schema is compiled on its first call.
func NewRunner(c *tools.Catalog, o Options) *Runner {
	if o.Timeout <= 0 {
		o.Timeout = retool.DefaultTimeout
	}
	if o.Readers == nil {
		o.Readers = c
	}
	r := &Runner{Options: o, binders: make(map[string]func() (*tools.Binder, error), len(c.Tools))}
	for i := range c.Tools {
		tool := &c.Tools[i]
		r.binders[tool.Name] = sync.OnceValues(func() (*tools.Binder, error) { return tools.NewBinder(tool) })
	}
	return r
}

// ErrUnknownTool is returned for a name that no tool has.
var ErrUnknownTool = errors.New("unknown tool")

// CallTool calls the tool with arguments, a JSON object or nothing. All that the
// caller can mend is in the Result; an error means that this program is broken
// or, as ErrUnknownTool, that there is no such tool.
func (r *Runner) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	binder, ok := r.binders[name]
	if !ok {
		return result.Result{}, fmt.Errorf("%w: %s", ErrUnknownTool, name)
	}
	b, err := binder()
	if err != nil {
		return result.Result{}, err
	}
	bound, err := b.Bind(arguments)
	if err != nil {
		return argumentFailure(err)
	}
	client := r.Client
	if token := caller.From(ctx).Token; token != "" {
		client = client.WithToken(token)
	}
	if bound.Paginated() {
		return r.paginate(ctx, client, bound)
	}
	if bound.Tool.Hints.ReadOnly {
		return r.sendOne(ctx, client, bound, "")
	}
	return r.write(ctx, client, bound)
}

// write runs a call that changes something, once nothing stands in its way.
func (r *Runner) write(ctx context.Context, client *retool.Client, bound *tools.Call) (result.Result, error) {
	switch {
	case r.ReadOnly:
		return *refusal("Nothing was sent: %s changes something, and this server only reads.", bound.Tool.Name), nil
	case bound.Controls.DryRun:
		return r.dryRun(ctx, client, bound), nil
	}
	how, end := r.confirm(ctx, client, bound)
	if end != nil {
		if how != "" { // a refusal, and not the question
			r.refused(ctx, bound, how)
		}
		return *end, nil
	}
	return r.sendOne(ctx, client, bound, how)
}

// once runs a call of a single request.
func (r *Runner) sendOne(ctx context.Context, client *retool.Client, bound *tools.Call, confirmation string) (result.Result, error) {
	request, used, err := r.fill(bound)
	if err != nil {
		return argumentFailure(err)
	}
	keep, refusal := r.reserveSecret(bound.Tool)
	if refusal != "" {
		return result.Result{Text: refusal, IsError: true}, nil
	}
	defer keep.discard()
	response, err := r.send(ctx, client, upstreamRequest{bound, request, confirmation})
	o := r.Results
	o.SentSecrets = used
	if err != nil {
		return result.Failure(bound, err, o), nil
	}
	return keep.save(result.Render(bound, response, o), response).WithNote(response.Note).WithNote(retryNote(response.Retries, response.Waited)), nil
}

// unbound ends a call whose arguments cannot be used: what the caller can mend is
// a result.
func argumentFailure(err error) (result.Result, error) {
	if wrong, ok := errors.AsType[*tools.ArgumentError](err); ok {
		return result.Result{Text: wrong.Error(), IsError: true}, nil
	}
	return result.Result{}, err
}

// fill is the request of a call with the secrets that its arguments name, and
// these secrets.
func (r *Runner) fill(bound *tools.Call) (request tools.Request, used []string, err error) {
	request, err = bound.ExpandSecrets(func(text string) (string, error) {
		expanded, values, err := r.References.Expand(text)
		used = append(used, values...)
		return expanded, err
	})
	return request, used, err
}
