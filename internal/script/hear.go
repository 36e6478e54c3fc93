package script

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

var errGarbage = errors.New("it sent what is no message")

// heard is what a child has sent so far.
type heard struct {
	id, calls, messages, saves, kept int
	logged, lines, unlogged          int
}

// hear handles a message of the child, and reports whether it was the last one.
func (s *session) hear(body []byte) (last bool, err error) {
	m, err := readMessage(body)
	if err != nil || len(body)-len(m.Args) > maxHead {
		return false, errGarbage
	}
	h := &s.heard
	if m.Kind != wire.Call {
		if h.messages++; h.messages > maxMessages {
			s.stop(fmt.Sprintf("the script slept or logged more than %d times", maxMessages))
			return false, nil
		}
	}
	switch m.Kind {
	case wire.Call, wire.Clock, wire.Save:
		if m.ID <= h.id {
			return false, errGarbage
		}
		h.id = m.ID
	}
	switch m.Kind {
	case wire.Call:
		s.hearCall(&m)
	case wire.Clock:
		// A child that does not read must not keep this from reading.
		go func() { s.send(wire.Reply{ID: m.ID, Clock: s.freeze(s.reads).UnixMilli()}) }()
	case wire.Log:
		s.log(m.Text)
	case wire.Save:
		s.save(&m)
	case wire.Ended, wire.Done, wire.Failed:
		return true, s.end(&m)
	default:
		return false, errGarbage
	}
	return false, nil
}

// readMessage reads a message, whose Args stay part of the body.
func readMessage(body []byte) (m wire.Message, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true)) // halves of characters are texts of JavaScript
	if _, err := dec.ReadToken(); err != nil {
		return m, err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return m, err
		}
		isArgs := name.String() == "args"
		value, err := dec.ReadValue()
		if err != nil {
			return m, err
		}
		if isArgs {
			end := int(dec.InputOffset())
			start := end - len(value)
			err = json.Unmarshal(slices.Concat(body[:start], []byte("null"), body[end:]), &m)
			m.Args = body[start:end:end]
			return m, err
		}
	}
	err = json.Unmarshal(body, &m)
	return m, err
}

// hearCall puts a call under way. It waits while too many are.
func (s *session) hearCall(m *wire.Message) {
	if s.writes.Err() != nil { // the time is over
		return
	}
	if s.heard.calls++; s.heard.calls > MaxCalls {
		s.stop(fmt.Sprintf(wire.TooManyCalls, MaxCalls))
		return
	}
	size := jsonvalue.SizeOf(m.Args)
	j := job{invocation: invocation{id: m.ID, name: m.Name, line: m.Line}, weight: size.Bytes + valueWeight*size.Values}
	var err error
	f, known := s.functions[m.Name]
	switch {
	case !known:
		j.name = text.Name(m.Name)
		err = fmt.Errorf("there is no operation %s", text.Name(m.Name))
	case f.Instead != "":
		err = errors.New(f.Instead)
	case f.Writes && s.mode == wire.Query:
		err = fmt.Errorf("Not sent: %s writes, and query_script only reads. Use run_script.", m.Name) //nolint:revive,staticcheck // sentences for the agent
	case j.weight > windowWeight:
		err = fmt.Errorf("Not sent: the arguments of %s are too large", m.Name) //nolint:staticcheck // as above
	default:
		if j.args, err = plan.Canonical(bytes.Clone(m.Args)); err != nil {
			err = fmt.Errorf("Not sent: %w", err) //nolint:staticcheck // as above
		}
	}
	switch {
	case err != nil:
		j.weight = 0
		j.answer = fails(&Failure{Operation: text.Name(m.Name), Message: err.Error()})
	default:
		var stop string
		j.writes = f.Writes
		if j.answer, stop = s.policy.decide(&j.invocation); stop != "" {
			s.stop(stop)
			return
		}
	}
	if s.calls.Acquire(s.reads, 1) != nil || s.weight.Acquire(s.reads, j.weight) != nil {
		return // the script is over
	}
	j.holds, s.holds = s.holds, 0
	s.jobs <- j
}

// fails is the answer to a call that is not made.
func fails(f *Failure) answer {
	return func(context.Context) (wire.Reply, error) { return wire.Reply{}, f }
}

