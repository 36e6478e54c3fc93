package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/scripttool"
	"github.com/retool-mcp/retool-mcp/internal/state"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

func (p *program) scriptCommand() *cobra.Command {
	run := scriptRun{p: p}
	output := ""
	cmd := &cobra.Command{
		Use: "script <file>", Short: "Run a script over the tools, or plan and apply its writes", Args: arguments(1),
		Long: "Run a script: JavaScript in which the tools are functions; - reads it from standard input. What it returns goes to standard output. " +
			"If it writes, nothing is sent: the plan goes to standard error, and --apply makes exactly the planned writes, once, within ten minutes.\n\n" +
			"Exit codes: 0 done, or a plan is made; 1 the script, the plan or the API says no; 2 wrong settings, arguments or access; 3 stopped before all was done; 4 no usable answer of the instance.",
		RunE: func(cmd *cobra.Command, args []string) error {
			p.scripted, p.uncut = output == outputJSON, true
			return p.with(func(ctx context.Context, args []string) error { return run.do(ctx, args[0]) })(cmd, args)
		},
	}
	addFlag(cmd, "apply", "ID", &run.plan, "Make the writes of the plan with this id, if they are still those that the script would make.")
	cmd.Flags().StringArrayVar(&run.pairs, "arg", nil, "`KEY=VALUE` of args in the script; repeatable. A value is JSON if it is valid JSON, and text otherwise.")
	addFlag(cmd, "args", "OBJECT", &run.object, "Value of args as one JSON object; @FILE reads it from a file, - from standard input.")
	addOutput(cmd, &output, "Format of what the script returns: text, or json, the value alone, with plan, errors and notes as JSON on standard error.")
	return cmd
}

// scriptRun is one run of a script from the command line.
type scriptRun struct {
	p            *program
	plan, object string
	pairs        []string
}

func (r *scriptRun) do(ctx context.Context, name string) (err error) {
	if name == "-" && r.object == "-" {
		return errors.New("the script and --args cannot both be read from standard input")
	}
	code, err := readScript(r.p.streams.In, name)
	if err != nil {
		return err
	}
	object, err := readObject(r.p.streams.In, r.object)
	if err != nil {
		return named("--args", err)
	}
	args, err := scriptArgs(object, r.pairs) //nolint:contextcheck // they are small
	if err != nil {
		return err
	}
	// Only what applies a plan cannot do without the folder.
	stateless := r.openState()
	if stateless != nil && r.plan != "" {
		return stateless
	}
	if r.p.state != nil {
		defer func() { err = errors.Join(err, r.p.state.Close()) }()
	}
	return r.p.withApp(ctx, func(a *app) error {
		printed, err := a.scripts.Run(ctx, scripttool.Command{
			Program: a.scripts.Program(ctx, string(code), args), Plan: r.plan, Catalog: a.catalog,
			Apply:   func(id string) string { return "the same command with --apply " + id },
			Again:   "To continue, make another plan: the same command without --apply. What was made is in it again unless the script looks for it first.",
			Changed: "Then make another plan: the same command without --apply. The script has to look first for what was made.",
		})
		if err != nil {
			return err
		}
		if err := r.print(ctx, printed); err != nil || printed.Plan == "" || stateless == nil {
			return err
		}
		return fmt.Errorf("the plan cannot be applied: %w", stateless)
	})
}

// print prints what became of a script, and returns the error of the exit code.
func (r *scriptRun) print(ctx context.Context, printed scripttool.Printed) error {
	value, says := printed.Value.Text, printed.Says
	if r.p.scripted {
		value, says = printed.Value.Data, strings.TrimSpace(says+"\n\n"+printed.Value.Text)
	}
	if value != "" {
		if _, err := fmt.Fprintln(r.p.streams.Out, value); err != nil {
			return err
		}
	}
	code, n := exitOK, notice{Kind: "note", ID: printed.Plan, Writes: printed.Writes, Message: says}
	switch {
	case printed.Failed && (ctx.Err() != nil || printed.Begun):
		code, n.Kind = exitIncomplete, "incomplete"
	case printed.Failed:
		code, n.Kind = exitOf(printed.Kind), "failed"
	case printed.Plan != "":
		n.Kind = "plan"
	}
	var err error
	switch {
	case says == "":
	case r.p.scripted:
		err = r.p.notify(n)
	default:
		_, err = fmt.Fprintln(r.p.streams.Err, says)
	}
	if err != nil || code == exitOK {
		return err
	}
	return codeError(code)
}

// readScript reads a script, with or without a byte order mark.
func readScript(in io.Reader, name string) (code []byte, err error) {
	if name == "-" {
		code, err = io.ReadAll(in)
	} else {
		code, err = file.Read(name)
	}
	if err != nil {
		return nil, err
	}
	return text.Decode(code)
}

// openState opens the folder with the key of plans and those that were applied.
func (r *scriptRun) openState() error {
	path, err := state.Path()
	if err != nil {
		return err
	}
	r.p.state, err = state.Open(path)
	return err
}

// scriptArgs adds pairs of the form key=value to the object of --args.
func scriptArgs(object []byte, pairs []string) ([]byte, error) {
	if object = bytes.TrimSpace(object); len(object) == 0 {
		object = []byte("{}")
	}
	args, err := jsonvalue.Parse(object)
	if err != nil {
		return nil, named("--args", err)
	}
	if args.Kind != jsonvalue.Object {
		return nil, errors.New("--args must be a JSON object")
	}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok || key == "":
			return nil, fmt.Errorf("--arg %s is not of the form key=value", text.Quote(pair, maxTyped))
		case args.Member(key) != nil:
			return nil, fmt.Errorf("args has %s twice", text.Quote(key, maxTyped))
		}
		v, err := jsonvalue.Parse([]byte(value))
		if err != nil {
			v = jsonvalue.Value{Kind: jsonvalue.Text, Text: value}
		}
		args.Names, args.Parts = append(args.Names, key), append(args.Parts, v)
	}
	return []byte(args.JSON()), nil
}
