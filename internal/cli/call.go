package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

func (p *program) callCommand() *cobra.Command {
	object, output := "", ""
	cmd := &cobra.Command{
		Use: "call <name> [key=value...]", Short: "Call one tool and print its result", Args: arguments(1),
		Long: "Call one tool and print its result. A value is JSON if it is valid JSON, and text otherwise.",
		RunE: func(cmd *cobra.Command, args []string) error {
			p.scripted = output == outputJSON
			err := p.with(func(ctx context.Context, args []string) error { return p.callTool(ctx, args[0], object, args[1:]) })(cmd, args)
			if p.scripted {
				return p.reportJSON(err)
			}
			return err
		},
	}
	(&setting{
		name: "output", placeholder: "FORMAT", target: &output, def: outputText, enum: []string{outputText, outputJSON}, flagOnly: true,
		help: "Format of the result: text, as agents get it, or json, the data alone, with errors and notes as JSON on standard error.",
	}).addTo(cmd.Flags())
	addFlag(cmd, "args", "OBJECT", &object, "Arguments as one JSON object; @FILE reads them from a file, - from standard input.")
	return cmd
}

func (p *program) callTool(ctx context.Context, name, object string, pairs []string) error {
	arguments, err := toolArguments(p.streams.In, object, pairs)
	if err != nil {
		return err
	}
	return p.withApp(ctx, func(a *app) error {
		outcome, err := a.runner.CallTool(ctx, name, arguments)
		switch {
		case errors.Is(err, call.ErrUnknownTool):
			return a.unknownTool(name)
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

// toolArguments joins --args and the pairs into one JSON object. Binding refuses
// an argument that is in both.
func toolArguments(in io.Reader, source string, pairs []string) ([]byte, error) {
	object := []byte(source)
	var err error
	if source == "-" {
		object, err = io.ReadAll(in)
	} else if name, isFile := strings.CutPrefix(source, "@"); isFile {
		object, err = os.ReadFile(name)
	}
	if err == nil {
		object, err = text.Decode(object)
	}
	if err != nil {
		return nil, named("--args", err)
	}
	if len(pairs) == 0 {
		return object, nil
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
		member := append(jsonvalue.AppendQuote(nil, key), ':')
		if raw := jsontext.Value(jsonvalue.Repair([]byte(value))); raw.IsValid() {
			member = append(member, raw...)
		} else {
			member = jsonvalue.AppendQuote(member, value)
		}
		members = append(members, member)
	}
	return slices.Concat([]byte("{"), bytes.Join(members, []byte(",")), []byte("}")), nil
}
