package call

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// errAudit says that a write was refused since it could not be written down.
var errAudit = errors.New("nothing was sent: the audit log cannot be written, and what changes something must stand there")

// An errand is one request on its way: what it is, for which call, and who let it
// pass.
type upstreamRequest struct {
	call         *tools.Call
	request      tools.Request
	confirmation string
}

// send sends one request, and writes down that it did. A write is written down
// before it is sent; where that is impossible it is not sent.
func (r *Runner) send(ctx context.Context, client *retool.Client, e upstreamRequest) (*retool.Response, error) {
	t := e.call.Tool
	var entry audit.Entry
	if r.Audit != nil {
		entry = r.entry(ctx, e.call, e.confirmation)
		if !t.Hints.ReadOnly {
			entry.Phase = audit.Begin
			if err := r.Audit.Append(entry); err != nil {
				r.Log.ErrorContext(ctx, "the audit log cannot be written", "error", err)
				return nil, errAudit
			}
		}
	}
	start := time.Now()
	response, err := client.DoWith(ctx, e.request, retool.RetrySemantics{Safe: t.Hints.ReadOnly, Idempotent: t.Hints.Idempotent, ThirdParty: t.Hints.OpenWorld})
	took := time.Since(start)
	if err != nil {
		r.Log.DebugContext(ctx, "call failed", "tool", t.Name, "took", took)
	} else {
		r.Log.DebugContext(ctx, "call", "tool", t.Name, "status", response.Status, "bytes", len(response.Body), "took", took)
	}
	if r.Audit == nil {
		return response, err
	}
	entry.Phase, entry.Duration = audit.End, took
	if response != nil {
		entry.Status, entry.Bytes = response.Status, int64(len(response.Body))
	}
	entry.Status, entry.Error = auditOutcome(entry.Status, err)
	if failed := r.Audit.Append(entry); failed != nil {
		r.Log.ErrorContext(ctx, "the audit log cannot be written", "error", failed)
	}
	return response, err
}

// entry is what is written down of a call, before anything came of it.
func (r *Runner) entry(ctx context.Context, bound *tools.Call, confirmation string) audit.Entry {
	who := caller.From(ctx)
	return audit.Entry{
		Call: rand.Text(), Caller: who.ID, Session: who.SessionID, Instance: r.Instance,
		Tool: bound.Tool.Name, Operation: bound.Tool.Method + " " + bound.Tool.Path, Arguments: result.RedactedArguments(bound), Confirmation: confirmation,
	}
}

// refused writes down a write that was not sent, for want of somebody's word.
func (r *Runner) refused(ctx context.Context, bound *tools.Call, how string) {
	if r.Audit == nil {
		return
	}
	entry := r.entry(ctx, bound, how)
	entry.Phase, entry.Error = audit.End, "not sent"
	if err := r.Audit.Append(entry); err != nil {
		r.Log.ErrorContext(ctx, "the audit log cannot be written", "error", err)
	}
}

// outcomeOf says in a word how a request failed. What the instance says of it
// may hold anything and stays out of the log.
func auditOutcome(status int, err error) (int, string) {
	if refused, ok := errors.AsType[*retool.StatusError](err); ok {
		return refused.Status, fmt.Sprintf("HTTP %d", refused.Status)
	}
	if failed, ok := errors.AsType[*retool.TransportError](err); ok {
		return status, string(failed.Kind)
	}
	if err != nil {
		return status, "failed"
	}
	return status, ""
}
