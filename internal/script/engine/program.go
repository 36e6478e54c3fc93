package engine

import (
	"strings"

	"modernc.org/quickjs"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// load compiles the program and starts it.
func (r *run) load() error {
	program, whole, err := r.compile(withoutFence(r.begin.Code))
	if err != nil {
		return err
	}
	defer program.Free()
	return r.call(r.start, program, whole)
}

// compile makes an asynchronous function of the code, whose lines are from line 2 on.
// Code that is one expression, such as async () => {…}, is what the program returns,
// or calls.
func (r *run) compile(code string) (program quickjs.Value, whole bool, err error) {
	expression := strings.TrimRight(code, "; \t\r\n")
	if program, err = r.eval("(", expression, ")"); err == nil {
		return program, true, nil
	}
	if at, ok := lastExpression(code, r.begin.Mode); ok {
		if program, err = r.eval("{", code[:at]+"return "+code[at:], "}"); err == nil {
			return program, false, nil
		}
	}
	program, err = r.eval("{", code, "}")
	return program, false, err
}

func (r *run) eval(opening, code, closing string) (quickjs.Value, error) {
	r.arm()
	return r.vm.EvalValue(`"use strict";(async () => `+opening+"\n"+code+"\n"+closing+")", quickjs.EvalGlobal)
}

var (
	fence = text.Pattern("(?s)^(\\s*)```[a-zA-Z]*[ \t]*\r?\n(.*?)\r?\n?[ \t]*```\\s*$")
	// statement begins a line that is no expression of its own.
	statement = text.Pattern(`^([^A-Za-z_$(]|(return|throw|const|let|var|if|else|for|while|do|switch|case|default|break|continue|try|catch|finally|function|class|async\s+function|import|export|yield|with|debugger)\b|[\w$]+\s*:|console\.)`)
	anyWrite  = text.Pattern(`^(await\s+[\w$]+\.|retool\.|Promise\.)`)
)

// withoutFence removes the fence of Markdown around the code, and keeps its lines.
func withoutFence(code string) string {
	code = strings.TrimPrefix(code, "\ufeff")
	if !strings.Contains(code, "```") {
		return code
	}
	if m := fence().FindStringSubmatch(code); m != nil {
		return m[1] + "\n" + m[2]
	}
	return code
}

// lastExpression is where the last statement begins, if it is an expression: a program
// that ends in main(), or in users.length, means to return it. Calls of operations are
// meant so in a query only.
func lastExpression(code string, mode wire.Mode) (int, bool) {
	for end := len(code); end > 0; {
		begin := strings.LastIndexByte(code[:end], '\n') + 1
		line := code[begin:end]
		if line == "" || strings.ContainsAny(line[:1], " \t\r})]") || strings.HasPrefix(line, "//") {
			end = begin - 1
			continue
		}
		return begin, !statement().MatchString(line) && (mode == wire.Query || !anyWrite().MatchString(line)) &&
			!inside(code[:begin], line) && oneExpression(code[begin:])
	}
	return 0, false
}

// inside reports whether a line may begin within a template literal, a comment or an
// expression.
func inside(before, line string) bool {
	before = strings.TrimRight(before, " \t\r\n")
	return strings.Count(before, "`")%2 != 0 || strings.Count(before, "/*") != strings.Count(before, "*/") ||
		before != "" && (strings.ContainsAny(before[len(before)-1:], "=+-*%&|^?:,.([<>!~") ||
			line[0] == '(' && !strings.ContainsAny(before[len(before)-1:], ";}"))
}

// oneExpression reports whether a text, which begins with an expression, certainly has
// nothing after it.
func oneExpression(s string) bool {
	depth := 0
	for s = strings.TrimRight(s, "; \t\r\n"); s != ""; s = s[1:] {
		switch c := s[0]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return false // the end of a block around it
			}
		case '\'', '"', '`':
			m := literal().FindString(s)
			if m == "" {
				return false
			}
			s = s[len(m)-1:]
		case ';':
			if depth == 0 {
				return false
			}
		case '\n':
			next := strings.TrimLeft(s, " \t\r\n")
			if depth == 0 && !strings.ContainsAny(next[:1], ".?:&|+*)]}") {
				return false
			}
		}
	}
	return depth == 0
}

var literal = text.Pattern("^('([^'\\\\\n]|\\\\.)*'|\"([^\"\\\\\n]|\\\\.)*\"|`([^`\\\\$]|\\\\.|\\$[^{])*`)")
