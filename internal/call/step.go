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

	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// CheckStep checks a write whose arguments may hold placeholders, as a call of the tool
// would be checked, and says what it would do. It sends reads only, and reads no object
// whose id is a placeholder. Fields are the names that its answer can have, nil if they
// are not known.
//
// The Arguments of the step are the given ones after conversion and with ids for names,
// as the write would have them. An error that the caller can correct is a *CallError.
func (r *Runner) CheckStep(ctx context.Context, name string, arguments []byte) (step plan.Step, fields []string, err error) {
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
	one.data = &data{planned: true}
	client := r.clientFor(ctx)
	bound, about, note, end, err := one.check(ctx, client, b, arguments)
	switch {
	case err != nil:
		return step, nil, err
	case end != nil:
		end.Text = printed.Replace(end.Text)
		return step, nil, r.callError(client, name, *end)
	}
	step = plan.Step{
		Operation: name, Irreversible: b.Tool().Irreversible,
		Destructive: b.Tool().Irreversible || about.asks && (r.Confirm == ConfirmAlways || !about.OnlyAdds()),
		Words:       shownWords(client, about.Words(), note), Later: shownWords(client, about.Later(), note),
		About: about.About.About(),
	}
	if step.Arguments, err = plan.Canonical(bound.Arguments()); err != nil {
		return step, nil, fmt.Errorf("arguments of %s: %w", name, err)
	}
	var before []string
	if state := about.State(); about.asks || about.Replaces() {
		before = append(before, state)
	}
	if len(bound.Named) > 0 { // a name may be that of another object by then
		before = append(before, string(step.Arguments))
	}
	if all := strings.Join(before, ""); all != "" {
		sum := sha256.Sum256([]byte(all))
		step.Before = hex.EncodeToString(sum[:])
	}
	return step, answerFields(b.Tool()), nil
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

// printed writes placeholders as people read them.
var printed = strings.NewReplacer(string(plan.Open), "<", string(plan.Close), ">")

// isNew tells whether all that a call does not know are answers of writes that make
// something: nothing has to do with that yet.
func isNew(bound *tools.Call) bool {
	for i, part := range strings.Split(string(bound.Arguments()), string(plan.Open)) {
		if i > 0 && !strings.HasPrefix(part, "create_") {
			return false
		}
	}
	return true
}

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
