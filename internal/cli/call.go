package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

func (p *program) callCommand() *cobra.Command {
	object, output := "", ""
	cmd := &cobra.Command{
		Use: "call <name> [key=value...]", Short: "Call one tool and print its result", Args: arguments(1),
		Long: "Call one tool and print its result. A value is JSON if it is valid JSON, and text otherwise. What looks like a number stays as typed where the tool takes text.",
		RunE: func(cmd *cobra.Command, args []string) error {
			p.scripted = output == outputJSON
			return p.with(func(ctx context.Context, args []string) error { return p.callTool(ctx, args[0], object, args[1:]) })(cmd, args)
		},
	}
	addOutput(cmd, &output, "Format of the result: text, as agents get it, or json, the data alone, with errors and notes as JSON on standard error.")
	addFlag(cmd, "args", "OBJECT", &object, "Arguments as one JSON object; @FILE reads them from a file, - from standard input.")
	return cmd
}

func addOutput(cmd *cobra.Command, output *string, help string) {
	(&setting{name: "output", placeholder: "FORMAT", target: output, def: outputText, enum: []string{outputText, outputJSON}, flagOnly: true, help: help}).addTo(cmd.Flags())
}

func (p *program) callTool(ctx context.Context, name, source string, pairs []string) error {
	object, err := readObject(p.streams.In, source)
	if err != nil {
		return named("--args", err)
	}
	return p.withApp(ctx, func(a *app) error {
		tool := a.catalog.Find(name)
		if tool == nil || tool.Unlisted {
			return a.unknownTool(name)
		}
		arguments, err := withPairs(object, pairs, tool)
		if err == nil {
			err = refuseEmptyDryRun(arguments)
		}
		if err != nil {
			return err
		}
		outcome, err := a.runner.CallTool(ctx, name, arguments)
		switch {
		case err != nil:
			return err
		case p.scripted:
			return p.printJSON(outcome)
		case outcome.IsError:
			fmt.Fprintln(p.streams.Err, outcome.Text)
			return errToolFailed
		}
		_, err = fmt.Fprintln(p.streams.Out, outcome.Text)
		return err
	})
}

// readObject reads the value of --args.
func readObject(in io.Reader, source string) (object []byte, err error) {
	object = []byte(source)
	if source == "-" {
		object, err = io.ReadAll(in)
	} else if name, isFile := strings.CutPrefix(source, "@"); isFile {
		object, err = file.Read(name)
	}
	if err != nil {
		return nil, err
	}
	return text.Decode(object)
}

// withPairs adds arguments of the form key=value to the object of --args. Binding
// refuses an argument that is in both.
func withPairs(object []byte, pairs []string, tool *tools.Tool) ([]byte, error) {
	if len(pairs) == 0 {
		return object, nil
	}
	binder, err := tools.NewBinder(tool)
	if err != nil {
		return nil, err
	}
	var members [][]byte
	if object = bytes.TrimSpace(object); len(object) > 0 {
		inner, opens := bytes.CutPrefix(object, []byte("{"))
		inner, closes := bytes.CutSuffix(inner, []byte("}"))
		if !opens || !closes {
			return nil, errors.New("--args must be a JSON object")
		}
		if inner = bytes.TrimSpace(inner); len(inner) > 0 {
			members = append(members, inner)
		}
	}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is not of the form key=value", pair)
		}
		if !utf8.ValidString(pair) {
			return nil, fmt.Errorf("the argument %q is not UTF-8", key)
		}
		members = append(members, append(append(jsonvalue.AppendQuote(nil, key), ':'), binder.Typed(key, value)...))
	}
	return slices.Concat([]byte("{"), bytes.Join(members, []byte(",")), []byte("}")), nil
}

// refuseEmptyDryRun refuses a dry_run that holds nothing. It counts as not given
// elsewhere, but a script whose variable is not set wants no write.
func refuseEmptyDryRun(object []byte) error {
	var given map[string]json.RawMessage
	_ = json.Unmarshal(object, &given) // binding says what is wrong
	raw, ok := given[tools.ArgDryRun]
	var said *string
	if ok && json.Unmarshal(raw, &said) == nil && (said == nil || strings.TrimSpace(*said) == "") {
		return errors.New(tools.ArgDryRun + " is empty: set it to true or false, or leave it out")
	}
	return nil
}
