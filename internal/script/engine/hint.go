package engine

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"modernc.org/quickjs"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// longestError bounds the text of an error, in bytes.
const longestError = 4000

func clip(s string) string { return text.Clip(s, longestError) }

var (
	errTooLong      = errors.New("too long")
	errNeverSettled = errors.New("the script waits for a promise that nothing settles")
)

func tooLong(begin *wire.Begin) *wire.Error {
	return &wire.Error{TimedOut: true, Message: fmt.Sprintf("the script ran longer than %g s", float64(begin.Deadline)/1000)}
}

var frame = text.Pattern(`<eval>:(\d+):(\d+)`)

// lineOf is the line of the script in a stack, 0 if there is none. The prelude and
// what surrounds the script are on line 1.
func lineOf(stack string) int {
	for _, m := range frame().FindAllStringSubmatch(stack, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 1 {
			return n - 1
		}
	}
	return 0
}

// failed is the last message for an error of the virtual machine.
func (r *run) failed(err error) wire.Message {
	var thrown *quickjs.Error
	if !errors.As(err, &thrown) {
		if errors.Is(err, errTooLong) {
			e := tooLong(r.begin)
			if len(r.pending) > 0 {
				e.Line = r.pending[0].message.Line // of the call that it waits for
			}
			return wire.Message{Kind: wire.Failed, Error: e}
		}
		return r.failure(&wire.Error{Message: err.Error()}, "")
	}
	e := &wire.Error{Message: thrown.Error(), Line: lineOf(thrown.Stack)}
	if thrown.LineNumber > 1 {
		e.Message = cut().ReplaceAllString(e.Message, "expecting while")
		e.Line = thrown.LineNumber - 1
		code := withoutFence(r.begin.Code)
		if last := 1 + strings.Count(strings.TrimRight(code, " \t\r\n"), "\n"); e.Line > last {
			if e.Line > 1+strings.Count(code, "\n") {
				e.Message = atTheEnd(e.Message)
			}
			e.Line = last
		}
	}
	return r.failure(e, thrown.Stack)
}

var (
	found = text.Pattern(`^SyntaxError: unexpected token|^SyntaxError: expecting '[;)\]},]'`)
	cut   = text.Pattern(`expecting '[^ -~]+$`) // QuickJS writes the number of a keyword as a character
)

const tooEarly = "SyntaxError: the code ends too early"

// atTheEnd is a message about what follows the code, which its author does not see.
func atTheEnd(message string) string {
	if found().MatchString(message) {
		return tooEarly
	}
	return strings.Replace(message, "SyntaxError", tooEarly, 1)
}

// failure is the last message for an error of the script, with what helps.
func (r *run) failure(e *wire.Error, stack string) wire.Message {
	if e.Operation == "" {
		r.explain(e, stack)
	}
	e.Message = clip(plan.Unmark(e.Message))
	return wire.Message{Kind: wire.Failed, Error: e}
}

var undefined = text.Pattern(`^ReferenceError: '?([\w$]+)'? is not defined`)

// throwsNull finds code that throws null. Else QuickJS did, which has no memory left for
// an error.
var throwsNull = text.Pattern(`(throw|reject)\W*null`)

// explain adds to the message of JavaScript what the author has to know.
func (r *run) explain(e *wire.Error, stack string) {
	switch m := undefined().FindStringSubmatch(e.Message); {
	case e.Message == "InternalError: interrupted":
		e.Message = tooLong(r.begin).Message
	case strings.Contains(e.Message, "out of memory"), e.Message == "thrown: null" && !throwsNull().MatchString(r.begin.Code):
		e.Message = fmt.Sprintf("the script needs more than %d MB: read less at once, or keep less of what was read", r.begin.Memory>>20)
	case strings.Contains(e.Message, "stack overflow"):
		e.Message += ": functions or data are nested too deeply"
	case m != nil:
		e.Message += r.aboutName(m[1])
	case strings.Contains(e.Message, "could not load module"):
		e.Message += ": " + noModules
	case strings.HasPrefix(e.Message, "SyntaxError") && e.Line > 0:
		r.explainSyntax(e)
	case e.Message == "TypeError: not a function":
		if callee := r.callee(stack); callee != "" {
			e.Message = "TypeError: " + callee + " is not a function"
		}
	}
}

// line returns a line of the code.
func (r *run) line(n int) string {
	lines := strings.Split(r.begin.Code, "\n")
	if n > len(lines) {
		return ""
	}
	return lines[n-1]
}

var expression = text.Pattern(`[\w$.?\]["']+$`)

// callee is the text of what is called at the top of a stack, "" if it is not in the
// script.
func (r *run) callee(stack string) string {
	top, _, _ := strings.Cut(stack, "\n")
	m := frame().FindStringSubmatch(top)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[1]) // digits
	column, _ := strconv.Atoi(m[2])
	line := []rune(r.line(max(n-1, 1)))
	if n < 2 || column < 1 || column > len(line) {
		return ""
	}
	return expression().FindString(string(line[:column-1]))
}

