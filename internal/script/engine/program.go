package engine

import (
	"regexp"
	"strings"

	"modernc.org/quickjs"
)

// load compiles the program and starts it.
func (r *run) load() error {
	code := withoutFence(r.begin.Code)
	program, whole, err := r.compile(code)
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
	r.arm()
	expression := strings.TrimRight(code, "; \t\r\n")
	if program, err = r.vm.EvalValue(`"use strict";(async () => (`+"\n"+expression+"\n))", quickjs.EvalGlobal); err == nil {
		return program, true, nil
	}
	program, err = r.vm.EvalValue(`"use strict";(async () => {`+"\n"+code+"\n})", quickjs.EvalGlobal)
	return program, false, err
}

var fence = regexp.MustCompile("(?s)^(\\s*)```[a-zA-Z]*[ \t]*\r?\n(.*?)\r?\n?[ \t]*```\\s*$")

// withoutFence removes the fence of Markdown around the code, and keeps its lines.
func withoutFence(code string) string {
	code = strings.TrimPrefix(code, "\ufeff")
	if m := fence.FindStringSubmatch(code); m != nil {
		return m[1] + "\n" + m[2]
	}
	return code
}
