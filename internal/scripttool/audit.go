package scripttool

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
)

// audited records a script when it begins and when it ends. One that cannot be recorded
// does not begin.
func (s *Scripts) audited(ctx context.Context, c local.Call, p script.Program, id string, run func() result.Result) (result.Result, error) {
	if s.Audit == nil {
		return run(), nil
	}
	who := caller.From(ctx)
	entry := audit.Entry{
		Phase: audit.Begin, Call: rand.Text(), Caller: who.ID, Session: who.SessionID, Tool: c.Tool.Name, Operation: "script",
		Script: script.Hash(p.Code), Plan: id, Arguments: fmt.Appendf(nil, `{"bytes":%d,"lines":%d}`, len(p.Code), strings.Count(p.Code, "\n")+1),
	}
	if err := s.Audit.Append(entry); err != nil {
		s.Log.ErrorContext(ctx, "the audit log cannot be written", "error", err)
		return result.Result{Text: "Not sent: the audit log cannot be written, and every script must be recorded first.", IsError: true, Kind: result.Forbidden}, nil
	}
	start := time.Now()
	out := run()
	entry.Phase, entry.Duration = audit.End, time.Since(start)
	if out.IsError {
		entry.Error = "failed"
	}
	if err := s.Audit.Append(entry); err != nil {
		s.Log.ErrorContext(ctx, "the audit log cannot be written", "error", err)
	}
	return out, nil
}
