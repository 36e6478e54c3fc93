package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/call"
)

// openAudit opens the audit log, if there is to be one, for as long as the command
// runs. Closing it twice does no harm.
func (s *Settings) openAudit() (closing func(error) error, err error) {
	if s.AuditLog == "" {
		return func(err error) error { return err }, nil
	}
	if s.AuditLogSize < 1 || s.AuditLogKeep < 0 {
		return nil, errors.New("--audit-log-size must be at least 1, and --audit-log-keep not less than 0")
	}
	log, err := audit.Open(s.AuditLog, audit.Options{MaxBytes: s.AuditLogSize << 20, Keep: s.AuditLogKeep})
	if err != nil {
		return nil, named("--audit-log (RETOOL_MCP_AUDIT_LOG)", err)
	}
	s.auditLog = log
	return func(err error) error { return errors.Join(err, log.Close()) }, nil
}

// limits checks the settings that hold requests back.
func (s *Settings) limits() error {
	if !slices.Contains([]call.Confirm{call.ConfirmAuto, call.ConfirmAlways, call.ConfirmNever}, call.Confirm(s.Confirm)) {
		return fmt.Errorf("--confirm (RETOOL_MCP_CONFIRM) must be auto, always or never, not %q", s.Confirm)
	}
	for _, l := range []struct {
		name  string
		value int
	}{{"--requests-per-minute", s.RequestsPerMinute}, {"--max-concurrent-requests", s.MaxRequests}, {"--retries", s.Retries}, {"--pause-after", s.PauseAfter}} {
		if l.value < 0 {
			return fmt.Errorf("%s must not be less than 0, but is %d", l.name, l.value)
		}
	}
	return nil
}

type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Check the chain of an audit log, and of the full files beside it."`
}

type auditVerifyCommand struct {
	File string `arg:"" help:"Audit log, as --audit-log names it."`
	Head string `name:"head" placeholder:"HEAD" help:"Head of the log as an earlier check printed it, kept where nobody who writes the log can reach it: what came before must still be there."`
}

func (c *auditVerifyCommand) Run(_ context.Context, streams Streams) error {
	var kept []audit.Head
	if c.Head != "" {
		head, err := audit.ParseHead(c.Head)
		if err != nil {
			return named("--head", err)
		}
		kept = append(kept, head)
	}
	report, err := audit.Verify(c.File, kept...)
	if _, broken := errors.AsType[*audit.BrokenError](err); err != nil && !broken {
		return named(c.File, err)
	}
	printReport(streams.Out, report)
	if err != nil {
		fmt.Fprintf(streams.Err, "%v\n", err)
		return errToolFailed
	}
	return nil
}

// printReport tells what is whole, and what an operator has to know of it.
func printReport(out io.Writer, r audit.Report) {
	if r.Lines == 0 {
		fmt.Fprintln(out, "no line is whole")
		return
	}
	files := "1 file"
	if n := len(r.Files); n != 1 {
		files = fmt.Sprintf("%d files", n)
	}
	fmt.Fprintf(out, "%d lines are whole, in %s, from %s to %s\n", r.Lines, files, r.First.Time.Format(time.RFC3339), r.Last.Time.Format(time.RFC3339))
	for _, p := range r.Recovered {
		fmt.Fprintf(out, "line %d: a crash cut off the line before\n", p.Sequence)
	}
	for _, p := range r.UncleanStops {
		fmt.Fprintf(out, "line %d: the process before was killed\n", p.Sequence)
	}
	for _, s := range r.Unfinished {
		fmt.Fprintf(out, "%s: %s began and nobody knows what came of it\n", s.Time.Format(time.RFC3339), s.Tool)
	}
	fmt.Fprintf(out, "head %s\n", r.Last.Head)
}
