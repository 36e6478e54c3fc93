package call

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// CheckAgain is CheckStep for a step that is about to be made: it reads the state as it
// is now. The step has no words.
func (r *Runner) CheckAgain(ctx context.Context, name string, arguments []byte) (plan.Step, error) {
	step, _, err := r.checkStep(ctx, name, arguments, true)
	return step, err
}

// CheckStep checks a write whose arguments may hold placeholders, as a call of the tool
// would be checked, and says what it would do. It sends reads only, and reads no object
// whose id is a placeholder. Fields are the names that its answer can have, nil if they
// are not known.
//
// The Arguments of the step are the given ones after conversion and with ids for names,
// as the write would have them. An error that the caller can correct is a *CallError.
func (r *Runner) CheckStep(ctx context.Context, name string, arguments []byte) (step plan.Step, fields []string, err error) {
	return r.checkStep(ctx, name, arguments, false)
}

func (r *Runner) checkStep(ctx context.Context, name string, arguments []byte, again bool) (step plan.Step, fields []string, err error) {
	b, err := r.binder(name)
	if err != nil {
		return step, nil, err
	}
	if b.Tool().Hints.ReadOnly {
		return step, nil, fmt.Errorf("%s reads, and is no step of a plan", name)
	}
	if r.Memory != nil && memory.From(ctx) == nil { // a script holds it until it has the answer
		var release func()
		ctx, release = r.Memory.With(ctx)
		defer release()
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	one := *r
	one.data = &data{planned: true, again: again}
	client := r.clientFor(ctx)
	bound, about, note, end, err := one.check(ctx, client, b, arguments)
	switch {
	case err != nil:
		return step, nil, err
	case end != nil:
		end.Text = plan.Unmark(end.Text)
		return step, nil, r.callError(client, name, *end)
	}
	step = plan.Step{
		Operation: name, Irreversible: b.Tool().Irreversible,
		Destructive: b.Tool().Irreversible || about.asks && (r.Confirm == ConfirmAlways || !about.OnlyAdds()),
		Targets:     targets(bound), //nolint:contextcheck // short arguments are read
	}
	if !again {
		step.Words, step.Later = shownWords(client, about.Words(), note), shownWords(client, about.Later(), note)
		step.About = about.About.About()
	}
	if step.Arguments, err = plan.Canonical(bound.Arguments()); err != nil {
		return step, nil, fmt.Errorf("arguments of %s: %w", name, err)
	}
	if about.asks || about.Replaces() {
		step.Before = digest(append([]string{about.State()}, about.access...))
		step.Reach = digest(about.reach)
	}
	step.Uncertain = step.Destructive || step.Before != "" || bound.Asks() != nil || unknown(string(step.Arguments))
	return step, answerFields(b.Tool()), nil
}

// digest is one of texts, "" if there are none.
func digest(texts []string) string {
	all := strings.Join(texts, "\n")
	if all == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(all))
	return hex.EncodeToString(sum[:])
}

// targets are the ids of the objects that a call changes: those of its path, or else
// those that its arguments have as an id.
func targets(bound *tools.Call) (ids []string) {
	for _, id := range bound.PathArguments() {
		ids = append(ids, id)
	}
	if len(ids) > 0 {
		return ids
	}
	arguments, err := jsonvalue.Parse(bound.Arguments())
	if err != nil {
		return nil
	}
	var visit func(v *jsonvalue.Value)
	visit = func(v *jsonvalue.Value) {
		for i := range v.Parts {
			part := &v.Parts[i]
			if id := part.Str(); id != "" && v.Kind == jsonvalue.Object && isID(v.Names[i]) {
				ids = append(ids, id)
			}
			visit(part)
		}
	}
	visit(&arguments)
	return ids
}

// isID tells whether a field is called as one that holds an id.
func isID(name string) bool {
	return name == "id" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "Id")
}

// check is what becomes of a write before it is sent, without a question. A Result
// refuses it.
func (r *Runner) check(ctx context.Context, client *retool.Client, b *tools.Binder, arguments []byte) (bound *tools.Call, about subject, note string, end *result.Result, err error) {
	refused := func(err error) (*tools.Call, subject, string, *result.Result, error) {
		outcome, err := argumentFailure(err)
		return nil, about, "", &outcome, err
	}
	if r.ReadOnly {
		return nil, about, "", refusal(refusedReadOnly, b.Tool().Name), nil
	}
	arguments, named, end := r.findIDs(ctx, client, b, arguments)
	if end != nil {
		return nil, about, "", end, nil
	}
	if bound, err = r.bound(ctx, b, arguments); err != nil {
		return refused(err)
	}
	bound.Named = named
	if bound.Controls.DryRun {
		return nil, about, "", refusal(refusedDryRun, tools.ArgDryRun), nil
	}
	if note, end = r.knowsArguments(ctx, client, bound); end != nil {
		return nil, about, "", end, nil
	}
	if _, _, err := r.fill(bound); err != nil {
		return refused(err)
	}
	s, end := r.reserveSecret(b.Tool())
	s.discard()
	if end != nil {
		return nil, about, "", end, nil
	}
	about, end = r.about(ctx, client, bound.Masked())
	return bound, about, note, end, nil
}

// bound binds arguments, which may hold placeholders if they are those of a step.
func (r *Runner) bound(ctx context.Context, b *tools.Binder, arguments []byte) (*tools.Call, error) {
	if r.data != nil && r.data.planned {
		return b.BindPlanned(ctx, arguments, unknown)
	}
	return b.BindContext(ctx, arguments)
}

// unknown tells whether a text is, or has in it, a value that a plan does not know.
func unknown(text string) bool { return strings.ContainsRune(text, plan.Open) }

func shownWords(client *retool.Client, w result.Words, note string) plan.Words {
	shown := func(lines []string) (out []string) {
		for _, line := range lines {
			out = append(out, client.Shown(line))
		}
		return out
	}
	if note != "" {
		w.Changes = append(w.Changes, note)
	}
	return plan.Words{Title: w.Title, Objects: shown(w.Objects), Changes: shown(w.Changes), Undo: w.Undo}
}

// answerFields are the names that the answer of a tool has by its documentation, and
// those within it where it is one object in another; nil if it can have others.
func answerFields(t *tools.Tool) []string {
	if t.Answer.List || t.Answer.Schema == "" {
		return nil
	}
	fields, closed := fieldsIn([]byte(t.Answer.Schema))
	if !closed || len(fields) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(fields))
	if len(names) == 1 {
		inner, closed := fieldsIn(fields[names[0]])
		if !closed || len(inner) == 0 {
			return nil
		}
		names = slices.Concat(names, slices.Sorted(maps.Keys(inner)))
	}
	return names
}

// fieldsIn are the fields that a schema names, and whether there are no others.
func fieldsIn(schema []byte) (fields map[string]json.RawMessage, closed bool) {
	var s struct {
		Ref                  string                     `json:"$ref"`
		Properties           map[string]json.RawMessage `json:"properties"`
		AdditionalProperties json.RawMessage            `json:"additionalProperties"`
		PatternProperties    json.RawMessage            `json:"patternProperties"`
		AnyOf, OneOf, AllOf  []json.RawMessage
	}
	if json.Unmarshal(schema, &s) != nil || s.Ref != "" || s.PatternProperties != nil || s.AdditionalProperties != nil && string(s.AdditionalProperties) != "false" {
		return nil, false
	}
	fields = maps.Clone(s.Properties)
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	for _, branch := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		more, closed := fieldsIn(branch)
		if !closed {
			return nil, false
		}
		maps.Copy(fields, more)
	}
	return fields, true
}
