package engine

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"modernc.org/quickjs"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

//go:embed prelude.js
var prelude string

// oneLine is the prelude without comments, on one line.
func oneLine(js string) string {
	var b strings.Builder
	for line := range strings.Lines(js) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "//") {
			b.WriteString(line)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// open makes the virtual machine.
func (r *run) open() error {
	vm, err := quickjs.NewVM()
	if err != nil {
		return err
	}
	r.vm, r.clock = vm, r.begin.Clock
	vm.SetMemoryLimit(uintptr(r.begin.Memory)) //nolint:gosec // the parent's
	vm.SetCanBlock(false)
	for name, f := range map[string]any{
		"@call": r.hostCall, "@save": r.hostSave, "@log": r.hostLog, "@now": func() float64 { return float64(r.now()) },
		"@end": r.hostEnd, "@sleep": r.hostSleep, "@wake": r.hostWake, "@suggest": r.hostSuggest, "@line": lineOf, "@setup": r.hostSetup,
		"@returned": func() { r.returned = true }, "@done": r.hostDone, "@failed": r.hostFailed,
	} {
		if err := vm.RegisterFunc(name, f, false); err != nil {
			return err
		}
	}
	r.arm()
	exports, err := vm.EvalValue(oneLine(prelude), quickjs.EvalGlobal)
	if err != nil {
		return err
	}
	for name, value := range map[string]*quickjs.Value{"settle": &r.settle, "fire": &r.fire, "start": &r.start, "finish": &r.finish} {
		atom, err := vm.NewAtom(name)
		if err != nil {
			return err
		}
		if *value, err = exports.GetPropertyValue(atom); err != nil {
			return err
		}
	}
	return nil
}

// arm gives JavaScript what is left until the deadline.
func (r *run) arm() {
	_ = r.vm.SetEvalTimeout(max(time.Until(r.deadline), time.Millisecond)) // it returns no error
}

// call calls a function of the prelude.
func (r *run) call(f quickjs.Value, args ...any) error {
	r.arm()
	_, err := f.Call(quickjs.UndefinedValue, args...)
	return err
}

// drain runs the jobs of promises. QuickJS stops after 1,048,576 of them, which is
// no reason to stop here.
func (r *run) drain() error {
	for {
		r.arm()
		n, err := r.vm.ExecutePendingJobs()
		var thrown *quickjs.Error
		switch {
		case err == nil, r.last != nil:
			return nil
		case errors.As(err, &thrown):
			return err
		case n == 0:
			return err
		}
	}
}

// large is an answer before which garbage is collected, in bytes.
const large = 1 << 20

// handOver gives the script the reply to a call.
func (r *run) handOver(q *request) error {
	reply, key := q.reply, q.key
	switch {
	case reply.Error != nil:
		e := reply.Error
		return r.call(r.settle, key, "error", e.Message, e.Operation, e.Status, q.message.Line)
	case reply.Ended != "":
		r.last = &wire.Message{Kind: wire.Ended, Text: clip(plan.Unmark(reply.Ended)), Line: q.message.Line}
		return nil
	case reply.Placeholder != nil:
		fields := ""
		if reply.Placeholder.Fields != nil {
			fields = string(encode(reply.Placeholder.Fields))
		}
		return r.call(r.settle, key, "placeholder", reply.Placeholder.Name, fields)
	}
	value, list, fields := reply.Value, "", ""
	if len(value) > large {
		r.vm.SetGCThreshold(1) // collect now: QuickJS does not do it for want of memory
	}
	if len(value) == 0 {
		value = json.RawMessage("null")
	}
	if reply.List != nil {
		list = string(encode(reply.List))
	}
	if len(reply.Fields) > 0 {
		fields = string(encode(tree(reply.Fields)))
	}
	return r.call(r.settle, key, "value", string(value), list, fields, q.message.Line)
}

// tree has the fields of dot paths as objects, null for those without others.
func tree(paths []string) map[string]any {
	t := map[string]any{}
	for _, path := range paths {
		at := t
		for rest := path; rest != ""; {
			var name string
			name, rest, _ = strings.Cut(rest, ".")
			inner, _ := at[name].(map[string]any)
			if inner == nil && rest != "" {
				inner = map[string]any{}
			}
			if inner != nil {
				at[name], at = inner, inner
			} else {
				at[name] = nil
			}
		}
	}
	return t
}

// encode writes a value of ours as JSON, which does not fail.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// The functions of the prelude.

// hostSetup is what the prelude has to know, as JSON.
func (r *run) hostSetup() string {
	functions := r.begin.Functions
	if functions == nil {
		functions = []wire.Function{}
	}
	return string(encode(map[string]any{
		"mode": r.begin.Mode, "functions": functions, "args": string(r.begin.Args),
		"open": string(plan.Open), "close": string(plan.Close),
		"seed": []uint32{uint32(r.begin.Seed), uint32(r.begin.Seed >> 32)}, //nolint:gosec // both halves
	}))
}

// mostOut is how long a value can be that goes to the parent.
const mostOut = wire.MaxMessage - 64<<10

// hostCall begins a call. It returns its key, or a text why not.
func (r *run) hostCall(name, args, stack string) any {
	return r.add(wire.Message{Kind: wire.Call, Name: name, Args: wellFormed(args), Line: lineOf(stack)}, mostBytes)
}

// hostSave begins a save, as hostCall does a call.
func (r *run) hostSave(name, rows, stack string) any {
	if name = plan.Unmark(name); len(name) > script.MaxFileName {
		return fmt.Sprintf("save: the name of the file has more than %d bytes", script.MaxFileName)
	}
	return r.add(wire.Message{Kind: wire.Save, Name: name, Args: wellFormed(plan.Unmark(rows)), Line: lineOf(stack)}, mostOut)
}

// hostLog is console.log.
func (r *run) hostLog(line string) {
	if line, ok := r.console.add(plan.Unmark(line)); ok {
		r.parent.send(wire.Message{Kind: wire.Log, Text: line})
	}
}

// hostEnd ends the plan: JavaScript does not go on, whatever it catches.
func (r *run) hostEnd(why, stack, notes string) {
	r.last = &wire.Message{Kind: wire.Ended, Text: clip(plan.Unmark(why)), Line: lineOf(stack), Notes: notesIn(notes)}
	panic(ended{})
}

// hostSleep begins a sleep.
func (r *run) hostSleep(id int, millis any) {
	r.addTimer(id, int64(min(number(millis), math.MaxInt32)))
}

// hostWake removes a sleep.
func (r *run) hostWake(id any) {
	for i, t := range r.timers {
		if float64(t.id) == number(id) {
			r.timers = append(r.timers[:i:i], r.timers[i+1:]...)
			return
		}
	}
}

// hostSuggest is the end of a message about an unknown name: of those given as a
// JSON array, or of the functions.
func (r *run) hostSuggest(name, known string) string {
	var names []string
	if known == "" {
		for _, f := range r.begin.Functions {
			if f.Instead == "" {
				names = append(names, f.Name)
			}
		}
	} else if err := json.Unmarshal([]byte(known), &names); err != nil {
		return ""
	}
	if near := text.Nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// hostDone ends the run with what the program returned.
func (r *run) hostDone(form, value, notes string) {
	if len(value) > mostOut {
		m := r.failure(&wire.Error{Message: fmt.Sprintf("the script returned %d bytes: return less, or await save(name, rows)", len(value))}, "")
		r.last = &m
		return
	}
	m := wire.Message{Kind: wire.Done, Form: wire.Form(form), Notes: notesIn(notes)}
	if m.Form != wire.Nothing {
		m.Args = wellFormed(plan.Unmark(value))
	}
	if note := dateNote(r.begin.Code); note != "" {
		m.Notes = append(m.Notes, note)
	}
	r.last = &m
}

// hostFailed ends the run with what the program threw.
func (r *run) hostFailed(message, stack, operation string, status, line any, notes string) {
	e := &wire.Error{Message: message, Operation: operation, Status: int(number(status)), Line: int(number(line))}
	if e.Line == 0 {
		e.Line = lineOf(stack)
	}
	m := r.failure(e, stack)
	m.Notes = notesIn(notes)
	r.last = &m
}

// notesIn reads notes of the prelude. A script can have given them the text of a
// placeholder.
func notesIn(list string) (notes []string) {
	if json.Unmarshal([]byte(plan.Unmark(list)), &notes) != nil {
		return nil
	}
	return notes
}

// number is a number of JavaScript, which comes as one of two types.
func number(v any) float64 {
	switch n := v.(type) {
	case int:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

// wellFormed is JSON of QuickJS as the parent accepts it: half characters, which
// JavaScript escapes, become U+FFFD.
func wellFormed(s string) json.RawMessage {
	b := []byte(s)
	const escape = len(`\ud800`)
	for i := 0; i+escape <= len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] == 'u' && b[i+2] == 'd' && b[i+3] >= '8' {
			copy(b[i:], `\ufffd`)
		}
		i++ // what is escaped
	}
	return b
}
