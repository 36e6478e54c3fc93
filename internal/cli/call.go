package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/call"
)

type callCommand struct {
	Name string   `arg:"" help:"Tool to call."`
	Pair []string `arg:"" optional:"" name:"key=value" help:"Arguments; a value is JSON where it reads as JSON, and text otherwise."`
	Args string   `name:"args" placeholder:"JSON|@FILE|-" help:"Arguments as one JSON object, from a file, or from standard input."`
}

func (c *callCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	arguments, err := c.arguments(streams.In)
	if err != nil {
		return err
	}
	closeAudit, err := s.openAudit()
	if err != nil {
		return err
	}
	a, err := newApp(ctx, s, streams)
	if err != nil {
		return closeAudit(err)
	}
	outcome, err := a.runner.CallTool(ctx, c.Name, arguments)
	err = closeAudit(a.close(err))
	if errors.Is(err, call.ErrUnknownTool) {
		return a.unknownTool(c.Name)
	}
	if err != nil {
		return err
	}
	if outcome.IsError {
		fmt.Fprintln(streams.Err, outcome.Text)
		return errToolFailed
	}
	_, err = fmt.Fprintln(streams.Out, outcome.Text)
	return err
}

// arguments joins --args and the pairs into one JSON object. An argument given
// in both is left to the binder, which refuses a name that stands twice.
func (c *callCommand) arguments(in io.Reader) ([]byte, error) {
	object, err := c.object(in)
	if err != nil {
		return nil, fmt.Errorf("--args: %w", err)
	}
	if len(c.Pair) == 0 {
		return object, nil
	}
	inner := []byte{}
	if object = bytes.TrimSpace(object); len(object) > 0 {
		if object[0] != '{' || object[len(object)-1] != '}' {
			return nil, errors.New("--args must be a JSON object")
		}
		inner = bytes.TrimSpace(object[1 : len(object)-1])
	}
	out := append([]byte{'{'}, inner...)
	for i, pair := range c.Pair {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is not of the form key=value", pair)
		}
		if i > 0 || len(inner) > 0 {
			out = append(out, ',')
		}
		if out, err = jsontext.AppendQuote(out, key); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out = append(out, ':')
		if raw := jsontext.Value(value); raw.IsValid() {
			out = append(out, raw...)
		} else if out, err = jsontext.AppendQuote(out, value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return append(out, '}'), nil
}

func (c *callCommand) object(in io.Reader) ([]byte, error) {
	switch {
	case c.Args == "-":
		return io.ReadAll(in)
	case strings.HasPrefix(c.Args, "@"):
		return os.ReadFile(c.Args[1:])
	default:
		return []byte(c.Args), nil
	}
}
