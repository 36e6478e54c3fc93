package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/doctor"
)

// examination is the checks of one instance.
type examination struct {
	*instance
	options doctor.Options
}

// doctorCommand diagnoses what the settings name. Settings that contradict each
// other end it like every command; other faults are its result.
func (p *program) doctorCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "doctor", Short: "Diagnose the instance, the token and this machine, with remedies", Args: arguments(0),
		RunE: p.with(func(ctx context.Context, _ []string) error { return p.diagnose(ctx, asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the checks as a JSON array.")
	return cmd
}

func (p *program) diagnose(ctx context.Context, asJSON bool) error {
	examinations, err := p.examinations(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.streams.Out)
	checks := []doctor.Check{}
	failed := false
	for _, e := range examinations {
		name := e.name
		if name != "" && !asJSON {
			fmt.Fprintf(out, "instance %s\n", name)
		}
		doctor.Diagnose(ctx, e.options, func(check doctor.Check) {
			check.Instance = name
			checks = append(checks, check)
			failed = failed || check.Status == doctor.Fail
			if !asJSON {
				printCheck(out, check)
				err = errors.Join(err, out.Flush()) // a user waits
			}
		})
		err = errors.Join(err, e.sandbox.close(), ctx.Err())
	}
	if asJSON {
		err = errors.Join(err, json.MarshalWrite(out, checks, jsontext.WithIndent("  ")))
		fmt.Fprintln(out)
	}
	if err = errors.Join(err, out.Flush()); err == nil && failed {
		err = errToolFailed
	}
	return err
}

// printCheck prints a check in one line, and its remedy and notes below.
func printCheck(out io.Writer, c doctor.Check) {
	fmt.Fprintf(out, "%-5s %-9s %s\n", c.Status, c.Name, c.Found)
	if c.Remedy != "" {
		fmt.Fprintf(out, "      remedy: %s\n", c.Remedy)
	}
	for _, note := range c.Notes {
		fmt.Fprintf(out, "      %s\n", note)
	}
}

// examinations checks the settings of all instances before it examines the first.
func (p *program) examinations(ctx context.Context) (all []*examination, err error) {
	err = p.eachInstance(func(s *Settings, name string) error {
		e, err := p.examination(ctx, s, name)
		all = append(all, e)
		return err
	})
	if err == nil {
		all[len(all)-1].options.ClientDirs = clientDirs() // there is one machine
	}
	return all, err
}

// examination prepares the checks of one instance.
func (p *program) examination(ctx context.Context, s *Settings, name string) (*examination, error) {
	own := *s
	s, own.Retries = &own, 0 // to see transient failures
	i, err := p.configure(s, name)
	if err != nil {
		return nil, err
	}
	e := &examination{instance: i, options: doctor.Options{
		Sources:      s.sources(),
		SettingNames: doctorNames(),
		Token:        i.token,
		UnixSocket:   i.socket,
		Dial:         i.sandbox.dialer(),
		Timeout:      min(s.Timeout, doctor.DefaultTimeout),
		UserAgent:    userAgent(),
		Scopes:       s.Scopes,
		SecretDir:    s.SecretDir,
	}}
	if i.sandbox == nil {
		e.options.TokenFile = s.usedTokenFile()
	}
	if err := e.read(ctx); err != nil {
		return nil, errors.Join(err, i.sandbox.close())
	}
	e.options.Address = i.address // the document may have named it
	return e, nil
}
