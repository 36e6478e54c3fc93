package call

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// upstreamRequest is one request of a call, and how it was confirmed.
type upstreamRequest struct {
	call         *tools.Call
	request      tools.Request
	confirmation string
}

// send sends one request and records it in the audit log. A write is recorded
// before it is sent; if that fails it is not sent.
func (r *Runner) send(ctx context.Context, client *retool.Client, u upstreamRequest) (*retool.Response, error) {
	if k := r.kept(ctx); k != nil && u.call.Tool.Hints.ReadOnly {
		return k.send(ctx, r.Instance, u, func() (*retool.Response, error) { return r.sendNow(ctx, client, u) })
	}
	return r.sendNow(ctx, client, u)
}

func (r *Runner) sendNow(ctx context.Context, client *retool.Client, u upstreamRequest) (*retool.Response, error) {
	t := u.call.Tool
	var entry audit.Entry
	if r.Audit != nil {
		entry = r.entry(ctx, client, u.call, u.confirmation)
		if !t.Hints.ReadOnly {
			entry.Phase = audit.Begin
			if err := r.Audit.Append(entry); err != nil {
				r.Log.ErrorContext(ctx, "the audit log cannot be written", "error", err)
				return nil, errAudit
			}
		}
	}
	start := time.Now()
	response, err := client.DoWith(ctx, u.request, retool.RetrySemantics{Safe: t.Hints.ReadOnly, Idempotent: t.Hints.Idempotent, ThirdParty: t.Hints.OpenWorld})
	took := time.Since(start)
	if r.data != nil && response != nil {
		r.data.date = response.Date()
		if r.data.planned {
			response.Body = plan.Clean(response.Body)
		}
	}
	if err != nil {
		status, why := auditOutcome(0, err)
		r.Log.DebugContext(ctx, "call failed", "tool", t.Name, "status", status, "error", why, "took", took)
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

// entry is the audit entry of a call without its outcome.
func (r *Runner) entry(ctx context.Context, client *retool.Client, bound *tools.Call, confirmation string) audit.Entry {
	who := caller.From(ctx)
	entry := audit.Entry{
		Call: rand.Text(), Caller: who.ID, Session: who.SessionID, Instance: r.Instance,
		Tool: bound.Tool.Name, Operation: bound.Tool.Method + " " + bound.Tool.Path, Arguments: client.ShownBytes(result.RedactedArguments(bound)), Confirmation: confirmation,
	}
	if r.data != nil && r.data.permit != nil && !bound.Tool.Hints.ReadOnly {
		entry.Script, entry.Plan = r.data.permit.Script, r.data.permit.Plan
	}
	return entry
}

// auditUnsent records a write that was not sent because it was not confirmed.
func (r *Runner) auditUnsent(ctx context.Context, client *retool.Client, bound *tools.Call, how string) {
	if r.Audit == nil {
		return
	}
	entry := r.entry(ctx, client, bound, how)
	entry.Phase, entry.Error = audit.End, "not sent"
	if err := r.Audit.Append(entry); err != nil {
		r.Log.ErrorContext(ctx, "the audit log cannot be written", "error", err)
	}
}

// auditOutcome returns the status and, in a word, how a request failed. Messages
// of the instance may contain anything and stay out of the log.
func auditOutcome(status int, err error) (int, string) {
	if refused, ok := errors.AsType[*retool.StatusError](err); ok {
		return refused.Status, fmt.Sprintf("HTTP %d", refused.Status)
	}
	if failed, ok := errors.AsType[*retool.TransportError](err); ok {
		return cmp.Or(status, failed.Status), string(failed.Kind)
	}
	if err != nil {
		return status, "failed"
	}
	return status, ""
}
