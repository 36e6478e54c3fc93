package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// openAudit opens the audit log of --audit-log until closing is called.
func (p *program) openAudit() (closing func(error) error, err error) {
	s := p.settings
	if s.AuditLog == "" {
		return func(err error) error { return err }, nil
	}
	log, err := audit.Open(s.AuditLog, audit.Options{MaxBytes: int64(s.AuditLogSize) << 20, Keep: s.AuditLogKeep})
	if err != nil {
		return nil, named(label("audit-log"), err)
	}
	p.audit = log
	return func(err error) error { return errors.Join(err, log.Close()) }, nil
}

func (p *program) auditCommand() *cobra.Command {
	head := ""
	verify := &cobra.Command{
		Use: "verify <file>", Short: "Verify the chain of an audit log, and of the full files beside it", Args: arguments(1),
		RunE: func(_ *cobra.Command, args []string) error { return verifyAudit(args[0], head, p.streams) },
	}
	addFlag(verify, "head", "HEAD", &head, "Head printed by an earlier verification and stored where no writer of the log can reach it: the log must still contain everything up to it.")
	return parent("audit", "Work with audit logs", verify)
}

func verifyAudit(file, head string, streams Streams) error {
	var kept []audit.Head
	if head != "" {
		parsed, err := audit.ParseHead(head)
		if err != nil {
			return named("--head", err)
		}
		kept = append(kept, parsed)
	}
	report, err := audit.Verify(file, kept...)
	if _, broken := errors.AsType[*audit.BrokenError](err); err != nil && !broken {
		return err
	}
	printReport(streams.Out, report)
	if err != nil {
		fmt.Fprintf(streams.Err, "%v\n", err)
		return errToolFailed
	}
	return nil
}

// printReport prints the valid part of a log and what an operator must know about it.
func printReport(out io.Writer, r audit.Report) {
	if r.Lines == 0 {
		fmt.Fprintln(out, "no valid line")
		return
	}
	files := "1 file"
	if n := len(r.Files); n != 1 {
		files = fmt.Sprintf("%d files", n)
	}
	fmt.Fprintf(out, "%d valid lines in %s, from %s to %s\n", r.Lines, files, r.First.Time.Format(time.RFC3339), r.Last.Time.Format(time.RFC3339))
	for _, p := range r.Recovered {
		fmt.Fprintf(out, "line %d: a crash truncated the line before\n", p.Sequence)
	}
	for _, p := range r.UncleanStops {
		fmt.Fprintf(out, "line %d: the process before did not close the log\n", p.Sequence)
	}
	for _, s := range r.Unfinished {
		fmt.Fprintf(out, "%s: %s began and did not end; its result is unknown\n", s.Time.Format(time.RFC3339), s.Tool)
	}
	fmt.Fprintf(out, "head %s\n", r.Last.Head)
}
