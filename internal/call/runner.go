package call

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Options are what calls need besides the catalog.
type Options struct {
	Client *retool.Client
	Log    *slog.Logger
	// Timeout is the deadline of a call of several requests, each of which has
	// the deadline of Client too. Zero means retool.DefaultTimeout.
	Timeout time.Duration
	// Results are the operator's settings for results.
	Results result.Options
	// References are the secrets that arguments may name; nil for none.
	References *secret.References
	// Confirm says when the user must confirm a call; "" is never.
	Confirm Confirm
	// Agreements are the confirmations of all runners of a process; nil for own
	// ones.
	Agreements *confirm.Agreements
	// ReadOnly refuses every tool that writes, whatever the catalog contains.
	ReadOnly bool
	// Readers contains the tools that read an object before it changes, served
	// or not; nil means the catalog.
	Readers *tools.Catalog
	// Audit records requests; nil for no audit log.
	Audit *audit.Log
	// Instance is the name of the instance, "" if there is only one.
	Instance string
	// SecretSink is where one-time secrets are saved; nil for nowhere.
	SecretSink *secret.Sink
	// Memory bounds what the responses of all calls take; nil sets no bound.
	Memory *memory.Budget
	// SettingNames are the names of settings in refusals.
	SettingNames SettingNames
}

// Runner runs the tools of one catalog against one instance. It is safe for
// concurrent use.
type Runner struct {
	Options
	release *release
	data    *data // of a call for a script; nil for any other
	binders map[string]func() (*tools.Binder, error)
	served  []tools.Tool
}

// NewRunner makes a Runner. A tool's schema is compiled on its first call.
func NewRunner(c *tools.Catalog, o Options) *Runner {
	if o.Timeout <= 0 {
		o.Timeout = retool.DefaultTimeout
	}
	if o.Readers == nil {
		o.Readers = c
	}
	if o.Agreements == nil {
		o.Agreements = confirm.NewAgreements(nil)
	}
	r := &Runner{Options: o, release: &release{}, served: c.Tools, binders: make(map[string]func() (*tools.Binder, error), len(c.Tools))}
	for i := range c.Tools {
		tool := &c.Tools[i]
		r.binders[tool.Name] = sync.OnceValues(func() (*tools.Binder, error) { return tools.NewBinder(tool) })
	}
	return r
}

// ErrUnknownTool is returned for a name that no tool has.
var ErrUnknownTool = errors.New("unknown tool")

// CallTool calls the tool with arguments, a JSON object or nothing. What the
// caller can correct is in the Result; an error is a fault of this program or
// ErrUnknownTool.
func (r *Runner) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	b, err := r.binder(name)
	if err != nil {
		return result.Result{}, err
	}
	if b.Tool().Unlisted {
		return result.Result{Text: (&tools.Catalog{Tools: r.served}).OnlyInScripts(b.Tool()), IsError: true, Kind: result.Forbidden}, nil
	}
	client := r.clientFor(ctx)
	parts, err := b.FanOut(ctx, arguments)
	var outcome result.Result
	switch {
	case err != nil:
		outcome, err = argumentFailure(err)
	case len(parts) > 0:
		outcome, err = r.fanOut(ctx, client, b, parts)
	default:
		outcome, err = r.run(ctx, client, b, arguments)
	}
	outcome.Text = client.Shown(outcome.Text)
	return outcome, err
}

// run runs a call. Its result may repeat tokens that the arguments hold.
func (r *Runner) run(ctx context.Context, client *retool.Client, b *tools.Binder, arguments []byte) (result.Result, error) {
	if r.Memory != nil && memory.From(ctx) == nil { // a script holds it until it has the answer
		var release func()
		ctx, release = r.Memory.With(ctx)
		defer release()
	}
	var notes []string
	if r.data == nil || r.data.permit == nil { // the ids of a step are those that were agreed to
		var end *result.Result
		if arguments, notes, end = r.findIDs(ctx, client, b, arguments); end != nil {
			return *end, nil
		}
	}
	outcome, err := r.runBound(ctx, client, b, arguments, notes)
	if outcome.Ask != nil {
		notes = nil // the question has them
	}
	for _, note := range notes {
		outcome = outcome.WithNote(note)
	}
	return outcome, err
}

