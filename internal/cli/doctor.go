package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	configfile "github.com/retool-mcp/retool-mcp/internal/config"
	"github.com/retool-mcp/retool-mcp/internal/doctor"
)

// doctorCommand examines what the settings name. Settings that contradict each
// other end it like every command; what is wrong with the world is its result.
type doctorCommand struct {
	JSON bool `name:"json" help:"Print the checks as a JSON array."`
}

// patient is one instance to examine.
type patient struct {
	app     *app
	options doctor.Options
}

func (c *doctorCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	patients, err := admit(ctx, s, streams)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(streams.Out)
	checks := []doctor.Check{}
	failed := false
	for _, p := range patients {
		name := p.app.settings.name
		if name != "" && !c.JSON {
			fmt.Fprintf(out, "instance %s\n", name)
		}
		doctor.Run(ctx, p.options, func(check doctor.Check) {
			check.Instance = name
			checks = append(checks, check)
			failed = failed || check.Status == doctor.Fail
			if !c.JSON {
				printCheck(out, check)
				err = errors.Join(err, out.Flush()) // a person waits
			}
		})
		err = errors.Join(err, p.app.close(nil), ctx.Err())
	}
	if c.JSON {
		err = errors.Join(err, json.MarshalWrite(out, checks, jsontext.WithIndent("  ")))
		fmt.Fprintln(out)
	}
	if err = errors.Join(err, out.Flush()); err == nil && failed {
		err = errToolFailed
	}
	return err
}

// printCheck writes a check in one line, and below it what there is to do and to
// know.
func printCheck(out io.Writer, c doctor.Check) {
	fmt.Fprintf(out, "%-5s %-9s %s\n", c.Status, c.Name, c.Found)
	if c.Remedy != "" {
		fmt.Fprintf(out, "      remedy: %s\n", c.Remedy)
	}
	for _, note := range c.Notes {
		fmt.Fprintf(out, "      %s\n", note)
	}
}

// admit reads the settings of all instances before the first is examined.
func admit(ctx context.Context, s *Settings, streams Streams) (patients []patient, err error) {
	if len(s.instances) == 0 {
		p, err := examinee(ctx, s, configfile.Instance{}, streams)
		p.options.Places = places()
		return []patient{p}, err
	}
	for _, instance := range s.instances {
		own, err := s.forInstance(instance)
		if err != nil {
			return nil, named("--config (RETOOL_MCP_CONFIG)", err)
		}
		p, err := examinee(ctx, own, instance, streams)
		if err != nil {
			return nil, fmt.Errorf("instance %s: %w", instance.Name, err)
		}
		patients = append(patients, p)
	}
	patients[len(patients)-1].options.Places = places() // it is one machine
	return patients, nil
}

// examinee is one instance, with all that its settings say.
func examinee(ctx context.Context, s *Settings, i configfile.Instance, streams Streams) (patient, error) {
	own := *s
	s, own.Retries = &own, 0 // what fails in passing is what we want to see
	a, err := configure(s, streams)
	if err != nil {
		return patient{}, err
	}
	p := patient{app: a, options: doctor.Options{
		Sources:    s.sources(i),
		Token:      a.token,
		UnixSocket: s.UnixSocket,
		Dial:       a.sandbox.dialer(),
		Timeout:    min(s.Timeout, doctor.DefaultTimeout),
		UserAgent:  userAgent(),
		Scopes:     s.Scopes,
		SecretDir:  s.SecretDir,
	}}
	if a.sandbox == nil {
		p.options.TokenFile = s.tokenFile()
	}
	if err := p.read(ctx); err != nil {
		return patient{}, a.close(err)
	}
	p.options.Address = a.address // the document may have named it
	return p, nil
}
