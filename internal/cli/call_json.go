package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/scripttool"
)

// Values of --output.
const (
	outputText = "text"
	outputJSON = "json"
)

// Exit codes of call --output json and of script, beside the others.
const (
	exitIncomplete = 3 // the data is printed and is not all, or the call was canceled
	exitNoAnswer   = 4 // the instance gave no usable answer
)

// codeError ends a command with an exit code; everything is printed.
type codeError int

// Error implements error.
func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// notice is a line on standard error for programs.
type notice struct {
	Kind   string `json:"kind"`
	Status int    `json:"status,omitzero"`
	ID     string `json:"id,omitzero"` // of a plan
	*scripttool.Writes
	Message string `json:"message"`
}

func (p *program) notify(n notice) error {
	line, err := json.Marshal(n)
	if err == nil {
		_, err = fmt.Fprintf(p.streams.Err, "%s\n", line)
	}
	return err
}

// printJSON prints the data of a result, and after it an error or notes.
func (p *program) printJSON(outcome result.Result) error {
	if outcome.Data != "" {
		if _, err := fmt.Fprintln(p.streams.Out, outcome.Data); err != nil {
			return err
		}
	}
	n := notice{Kind: string(outcome.Kind), Status: outcome.Status, Message: strings.TrimSpace(outcome.Text)}
	code := exitOK
	switch {
	case outcome.IsError:
		code = exitOf(outcome.Kind)
		if n.Kind == "" {
			n.Kind = "failed"
		}
	case outcome.Incomplete:
		n.Kind, code = "incomplete", exitIncomplete
	case n.Message == "":
		return nil
	default:
		n.Kind = "note"
	}
	if err := p.notify(n); err != nil || code == exitOK {
		return err
	}
	return codeError(code)
}

// exitOf is the exit code of an error.
func exitOf(kind result.Kind) int {
	switch retool.Kind(kind) {
	case retool.Canceled:
		return exitIncomplete
	case retool.NoToken, retool.Forbidden, retool.Kind(result.BadArguments):
		return exitUsage
	case retool.Kind(result.APIError), "":
		return exitFailed
	default:
		return exitNoAnswer
	}
}

// wantsJSON reports whether a program reads the error of a command line, even if
// its flags could not be parsed.
func (p *program) wantsJSON(args []string) bool {
	if name := p.command.Name(); name != "call" && name != "script" && (p.command.HasParent() || !slices.Contains(args, "call") && !slices.Contains(args, "script")) {
		return false
	}
	isJSON := func(format string) bool { return strings.EqualFold(format, outputJSON) }
	return slices.ContainsFunc(flagValues(p.command, args, "output"), isJSON)
}

// reportJSON reports an error that ended the command before there was a result,
// such as wrong settings or a document that cannot be fetched.
func (p *program) reportJSON(err error) error {
	if _, reported := errors.AsType[codeError](err); reported {
		return err
	}
	n := notice{Kind: "usage", Message: plainError(err, p.secrets())}
	code := exitUsage
	if transport, ok := errors.AsType[*retool.TransportError](err); ok {
		n.Kind = string(transport.Kind)
		code = exitOf(result.Kind(n.Kind))
	} else if refused, ok := errors.AsType[*retool.StatusError](err); ok {
		kind := result.KindOf(refused)
		n.Kind, n.Status, code = string(kind), refused.Status, exitOf(kind)
	}
	return errors.Join(p.notify(n), codeError(code))
}

// forProgram are the settings of results that go to a program: no ceiling unless
// it is asked for.
func (p *program) forProgram(s *Settings, o result.Options) result.Options {
	o.JSON = p.scripted
	if (p.scripted || p.uncut) && s.origins["max-result-tokens"].level == unset {
		o.MaxTokens = 0
	}
	return o
}