func (r *Runner) runBound(ctx context.Context, client *retool.Client, b *tools.Binder, arguments []byte, named []string) (result.Result, error) {
	bound, err := b.BindContext(ctx, arguments)
	if err != nil {
		return argumentFailure(err)
	}
	bound.Named = named
	note, end := r.knowsArguments(ctx, client, bound)
	if end != nil {
		return *end, nil
	}
	var outcome result.Result
	switch {
	case bound.Paginated():
		outcome, err = r.paginate(ctx, client, bound)
	case bound.Tool.Hints.ReadOnly:
		outcome, err = r.sendOne(ctx, client, bound, "")
	default:
		outcome, err = r.write(ctx, client, bound)
	}
	if outcome.IsError || outcome.Ask != nil {
		note = ""
	}
	return outcome.WithNote(note), err
}

// write runs a call of a tool that writes, unless it is refused.
func (r *Runner) write(ctx context.Context, client *retool.Client, bound *tools.Call) (result.Result, error) {
	switch {
	case r.ReadOnly:
		return *refusal(refusedReadOnly, bound.Tool.Name), nil
	case r.data != nil && bound.Controls.DryRun:
		return *refusal(refusedDryRun, tools.ArgDryRun), nil
	case bound.Controls.DryRun:
		return r.dryRun(ctx, client, bound)
	}
	if r.data != nil && r.data.permit != nil {
		return r.sendOne(ctx, client, bound, r.data.permit.Confirmation)
	}
	confirmation, end := r.confirm(ctx, client, bound)
	if end != nil {
		if end.Ask == nil {
			r.auditUnsent(ctx, client, bound, confirmation)
		}
		return *end, nil
	}
	return r.sendOne(ctx, client, bound, confirmation)
}

// sendOne runs a call of a single request.
func (r *Runner) sendOne(ctx context.Context, client *retool.Client, bound *tools.Call, confirmation string) (result.Result, error) {
	request, used, err := r.fill(bound)
	if err != nil {
		return argumentFailure(err)
	}
	o, end := r.optionsFor(bound) //nolint:contextcheck // a schema of ours is read
	if end != nil {
		return *end, nil
	}
	oneTime, end := r.reserveSecret(bound.Tool)
	if end != nil {
		return *end, nil
	}
	defer oneTime.discard()
	response, err := r.send(ctx, client, upstreamRequest{bound, request, confirmation})
	l := r.lookup(client)
	o.SentSecrets, o.Names = used, l.names(ctx)
	if !bound.Tool.Hints.ReadOnly && !o.Value {
		o.Reader = r.Readers.ReaderOf(bound.Tool)
	}
	if err != nil {
		return result.Failure(bound, err, o), nil
	}
	return l.noted(oneTime.save(result.Render(bound, response, o), response)).
		WithNote(response.Note).WithNote(result.LocationNote(bound, response, o)).WithNote(retryNote(response.Retries, response.Waited)), nil
}

// argumentFailure ends a call whose arguments are invalid. What the caller can
// correct is a result.
func argumentFailure(err error) (result.Result, error) {
	if wrong, ok := errors.AsType[*tools.ArgumentError](err); ok {
		return result.Result{Text: wrong.Error(), IsError: true, Kind: result.BadArguments}, nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return result.Result{Text: "Not sent: the call was canceled.", IsError: true, Kind: result.Kind(retool.Canceled)}, nil
	}
	return result.Result{}, err
}

// fill returns the request of a call with the secrets that its arguments name,
// and these secrets.
func (r *Runner) fill(bound *tools.Call) (request tools.Request, used []string, err error) {
	request, err = bound.ExpandSecrets(func(text string) (string, error) {
		expanded, values, err := r.References.Expand(text)
		used = append(used, values...)
		return expanded, err
	})
	return request, used, err
}