const (
	noNetwork = "scripts have no network: call operations as await retool.<name>({…})"
	noModules = "scripts have no modules: retool, args, console, save, sleep, until, daysAgo and plain JavaScript are there"
	noTimers  = "write a loop with await sleep(milliseconds), or await until(…)"
)

// absent are names of other environments.
var absent = map[string]string{
	"fetch": noNetwork, "XMLHttpRequest": noNetwork, "WebSocket": noNetwork, "axios": noNetwork,
	"require": noModules, "module": noModules, "exports": noModules, "process": noModules, "Buffer": noModules, "_": noModules, "moment": noModules, "dayjs": noModules,
	"setInterval": noTimers, "setImmediate": "use setTimeout(f, 0)", "performance": "use Date.now(), which stands still",
	"URL": "take texts apart with split or a regular expression", "URLSearchParams": "take texts apart with split or a regular expression",
	"atob": "there is no Base64", "btoa": "there is no Base64", "TextEncoder": "there are no bytes", "TextDecoder": "there are no bytes",
	"crypto": "there is no cryptography, and no random ids: they would differ between plan and apply",
	"Intl":   "write toISOString().slice(0, 10) for dates, toFixed for numbers",
	"window": noModules, "document": noModules, "prompt": "nobody can be asked: use args", "confirm": "a plan is confirmed as a whole: leave it out", "alert": "use console.log",
}

// aboutName says what to write for an unknown name.
func (r *run) aboutName(name string) string {
	if hint, ok := absent[name]; ok {
		return ": " + hint
	}
	names := make([]string, 0, len(r.begin.Functions))
	for _, f := range r.begin.Functions {
		names = append(names, f.Name)
	}
	assigned := regexp.MustCompile(`(?m)(^|[;{(\s])` + regexp.QuoteMeta(name) + `\s*([-+*/|&?]{0,2}=[^=>]|\+\+|--)`)
	if assigned.MatchString(r.begin.Code) {
		return ": declare it, let " + name + " = …"
	}
	if near := text.Nearest(name, names); near != "" {
		return ": write retool." + near
	}
	return ""
}

var (
	modules    = text.Pattern(`(?m)^\s*(import|export)\s`)
	types      = text.Pattern(`^\s*(declare\s+)?(interface|type|enum|namespace)\s+\w+|^\s*(let|const|var)\s+\w+\s*:|[\w)\]}?]\s*:\s*(string|number|boolean|any|unknown|void|never|object|null|undefined|Promise|Record|Array|Map|Set|Partial|[A-Z]\w*)\b\s*([\[<=,)|;{]|$)|\s(as|satisfies)\s+[\w{]|\w<\w+(\[\])?(,\s*\w+)*>\s*\(|\w!\.`)
	innerAwait = text.Pattern(`(^|[^\w$])await\s`)
)

// explainSyntax says what the code has that JavaScript, or a script, has not.
func (r *run) explainSyntax(e *wire.Error) {
	code, line := withoutFence(r.begin.Code), r.line(e.Line)
	if at := modules().FindStringSubmatchIndex(code); at != nil {
		e.Line = 1 + strings.Count(code[:at[2]], "\n")
		e.Message += ": " + noModules
		return
	}
	early := strings.HasPrefix(e.Message, tooEarly)
	switch {
	case !early && types().MatchString(line):
		e.Message += ": leave out the types of TypeScript, a script is plain JavaScript"
	case strings.Contains(code, "```"):
		e.Message += ": send the code alone, without Markdown"
	case !early && innerAwait().MatchString(line):
		e.Message += ": await works at the top and in async functions, async (x) => …"
	default:
		bare := quoted().ReplaceAllString(code, "")
		separator := ": there are "
		for _, pair := range []string{"()", "[]", "{}"} {
			opened, closed := strings.Count(bare, pair[:1]), strings.Count(bare, pair[1:])
			if closed > opened {
				e.Message = strings.Replace(e.Message, tooEarly, "SyntaxError: unexpected '"+pair[1:]+"'", 1)
			}
			if opened != closed {
				e.Message += fmt.Sprintf("%s%d %s and %d %s", separator, opened, pair[:1], closed, pair[1:])
				separator = ", "
			}
		}
	}
}

// quoted are texts and comments.
var quoted = text.Pattern("(?s)//[^\n]*|/\\*.*?\\*/|'([^'\\\\\n]|\\\\.)*'|\"([^\"\\\\\n]|\\\\.)*\"|`([^`\\\\]|\\\\.)*`")

var dateOf = text.Pattern(`new Date\(\s*([\w$"'][^)]*)`)

// dateNote warns of a comparison that is silently false: that of a Date with the text
// of daysAgo.
func dateNote(code string) string {
	if !strings.Contains(code, "daysAgo(") || !strings.ContainsAny(code, "<>") {
		return ""
	}
	for _, m := range dateOf().FindAllStringSubmatch(code, -1) {
		if strings.HasPrefix(m[1], "daysAgo(") {
			return ""
		}
	}
	if !dateOf().MatchString(code) {
		return ""
	}
	return "daysAgo(n) is a text, as dates of the API are: compare it with those, or with a Date as new Date(daysAgo(n))"
}