// freeze returns the script's clock, which stands still once it was read: the time of
// the API, asked for once if no answer had it yet.
func (s *session) freeze(ctx context.Context) time.Time {
	s.freezing.Lock()
	defer s.freezing.Unlock()
	s.mu.Lock()
	clock := cmp.Or(s.clock, s.date)
	s.mu.Unlock()
	if clock.IsZero() {
		if clock = s.host.Now(ctx); clock.IsZero() {
			clock = s.r.o.Now()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = clock
	return clock
}

func (s *session) log(line string) {
	h := &s.heard
	if h.lines == maxConsole || h.logged > maxLogged {
		h.unlogged++
		return
	}
	line = text.Clip(plan.Unmark(line), maxLine)
	h.lines++
	h.logged += len(line)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Console = append(s.out.Console, line)
}

// save writes rows, one file at a time. In a plan no file is written, since the apply
// would write it again.
func (s *session) save(m *wire.Message) {
	saved := Saved{Name: text.Clip(plan.Unmark(m.Name), maxNote), Rows: rowsOf(m.Args)}
	reply := wire.Reply{ID: m.ID}
	var failure *Failure
	var err error
	if s.heard.saves++; s.heard.saves > maxSaves {
		err = &Failure{Message: fmt.Sprintf("Not saved: a script saves at most %d files", maxSaves)}
	} else if len(m.Name) > MaxFileName {
		err = &Failure{Message: fmt.Sprintf("Not saved: the name of the file has more than %d bytes", MaxFileName)}
	} else if s.mode != wire.Plan {
		_, err = s.guarded(s.reads, &job{answer: func(ctx context.Context) (wire.Reply, error) {
			var err error
			saved.Path, err = s.host.Save(ctx, m.Name, m.Args)
			return wire.Reply{}, err
		}})
	}
	switch {
	case errors.Is(err, ErrNoFolder):
		if s.heard.kept += len(m.Args); s.heard.kept > maxKept {
			reply.Error = &wire.Error{Message: "Not saved: there is no export folder, and the rows are too many to return", Operation: "save", Line: m.Line}
		} else {
			saved.Content = []byte(plan.Unmark(string(m.Args))) // not the whole message
		}
	case errors.As(err, &failure):
		reply.Error = &wire.Error{Message: failure.Message, Operation: "save", Line: m.Line}
	case err != nil:
		s.stop(fmt.Sprintf("%s could not be saved: %v", text.Name(m.Name), err))
		return
	}
	if reply.Error == nil {
		reply.Value = jsonvalue.AppendQuote(nil, saved.Path)
		s.mu.Lock()
		s.out.Saved = append(s.out.Saved, saved)
		s.mu.Unlock()
	}
	go s.send(reply)
}

// rowsOf counts the items of an array.
func rowsOf(rows []byte) int {
	dec := jsontext.NewDecoder(bytes.NewBuffer(rows))
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '[' {
		return 0
	}
	n := 0
	for dec.PeekKind() != ']' && dec.SkipValue() == nil {
		n++
	}
	return n
}

// end keeps the last message.
func (s *session) end(m *wire.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heard.unlogged > 0 {
		s.note(fmt.Sprintf("console.log: %d more lines are not kept", s.heard.unlogged))
	}
	for _, note := range m.Notes {
		s.note(note)
	}
	switch {
	case m.Kind == wire.Ended && s.mode == wire.Plan:
		s.ended = &wire.Error{Message: text.Clip(plan.Unmark(m.Text), maxNote), Line: m.Line}
	case m.Kind == wire.Failed && m.Error != nil:
		s.out.Error = m.Error
		s.out.Error.Message, s.out.Error.Operation = text.Clip(plan.Unmark(m.Error.Message), maxError), text.Clip(m.Error.Operation, maxNote)
		if s.mode == wire.Apply {
			s.drop.Store(true)
		}
	case m.Kind == wire.Done && (m.Form == wire.Nothing || m.Form == wire.Text || m.Form == wire.JSON):
		if len(m.Args) > maxReturned {
			s.out.Error = &wire.Error{Message: fmt.Sprintf("the script returned too much: %d bytes, of at most %d. Return less, or save(name, rows)", len(m.Args), maxReturned)}
			return nil
		}
		s.out.Form, s.out.Value = m.Form, []byte(plan.Unmark(string(m.Args)))
	default:
		return errGarbage
	}
	return nil
}

// note keeps a note for the reader of the result, once. The caller holds s.mu.
func (s *session) note(note string) {
	note = text.Clip(plan.Unmark(note), maxNote)
	hash := short(note)
	if _, known := s.noted[hash]; known || s.over {
		return
	}
	if s.noted == nil {
		s.noted = map[[16]byte]struct{}{}
	}
	s.noted[hash] = struct{}{}
	if len(s.out.Notes) < maxNotes {
		s.out.Notes = append(s.out.Notes, note)
	}
}

// tellNotes says how many notes are not kept.
func (s *session) tellNotes() {
	if more := len(s.noted) - maxNotes; more > 0 {
		s.out.Notes = append(s.out.Notes, fmt.Sprintf("%d more notes are left out", more))
	}
}
