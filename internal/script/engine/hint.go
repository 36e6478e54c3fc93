package engine

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"modernc.org/quickjs"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// longestError bounds the text of an error, in bytes.
const longestError = 4000

func clip(s string) string { return text.Clip(s, longestError) }

var errTooLong = errors.New("too long")

func tooLong(begin *wire.Begin) *wire.Error {
	return &wire.Error{Message: fmt.Sprintf("the script ran longer than %s", time.Duration(begin.Deadline)*time.Millisecond)}
}

var frame = regexp.MustCompile(`<eval>:(\d+)`)

// lineOf is the line of the script in a stack, 0 if there is none. The prelude and
// what surrounds the script are on line 1.
func lineOf(stack string) int {
	for _, m := range frame.FindAllStringSubmatch(stack, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 1 {
			return n - 1
		}
	}
	return 0
}

// failed is the message for an error of the virtual machine.
func (r *run) failed(err error) wire.Message {
	var thrown *quickjs.Error
	switch {
	case errors.Is(err, errTooLong), errors.As(err, &thrown) && thrown.Message == "interrupted":
		e := tooLong(r.begin)
		if thrown != nil {
			e.Line = lineOf(thrown.Stack)
		}
		return wire.Message{Kind: wire.Failed, Error: e}
	case thrown != nil:
		line := lineOf(thrown.Stack)
		if thrown.LineNumber > 1 {
			line = min(thrown.LineNumber-1, 1+strings.Count(strings.TrimRight(r.begin.Code, "\n"), "\n"))
		}
		return r.failure(&wire.Error{Message: thrown.Error(), Line: line})
	}
	return r.failure(&wire.Error{Message: err.Error()})
}

// failure is the message for an error of the script, with what helps.
func (r *run) failure(e *wire.Error) wire.Message {
	if e.Operation == "" {
		e.Message += r.hint(e)
	}
	e.Message = clip(shown(e.Message))
	return wire.Message{Kind: wire.Failed, Error: e}
}

// hint says what to write instead.
func (r *run) hint(e *wire.Error) string {
	switch {
	case strings.Contains(e.Message, "out of memory"):
		return fmt.Sprintf(": the script needs more than %d MB; ask for less at once, or keep less of it", r.begin.Memory>>20)
	case strings.HasPrefix(e.Message, "SyntaxError"):
		return ""
	}
	return ""
}
